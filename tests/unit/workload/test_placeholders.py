"""Score's `$` language, by the specification's pattern."""

from __future__ import annotations

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import Place
from roadbed.workload.placeholders import Reference, as_text, metadata_value, parse

HERE = Place("score.yaml", 3, 7)
VALUES = {"db.host": "db.local", "db.port": 5432, "db.tags": ["a", "é"], "db.on": True}


def _lookup(reference: Reference) -> object:
    return VALUES[".".join(reference.path)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${resources.db.host}", "db.local"),
        ("postgres://${resources.db.host}:${resources.db.port}/x", "postgres://db.local:5432/x"),
        ("${resources.db.tags}", '["a","é"]'),
        ("${resources.db.on}", "true"),
        ("$HOME", "$HOME"),
        ("$", "$"),
        ("$$HOME", "$HOME"),
        ("$${resources.db.host}", "${resources.db.host}"),
        ("$$${resources.db.host}", "$db.local"),
        ("$$$$", "$$"),
        ("a $$ b } c $$", "a $ b } c $"),
        ("${resources.db.host", "${resources.db.host"),
        ("$${anything at all}", "${anything at all}"),
    ],
)
def test_a_text_resolves(text: str, expected: str) -> None:
    parts = parse(text, HERE).parts
    assert "".join(part if isinstance(part, str) else as_text(_lookup(part)) for part in parts) == expected


def test_an_escaped_dot_separates_nothing() -> None:
    (reference,) = parse(r"${metadata.annotations.a\.b/c}", HERE).references
    assert reference.path == ("annotations", "a.b/c")
    assert metadata_value({"annotations": {"a.b/c": "1"}}, reference) == "1"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${resource.db.host}", "${resource.db.host} refers to 'resource'", "did you mean 'resources'?"),
        ("${HOME}", "${HOME} refers to 'HOME'", "for the text itself write $${HOME}"),
        ("${}", "${} refers to ''", "for the text itself write $${}"),
        ("${resources.}", "${resources.} does not say which value", "write ${resources.NAME}"),
    ],
)
def test_a_wrong_reference_is_refused_with_its_place(text: str, message: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=r"^score\.yaml:3:7") as caught:
        parse(text, HERE)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_key_with_dots_is_offered_as_it_is_written() -> None:
    (reference,) = parse("${metadata.annotations.a.b/c}", HERE).references
    with pytest.raises(InvalidInput) as refused:
        metadata_value({"annotations": {"a.b/c": "1"}}, reference)
    assert refused.value.hint == r"known here: a\.b/c"
