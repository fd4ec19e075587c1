"""What stacks hold, and what a plan will leave of that. Pure.

Both say resources as they are recorded: secrets as fingerprints, what is not known yet as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from roadbed.engine.domain import Action, Recorded, Source, Step
from roadbed.sdk.policies import PlannedResource

_MADE: frozenset[Action] = frozenset({"create", "update", "replace", "adopt", "import"})
_GONE: frozenset[Action] = frozenset({"delete", "retain"})


@dataclass(frozen=True, slots=True)
class Holding:
    """What a stack holds, by key. `coming` is what the plan will leave that is being applied, empty if none is."""

    stack: str
    now: Mapping[str, PlannedResource]
    coming: Mapping[str, PlannedResource] = field(default_factory=dict)


def held_now(rows: Mapping[str, Recorded]) -> dict[str, PlannedResource]:
    """What is the platform's own of a state: neither components nor what is only looked at."""
    return {
        key: PlannedResource(row.urn, row.type, row.name, row.properties, source_of(row.source), row.kind)
        for key, row in rows.items()
        if row.kind == "managed"
    }


def held_after(steps: Iterable[Step], rows: Mapping[str, Recorded]) -> dict[str, PlannedResource]:
    """The same, once the steps of a plan for this state have been taken."""
    found = held_now(rows)
    for step in steps:
        if step.moved_from is not None and step.moved_from != step.key and step.moved_from in found:
            found[step.key] = found.pop(step.moved_from)
        if step.action in _GONE:
            found.pop(step.key, None)
        elif step.action in _MADE and step.kind == "managed":
            source = source_of(step.source)
            found[step.key] = PlannedResource(step.urn, step.type, step.name, step.after, source, step.kind)
    return found


def source_of(source: Source | None) -> dict[str, Any] | None:
    return {"file": source.file, "line": source.line} if source else None
