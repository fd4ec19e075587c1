"""What is no longer as the state says: found by comparing it with what was observed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from roadbed.engine.domain import Change, Observed, Recorded
from roadbed.engine.planning.differences import ABSENT, changes, touches

DriftState: TypeAlias = Literal["changed", "gone", "unreadable"]


@dataclass(frozen=True, slots=True)
class DriftedResource:
    """A resource that is not as the state says. `outputs` are differences of outputs, `changes` of properties."""

    urn: str
    type: str
    name: str
    state: DriftState
    changes: tuple[Change, ...] = ()
    outputs: tuple[Change, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What the last look at the world found. `at` is None while nobody has looked.

    `serial` is that of the state it was compared with; `stale`: the state has changed since. `read` counts resources;
    `plan` is the number of the plan that takes the drift back, where one was made.
    """

    stack: str
    at: datetime | None = None
    by: str | None = None
    serial: int = 0
    read: int = 0
    plan: int | None = None
    items: tuple[DriftedResource, ...] = ()
    stale: bool = False

    @property
    def changed(self) -> int:
        return self._count("changed")

    @property
    def gone(self) -> int:
        return self._count("gone")

    @property
    def unreadable(self) -> int:
        return self._count("unreadable")

    def _count(self, state: DriftState) -> int:
        return sum(item.state == state for item in self.items)


def compare(state: Mapping[str, Recorded], observed: Mapping[str, Observed]) -> tuple[DriftedResource, ...]:
    """Those that differ, in the state's order. What the world doesn't show, and what is ignored, is no drift."""
    found = (_drifted(row, observed[key]) for key, row in state.items() if key in observed)
    return tuple(item for item in found if item is not None)


def _drifted(row: Recorded, seen: Observed) -> DriftedResource | None:
    if seen.error is not None:
        return DriftedResource(row.urn, row.type, row.name, "unreadable", error=seen.error)
    if seen.gone:
        return DriftedResource(row.urn, row.type, row.name, "gone")
    properties = tuple(_unignored(_differing(row.properties, seen.properties), row.options.ignore_changes))
    outputs = _differing(row.outputs, seen.outputs)
    if not properties and not outputs:
        return None
    return DriftedResource(row.urn, row.type, row.name, "changed", properties, outputs)


def _differing(recorded: Mapping[str, Any], seen: Mapping[str, Any]) -> tuple[Change, ...]:
    before = {name: value for name in seen if (value := recorded.get(name, ABSENT)) is not ABSENT}
    return changes(before, seen)


def _unignored(found: Sequence[Change], ignored: Sequence[str]) -> Iterator[Change]:
    return (change for change in found if not any(touches(change.path, pattern) for pattern in ignored))
