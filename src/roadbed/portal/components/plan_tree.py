"""A plan as people read it: what happens to which resource, grouped by the part of the stack it belongs to.

A plan of thousands of steps is not shown row by row: its groups say how many of each kind there are, and each kind's
rows are fetched a page at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TypeAlias

from roadbed.engine.domain import Action, Plan, Rewrite, Source, Step
from roadbed.policy.domain import Verdict
from roadbed.portal.components.grouping import titles
from roadbed.portal.components.plan_cost import PlanMoney, plan_money
from roadbed.portal.components.plan_diff import Difference, difference
from roadbed.portal.components.plan_progress import Progress, StepProgress
from roadbed.portal.components.plan_words import WORDS, Note, notes, sign, why, word
from roadbed.portal.formatting import path_of

LARGE = 150
"""Changing steps. A plan of more is shown by groups."""
PAGE = 100
"""Rows that are fetched at once of such a plan."""
_MOST_REWRITES = 100

Verdicts: TypeAlias = Mapping[str, Sequence[Verdict]]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a policy put right before the plan was made."""

    policy: str
    message: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """`state` is None unless the plan is being applied, or was. `cost` is what it adds to the bill: `+1.96`."""

    key: str
    name: str
    path: str
    type: str
    action: Action
    sign: str
    word: str
    differences: tuple[Difference, ...] = ()
    notes: tuple[Note, ...] = ()
    source: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    state: StepProgress | None = None
    error: str | None = None
    cost: str = ""

    @property
    def opens(self) -> bool:
        """Whether there is more to see than the row itself."""
        return bool(self.differences or self.verdicts or self.remedies or self.error)

    @property
    def open(self) -> bool:
        """What is made anew is known from its declaration; a change, and what a policy says, is what one looks for."""
        return bool(self.verdicts or self.remedies) or self.action != "create" or len(self.differences) <= 4


