"""What a provider answers, held against its type: what is read, and how large a row may be."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.applying.answers import MAX_ROW, check, check_read, check_row, known_id
from roadbed.engine.domain import Recorded
from roadbed.engine.errors import BadAnswer
from roadbed.kit.errors import TooLarge
from roadbed.providers.driver import Actual, ResourceType

SECRET = "hunter2"
TYPE = ResourceType("test:Thing", "A thing.", {}, outputs={"value": "Anything."})


def test_a_row_is_at_most_4_mb() -> None:
    half = "x" * (MAX_ROW // 2)
    check_row(Recorded("a", "test:Thing", "a", "id", {"value": half}))
    with pytest.raises(TooLarge, match="a is over 4,000,000 bytes with all that it was given and its outputs"):
        check_row(Recorded("a", "test:Thing", "a", "id", {"value": half}, outputs={"value": half}))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "no identity"),
        (Actual(""), "no identity"),
        (Actual("id", []), "not maps"),  # type: ignore[arg-type]  # a lie
        (Actual("id", properties=["no"]), "not maps"),  # type: ignore[arg-type]  # a lie
        (Actual("id", {"value": object()}), "nothing that JSON can hold"),
        (Actual("id", {"value": "x" * MAX_ROW}), "over 4,000,000 bytes"),
        (Actual("id", {"value": [SECRET]}), "the output 'value' is plain and holds a secret"),
        (Actual(SECRET), "its id holds a secret"),
    ],
)
def test_what_is_read_is_refused(answer: Any, why: str) -> None:
    with pytest.raises(BadAnswer, match=why) as refused:
        check_read(answer, TYPE, [SECRET])
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("told", ["", "abc", "other"])
def test_short_secrets_are_left(told: str) -> None:
    check(Actual("id", {"value": "abcdef"}), TYPE, [told])


def test_an_empty_id_is_none() -> None:
    with pytest.raises(BadAnswer, match="its id is empty"):
        check(Actual("", {"value": 1}), TYPE)


def test_an_id_that_holds_a_secret_is_not_kept() -> None:
    assert known_id(Actual("id-1")) == "id-1"
    assert known_id(Actual(f"id-of-{SECRET}"), [SECRET]) == ""
