"""What stands in the state for what was begun and may not have ended: the next plan puts it right. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace as altered
from datetime import datetime
from functools import lru_cache
from typing import Any

from roadbed.engine.applying.rows import Entry
from roadbed.engine.applying.unsure import unsure
from roadbed.engine.domain import Plan, Recorded, Step
from roadbed.engine.planning.differences import changes
from roadbed.engine.planning.schedule import schedule
from roadbed.providers.driver import ResourceType


def token(plan: Plan, urn: str) -> str:
    """What a creation by this plan is found again by, 32 hex digits: the same at every attempt, and no other plan's.

    A stack that was destroyed and is made again counts its plans from 1 again: the moment tells them apart.
    """
    made = _moment(plan.created_at)
    return hashlib.sha256(f"{plan.stack}\0{urn}\0{plan.number}\0{made}".encode()).hexdigest()[:32]


@lru_cache(maxsize=8)
def _moment(at: datetime) -> str:
    """Remembered, since one plan has many creations."""
    return f"{at.timestamp():.6f}"


def deposed_key(plan: Plan) -> str:
    """The key of what this plan replaces, or failed to put in its place: one plan does it to a resource once."""
    return str(plan.number)


def half_made(plan: Plan, step: Step, token: str, id: str = "", *, replacing: bool) -> Recorded:
    """A creation that failed: it may have left something. What it was to replace without a gap stays in force."""
    return Recorded(
        urn=step.urn,
        type=step.type,
        name=step.name,
        id=id,
        properties=step.after,
        depends_on=step.depends_on,
        source=step.source,
        broken=True,
        options=step.options,
        token=token,
        deposed=deposed_key(plan) if replacing and step.order == "create_first" else "",
    )


def stands_in_the_way(step: Step, broken: Recorded, wanted: Mapping[str, Any], type: ResourceType) -> bool:
    """Whether what an earlier attempt left can't become what is wanted now, as it is recorded: it is deleted first."""
    by_type = (name for name, rule in type.properties.items() if rule.replace)
    different = changes(broken.properties, wanted, (*by_type, *step.options.replace_on_changes))
    return broken.options.provider != step.options.provider or any(change.replaces for change in different)


def left_behind(
    plan: Plan, begun: Collection[str], state: Mapping[str, Recorded], types: Mapping[str, ResourceType]
) -> list[Entry]:
    """What an apply that nobody takes up may have made, or not undone: rows that the next plan puts right."""
    entries: list[Entry] = []
    for effect in schedule(plan):
        step = effect.step
        if step is None or effect.key not in begun or step.kind == "component":
            continue
        row = state.get(step.key)
        old = None
        if effect.do == "create" and (row is None or not row.broken):
            row = half_made(plan, step, token(plan, step.urn), replacing=row is not None)
        elif effect.do == "create" and row is not None and stands_in_the_way(step, row, step.after, types[step.type]):
            old = altered(row, deposed=deposed_key(plan))  # it may be there still, or the new one in its place
            row = half_made(plan, step, token(plan, step.urn), replacing=False)
        elif effect.do in ("create", "update") and row is not None:
            row = altered(row, properties=unsure(row.properties, step.after))
        elif effect.do == "delete" and row is not None:
            row = altered(row, broken=True)
        else:
            continue
        rows = {one.key: one for one in (row, old) if one is not None}
        entries.append(Entry(effect.key, row.urn, row.deposed, effect.do, "failed", rows=rows))
    return entries