@dataclass(frozen=True, slots=True)
class Chunk:
    """Alike steps of a group of a large plan: its rows are fetched when it is opened."""

    group: str
    type: str
    action: Action
    sign: str
    word: str
    steps: tuple[Step, ...]

    @property
    def count(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """`title` is the component path: `web`, `net/subnets`, or the stack's name for what belongs to all of it."""

    title: str
    count: int
    rows: tuple[PlanRow, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class PlanTree:
    """`unchanged` are rows, unless there are many: then `unchanged_chunks`. `rewrites` are a name, and why;
    `notes` what is said, and where that was declared; `losing` what is deleted with the data in it. `verdicts` are
    those that stand in no row that is shown at once: on the plan as a whole, or on a step of a large plan.
    """

    counts: tuple[tuple[Action, str, int], ...]
    groups: tuple[PlanGroup, ...]
    unchanged: tuple[PlanRow, ...]
    unchanged_chunks: tuple[Chunk, ...]
    unchanged_count: int
    rewrites: tuple[tuple[str, str], ...]
    more_rewrites: int
    notes: tuple[tuple[str, str], ...]
    verdicts: tuple[Verdict, ...]
    large: bool
    losing: tuple[str, ...] = ()
    money: PlanMoney | None = None


def plan_tree(plan: Plan, progress: Progress | None = None) -> PlanTree:
    make = _Rows(plan, progress)
    large = len(plan.changing) > LARGE
    same = [step for step in plan.steps if step.action == "none"]
    many = len(same) > LARGE
    rewrites = [(path_of(one.urn), why(one)) for one in _noticed(plan)]
    return PlanTree(
        counts=tuple((action, text, plan.summary[action]) for action, text in WORDS.items()),
        groups=tuple(_group(title, steps, make, large=large) for title, steps in _grouped(plan.changing, plan.stack)),
        unchanged=() if many else tuple(make.row(step) for step in same),
        unchanged_chunks=chunks("", same) if many else (),
        unchanged_count=len(same),
        rewrites=tuple(rewrites[:_MOST_REWRITES]),
        more_rewrites=max(0, len(rewrites) - _MOST_REWRITES),
        notes=tuple((note.message, _place_of(note.source)) for note in plan.notes),
        verdicts=tuple(_elsewhere(plan, large=large)),
        large=large,
        losing=tuple(path_of(step.urn) for step in plan.steps if step.loses_data),
        money=make.money,
    )


def _elsewhere(plan: Plan, *, large: bool) -> Iterator[Verdict]:
    """The verdicts that no open row tells."""
    shown = set() if large else {step.urn for step in plan.changing}
    return (verdict for verdict in plan.verdicts if verdict.resource not in shown)


def _place_of(source: Source | None) -> str:
    return f"{source.file}:{source.line}" if source else ""


def page_of(
    plan: Plan, group: str, type_: str, action: str, start: int, progress: Progress | None = None
) -> tuple[tuple[PlanRow, ...], int | None]:
    """A page of the rows of a chunk, and where the next one starts."""
    make = _Rows(plan, progress)
    found = [step for step in _steps_of(plan, group) if (step.type, step.action) == (type_, action)]
    rows = tuple(make.row(step) for step in islice(found, start, start + PAGE))
    return rows, start + PAGE if start + PAGE < len(found) else None


def chunks(group: str, steps: Iterable[Step]) -> tuple[Chunk, ...]:
    alike = sorted(steps, key=_kind_of)
    made = []
    for (_, type_), some in groupby(alike, key=_kind_of):
        found = tuple(some)
        first = found[0]
        made.append(Chunk(group, type_, first.action, sign(first), WORDS[first.action], found))
    return tuple(made)


class _Rows:
    """What rows are made with."""

    def __init__(self, plan: Plan, progress: Progress | None) -> None:
        self.progress, self.money = progress, plan_money(plan)
        self._costs = (self.money.changes if self.money else None) or {}
        self._verdicts: dict[str, list[Verdict]] = {}
        for verdict in plan.verdicts:
            self._verdicts.setdefault(verdict.resource, []).append(verdict)
        self._remedies: dict[str, list[Remedy]] = {}
        for one in plan.remediations:
            remedy = Remedy(one.policy, one.message, tuple(difference(change) for change in one.changes))
            self._remedies.setdefault(one.resource, []).append(remedy)

    def row(self, step: Step) -> PlanRow:
        source, progress = step.source, self.progress
        state = None if progress is None or step.action == "none" else progress.state(step)
        return PlanRow(
            key=step.key,
            name=step.name,
            path=path_of(step.urn),
            type=step.type,
            action=step.action,
            sign=sign(step),
            word=word(step),
            differences=tuple(difference(change) for change in step.changes),
            notes=tuple(notes(step)),
            source=None if source is None else source.file + (f":{source.line}" if source.line else ""),
            verdicts=tuple(self._verdicts.get(step.urn, ())),
            remedies=tuple(self._remedies.get(step.urn, ())),
            state=state,
            error=None if progress is None else progress.errors.get(step.key),
            cost=self._costs.get(step.urn, ""),
        )


def _group(title: str, steps: Sequence[Step], make: _Rows, *, large: bool) -> PlanGroup:
    states = [make.progress.state(step) for step in steps] if make.progress else []
    return PlanGroup(
        title,
        len(steps),
        rows=() if large else tuple(make.row(step) for step in steps),
        chunks=chunks(title, steps) if large else (),
        done=states.count("succeeded"),
        failed=states.count("failed"),
    )


def _grouped(steps: Sequence[Step], stack: str) -> list[tuple[str, list[Step]]]:
    title = titles([step.urn for step in steps], stack)
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(title(step.urn), []).append(step)
    return sorted(found.items(), key=lambda pair: (pair[0] != stack, pair[0]))


def _steps_of(plan: Plan, group: str) -> Sequence[Step]:
    if not group:
        return [step for step in plan.steps if step.action == "none"]
    title = titles([step.urn for step in plan.changing], plan.stack)
    return [step for step in plan.changing if title(step.urn) == group]


def _kind_of(step: Step) -> tuple[int, str]:
    return list(WORDS).index(step.action), step.type


def _noticed(plan: Plan) -> list[Rewrite]:
    """Of resources that nothing else is done to. That a row only got other options would tell nobody anything."""
    told = {step.urn for step in plan.changing}
    return [one for one in plan.rewrites if one.urn not in told and (one.gone or one.was != one.urn or _found(one))]


def _found(rewrite: Rewrite) -> bool:
    return rewrite.properties is not None or rewrite.outputs is not None
