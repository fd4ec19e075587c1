"""How far each step of a plan is, in a tree of components. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from roadbed.cli import plan_tree
from roadbed.cli.plan_tree import path_of

if TYPE_CHECKING:
    from roadbed.client.models import PlanStep

State: TypeAlias = Literal["waiting", "running", "done", "failed", "left out", "not done"]

IN_SIGHT: Final[frozenset[State]] = frozenset({"running", "failed"})
"""What is never folded away."""
_ENDING = frozenset({"delete", "retain"})


@dataclass(slots=True)
class Leaf:
    """One step. `parts` is how many effects are left to it: a replacement has two. `began` is on the caller's clock.

    `doing` is what runs, `did` what ended last; `said` is what its provider tells, `error` why it failed.
    """

    step: PlanStep
    branch: Branch
    parts: int
    state: State = "waiting"
    doing: str = ""
    did: str = ""
    began: float = 0.0
    took: float = 0.0
    said: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return path_of(self.step["urn"])[-1]

    def become(self, state: State) -> None:
        """Keeps the counts of all branches that it is in."""
        if state == self.state:
            return
        for branch in self.branch.lineage():
            branch.counts[self.state] -= 1
            branch.counts[state] += 1
        self.branch.own[self.state] -= 1
        self.branch.own[state] += 1
        self.state = state


@dataclass(slots=True)
class Branch:
    """A component or workload. `own` counts its leaves by state, `counts` those of everything below it as well."""

    name: str
    above: Branch | None = None
    leaf: Leaf | None = None
    leaves: list[Leaf] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    own: Counter[State] = field(default_factory=Counter)
    counts: Counter[State] = field(default_factory=Counter)

    def lineage(self) -> Iterator[Branch]:
        branch: Branch | None = self
        while branch is not None:
            yield branch
            branch = branch.above

    @property
    def quiet(self) -> bool:
        return not any(self.counts[state] for state in IN_SIGHT)

    def everything(self) -> Iterator[Leaf]:
        if self.leaf is not None:
            yield self.leaf
        yield from self.leaves
        for below in self.branches:
            yield from below.everything()


def grown(steps: Iterable[PlanStep]) -> Branch:
    """The tree of the steps, of which none has begun."""
    return _grown(plan_tree.tree(steps), None)


def _grown(found: plan_tree.Branch, above: Branch | None) -> Branch:
    branch = Branch(found.name, above)
    branch.leaves = [Leaf(step, branch, effects(step)) for step in found.steps]
    if found.step is not None:
        branch.leaf = Leaf(found.step, branch, effects(found.step))
    branch.own["waiting"] = len(branch.leaves) + (branch.leaf is not None)
    branch.branches = [_grown(below, branch) for below in found.branches.values()]
    branch.counts["waiting"] = branch.own["waiting"] + sum(below.counts["waiting"] for below in branch.branches)
    return branch


def effects(step: PlanStep) -> int:
    return 2 if step["action"] == "replace" or (step["action"] == "import" and step.get("changes")) else 1


def left_out(steps: Sequence[PlanStep], failed: Iterable[str]) -> set[str]:
    """The URNs of what can't be done any more after these have failed, by the rules of the engine's schedule.

    What depends on them; rollouts, where infrastructure failed; deletions, where anything that was to be made failed.
    """
    lost, making = set(failed), [step for step in steps if step["action"] not in _ENDING]
    ending = {step["urn"]: step for step in steps if step["action"] in _ENDING}
    _spread(making, lost)
    if any(step["urn"] in lost for step in making):
        return lost | set(ending)
    waiting = [urn for urn in lost if urn in ending]
    while waiting:
        for used in ending[waiting.pop()].get("depends_on") or ():
            if used in ending and used not in lost:
                lost.add(used)
                waiting.append(used)
    return lost


def _spread(making: Sequence[PlanStep], lost: set[str]) -> None:
    """Once for infrastructure and, when any of it failed, once more for rollouts, and for what stands on them."""
    for rollouts in (False, True):
        broken = rollouts and any(step["urn"] in lost for step in making if step.get("phase") != "rollout")
        for step in making:
            barred = broken and step.get("phase") == "rollout"
            if barred or not lost.isdisjoint(step.get("depends_on") or ()):
                lost.add(step["urn"])
