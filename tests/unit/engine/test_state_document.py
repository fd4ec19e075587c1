"""An exported state is read back the same; one that was spoiled is refused with all that is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from roadbed.engine.domain import Export, Options, Recorded, Source
from roadbed.engine.state import document as state_document
from roadbed.kit.errors import InvalidInput

STACK = "orders@dev"
TYPES = ("test:Thing",)
A, B, BOX = (f"{STACK}/{path}" for path in ("a#test:Thing", "box/b#test:Thing", "box#acme:Box"))
ROWS = {
    A: Recorded(A, "test:Thing", "a", "1", {"value": {"$secret": "ab"}}, outputs={"id": "1"}, sealed={"key": "sealed"}),
    B: Recorded(
        B,
        "test:Thing",
        "b",
        "2",
        {"value": [1, None]},
        depends_on=frozenset({A}),
        source=Source("roadbed.py", 3),
        options=Options(protect=True, aliases=("x",), provider=A),
        token="t",
    ),
    BOX: Recorded(BOX, "acme:Box", "box", "", {}, depends_on=frozenset({B}), kind="component"),
}
EXPORTS = (Export(STACK, "url", "http://x"), Export(STACK, "key", None, "sealed too"))


def document() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(json.dumps(state_document.write(STACK, 7, ROWS, EXPORTS)))
    return written


def read(found: dict[str, Any], *, opens: bool = True) -> state_document.State:
    return state_document.read(found, STACK, TYPES, lambda sealed, context: opens)


def test_what_was_written_is_read() -> None:
    found = read(document())
    assert (dict(found.rows), found.exports) == (ROWS, EXPORTS)


def spoil(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    found = document()
    change(found)
    return found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(version=2), "version 2 can't be read"),
        (lambda d: d.pop("version"), "version None can't be read"),
        (lambda d: d.update(stack="other@dev"), "this is the state of other@dev"),
        (lambda d: d.update(more=1), "this is no state document"),
        (lambda d: d["resources"][0].update(properties=[]), r"this is no state document: .*resources\[0\]"),
        (lambda d: d["resources"][0].pop("id"), "missing required field `id`"),
        (lambda d: d["resources"][1].update(colour="red"), r"resources\[1\] has a field that is not known: 'colour'"),
        (lambda d: d["resources"][1]["options"].update(protekt=True), "its options has a field .*: 'protekt'"),
        (lambda d: d["exports"][0].pop("name"), "has no name"),
    ],
)
def test_a_document_that_is_none(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(spoil(change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["resources"].append(d["resources"][2]), "is there 2 times"),
        (lambda d: d["resources"].pop(0), f"{B} depends on {A}, which is not there"),
        (lambda d: d["resources"][1].update(urn="other@dev/box/b#test:Thing"), "is no URN of a test:Thing"),
        (lambda d: d["resources"][2].update(name="b"), "is no URN of a acme:Box named 'b'"),
        (lambda d: d["resources"][2].update(kind="managed"), "acme:Box of .* is not a resource type"),
        (lambda d: d["resources"][0].update(depends_on=[BOX]), "depend on each other in a circle"),
    ],
)
def test_a_state_that_can_not_be(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(spoil(change))
    said = [caught.value.message, *(problem.message for problem in caught.value.problems)]
    assert any(re.search(message, one) for one in said), said


def test_secrets_that_do_not_open_are_refused_together() -> None:
    with pytest.raises(InvalidInput) as caught:
        read(document(), opens=False)
    assert [problem.message.partition(" can't")[0] for problem in caught.value.problems] == [
        f"the secret output 'key' of {A}",
        "the secret export 'key'",
    ]
