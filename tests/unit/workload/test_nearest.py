"""What is said of a name that there is not: the one that was meant, or those that there are, but few enough to read."""

from __future__ import annotations

import pytest

from roadbed.workload.reader import nearest

MANY = ["no-public-storage", "no-public-databases", *(f"{letter}-{letter}" for letter in "abcdefghijklm")]


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("imge", ["image", "env"], "did you mean 'image'?"),
        ("zzz", ["image", "env"], "known here: env, image"),
        ("zzz", [], None),
    ],
)
def test_the_name_that_was_meant_or_those_that_there_are(name: str, known: list[str], hint: str | None) -> None:
    assert nearest(name, known) == hint


def test_of_many_names_those_stand_first_that_are_least_far() -> None:
    hint = nearest("public-exposure", MANY)
    assert hint is not None
    assert hint.startswith("known here: no-public-")
    assert hint.endswith(", and 3 more")
    assert hint.count(",") == 12
