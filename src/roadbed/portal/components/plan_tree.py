"""A plan as people read it: what happens to which resource, grouped by the part of the stack it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from roadbed.engine.domain import Action, Change, Plan, Step
from roadbed.policy.domain import Verdict
from roadbed.portal.formatting import shown

SIGNS: dict[Action, str] = {"create": "+", "update": "~", "replace": "±", "delete": "−", "none": "·"}
WORDS: dict[Action, str] = {
    "create": "create",
    "update": "change",
    "replace": "replace",
    "delete": "delete",
    "none": "unchanged",
}
_SECRET = "••••••"  # noqa: S105  (what is shown in place of one)
_UNKNOWN = "(known after apply)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One property. `before` and `after` are None where there is nothing on that side."""

    path: str
    before: str | None
    after: str | None
    secret: bool
    replaces: bool


@dataclass(frozen=True, slots=True)
class PlanRow:
    urn: str
    name: str
    type: str
    action: Action
    sign: str
    word: str
    differences: tuple[Difference, ...]
    interrupting: bool
    source: str | None
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """`title` is the component path: `web`, `web/db`, or the stack's own name for what belongs to all of it."""

    title: str
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class PlanTree:
    number: int
    digest: str
    counts: tuple[tuple[Action, str, int], ...]
    groups: tuple[PlanGroup, ...]
    unchanged: tuple[PlanRow, ...]


def plan_tree(plan: Plan) -> PlanTree:
    rows = [(_component(step.urn, plan.stack), _row(step, plan.verdicts)) for step in plan.steps]
    changing = sorted((pair for pair in rows if pair[1].action != "none"), key=lambda pair: pair[0])
    groups = tuple(
        PlanGroup(title, tuple(row for _, row in pairs)) for title, pairs in groupby(changing, key=lambda pair: pair[0])
    )
    counts = tuple((action, word, plan.summary[action]) for action, word in WORDS.items())
    unchanged = tuple(row for _, row in rows if row.action == "none")
    return PlanTree(plan.number, plan.digest, counts, groups, unchanged)


def _component(urn: str, stack: str) -> str:
    """`orders@dev/web/db#postgres:Database` → `web`: all but the stack and the resource's own name."""
    path = urn.partition("#")[0].split("/")[1:-1]
    return "/".join(path) or stack


def _row(step: Step, verdicts: Sequence[Verdict]) -> PlanRow:
    source = step.source
    place = None if source is None else source.file + (f":{source.line}" if source.line else "")
    return PlanRow(
        urn=step.urn,
        name=step.name,
        type=step.type,
        action=step.action,
        sign=SIGNS[step.action],
        word=WORDS[step.action],
        differences=tuple(_difference(change) for change in step.changes),
        interrupting=step.interrupting,
        source=place,
        verdicts=tuple(verdict for verdict in verdicts if verdict.resource == step.urn),
    )


def _difference(change: Change) -> Difference:
    before = None if change.before is None else shown(change.before)
    after = None if change.after is None else shown(change.after)
    if change.secret:
        after = f"{_SECRET} (a value that is kept secret)"
    elif change.unknown:
        after = _UNKNOWN
    return Difference(change.path, before, after, change.secret, change.replaces)
