"""What stands in the state for what was begun and may not have ended: the next plan puts it right. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace as altered
from datetime import datetime
from functools import lru_cache

from roadbed.engine.applying.rows import Entry
from roadbed.engine.applying.unsure import unsure
from roadbed.engine.domain import Plan, Recorded, Step
from roadbed.engine.planning.schedule import schedule


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


def left_behind(plan: Plan, begun: Collection[str], state: Mapping[str, Recorded]) -> list[Entry]:
    """What an apply that nobody takes up may have made, or not undone: rows that the next plan puts right."""
    entries: list[Entry] = []
    for effect in schedule(plan):
        step = effect.step
        if step is None or effect.key not in begun or step.kind == "component":
            continue
        row = state.get(step.key)
        if effect.do == "create" and (row is None or not row.broken):
            row = half_made(plan, step, token(plan, step.urn), replacing=row is not None)
        elif effect.do == "update" and row is not None:
            row = altered(row, properties=unsure(row.properties, step.after))
        elif effect.do == "delete" and row is not None:
            row = altered(row, broken=True)
        else:
            continue
        entries.append(Entry(effect.key, row.urn, row.deposed, effect.do, "failed", rows={row.key: row}))
    return entries
