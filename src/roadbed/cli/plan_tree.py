"""The steps of a plan as a tree of components and workloads, alike ones gathered. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadbed.client.models import PlanStep

FEW = 40
"""A tree of so few steps is shown whole."""
_STEPS_SHOWN = 10
_BRANCHES_SHOWN = 3

Counts = Counter[tuple[str, str]]
"""How many of each sigil and type."""

SIGILS = {
    "create": "+",
    "update": "~",
    "delete": "-",
    "read": ">",
    "adopt": "&",
    "import": "=",
    "retain": "^",
    "none": " ",
}


def sigil(step: PlanStep) -> str:
    if step["action"] == "replace":
        return "+/-" if step.get("order") == "create_first" else "-/+"
    return SIGILS.get(step["action"], "?")


@dataclass(slots=True)
class Branch:
    """A component or workload. `step` is what the plan does to the component itself."""

    name: str
    step: PlanStep | None = None
    steps: list[PlanStep] = field(default_factory=list)
    branches: dict[str, Branch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MoreSteps:
    """Steps that are not shown one by one: `like` is one of them."""

    number: int
    like: PlanStep


@dataclass(frozen=True, slots=True)
class MoreBranches:
    """Branches that are not shown one by one, and what their steps come to."""

    number: int
    counts: Counts


def path_of(urn: str) -> list[str]:
    """`["web", "db"]` of `orders@dev/web/db#postgres:Database`."""
    return urn.partition("#")[0].split("/")[1:]


def tree(steps: Iterable[PlanStep]) -> Branch:
    """In the plan's order of first mention; a component's own step is on its branch."""
    root = Branch("")
    for step in steps:
        path = path_of(step["urn"])
        if step.get("kind") == "component":
            branch = _at(root, path)
            if branch.step is None:
                branch.step = step
                continue
        _at(root, path[:-1]).steps.append(step)
    return root


def _at(root: Branch, path: Sequence[str]) -> Branch:
    for name in path:
        root = root.branches.setdefault(name, Branch(name))
    return root


def gathered_steps(branch: Branch, *, whole: bool) -> Iterator[PlanStep | MoreSteps]:
    """Its own steps; with thousands alike, the first of them and how many more there are."""
    kinds = [_likeness(step) for step in branch.steps]
    sizes, seen = Counter(kinds), Counter[Hashable]()
    for step, kind in zip(branch.steps, kinds, strict=True):
        seen[kind] += 1
        if whole or sizes[kind] <= _STEPS_SHOWN + 2 or seen[kind] <= _STEPS_SHOWN:
            yield step
        elif seen[kind] == sizes[kind]:
            yield MoreSteps(sizes[kind] - _STEPS_SHOWN, step)


def gathered_branches(branch: Branch, *, whole: bool) -> Iterator[Branch | MoreBranches]:
    """The branches below it, likewise."""
    below = list(branch.branches.values())
    kinds = [_shape(each) for each in below]
    sizes, seen, left = Counter(kinds), Counter[Hashable](), dict[Hashable, Counts]()
    for each, kind in zip(below, kinds, strict=True):
        seen[kind] += 1
        if whole or sizes[kind] <= _BRANCHES_SHOWN + 2 or seen[kind] <= _BRANCHES_SHOWN:
            yield each
            continue
        left.setdefault(kind, Counter()).update(_counts(each))
        if seen[kind] == sizes[kind]:
            yield MoreBranches(sizes[kind] - _BRANCHES_SHOWN, left[kind])


def _likeness(step: PlanStep) -> Hashable:
    """What two steps share that need not both be shown. Of a creation and a deletion the properties don't matter."""
    changes = step.get("changes") or ()
    paths = tuple(change["path"] for change in changes) if step["action"] in ("update", "replace", "import") else ()
    told = ("note", "interrupting", "may_run_twice", "loses_data")
    special = (*(step.get(name) for name in told), bool(step.get("moved_from")))
    return sigil(step), step["type"], paths, special


def _shape(branch: Branch) -> Hashable:
    own = _likeness(branch.step) if branch.step else None
    steps = frozenset(Counter(_likeness(step) for step in branch.steps).items())
    return own, steps, frozenset(Counter(_shape(each) for each in branch.branches.values()).items())


def _counts(branch: Branch) -> Counts:
    steps = [*branch.steps, *([branch.step] if branch.step else [])]
    counts = Counter((sigil(step), step["type"]) for step in steps)
    for each in branch.branches.values():
        counts.update(_counts(each))
    return counts
