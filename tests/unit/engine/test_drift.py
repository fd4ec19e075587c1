"""What counts as drift."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.domain import Change, Observed, Options, Recorded
from roadbed.engine.state.drift import DriftReport, compare

URN = "orders@dev/a#test:Thing"


def row(properties: dict[str, Any], *ignored: str, outputs: dict[str, Any] | None = None) -> Recorded:
    options = Options(ignore_changes=ignored)
    return Recorded(URN, "test:Thing", "a", "1", properties, outputs=outputs or {}, options=options)


@pytest.mark.parametrize(
    ("recorded", "seen", "found"),
    [
        ({"size": 1}, {"size": 1}, ()),
        ({"size": 1, "unshown": 2}, {"size": 1}, ()),
        ({"size": 1}, {"size": 2}, (Change("size", 1, 2),)),
        ({}, {"size": 2}, (Change("size", None, 2),)),
        ({"tags": {"a": 1, "b": 1}}, {"tags": {"a": 2}}, (Change("tags.a", 1, 2), Change("tags.b", 1, None))),
        (
            {"key": {"$secret": "ab"}},
            {"key": {"$secret": "cd"}},
            (Change("key", {"$secret": True}, {"$secret": True}, secret=True),),
        ),
    ],
)
def test_by_property(recorded: dict[str, Any], seen: dict[str, Any], found: tuple[Change, ...]) -> None:
    drifted = compare({URN: row(recorded)}, {URN: Observed(properties=seen)})
    assert tuple(change for item in drifted for change in item.changes) == found


def test_what_is_ignored_is_no_drift() -> None:
    seen = Observed(properties={"tags": {"a": 2}, "size": 2})
    (drifted,) = compare({URN: row({"tags": {"a": 1}, "size": 1}, "tags")}, {URN: seen})
    assert [change.path for change in drifted.changes] == ["size"]
    assert compare({URN: row({"size": 1}, "*")}, {URN: seen}) == ()


def test_outputs_drift_as_well() -> None:
    (drifted,) = compare({URN: row({}, outputs={"port": 1, "id": "x"})}, {URN: Observed(outputs={"port": 2})})
    assert drifted.outputs == (Change("port", 1, 2),)


def test_gone_unreadable_and_unread() -> None:
    gone, silent, unread = (f"orders@dev/{name}#test:Thing" for name in ("g", "s", "u"))
    state = {urn: Recorded(urn, "test:Thing", urn[11], "1", {}) for urn in (gone, silent, unread)}
    found = compare(state, {gone: Observed(gone=True), silent: Observed(error="no answer")})
    assert [(item.name, item.state, item.error) for item in found] == [
        ("g", "gone", None),
        ("s", "unreadable", "no answer"),
    ]
    report = DriftReport("orders@dev", items=found)
    assert (report.changed, report.gone, report.unreadable) == (0, 1, 1)
