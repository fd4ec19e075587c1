"""How far the apply of a plan is, read off its journal.

`assets/src/progress.ts` says the same in the browser, as the journal grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.engine.domain import Plan, Step, key
from roadbed.engine.views import JournalEntry

StepProgress: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Progress:
    """`states` and `errors` by the steps' keys; what isn't there is waiting, or was left out when it has `ended`.

    `after` is the last entry that was read.
    """

    total: int = 0
    states: Mapping[str, StepProgress] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    after: int = 0
    ended: bool = False

    def state(self, step: Step) -> StepProgress:
        known = self.states.get(step.key, "waiting")
        return "skipped" if self.ended and known in ("waiting", "running") else known

    def count(self, state: StepProgress) -> int:
        return sum(one == state for one in self.states.values())

    @property
    def done(self) -> int:
        return self.count("succeeded")

    @property
    def running(self) -> int:
        return 0 if self.ended else self.count("running")

    @property
    def left(self) -> int:
        """What waits; once it has ended, what was not done."""
        return self.total - self.done - self.failed - self.running

    @property
    def failed(self) -> int:
        return self.count("failed")


def progress(plan: Plan, entries: Iterable[JournalEntry], *, ended: bool = False) -> Progress:
    last = finals(plan)
    ours = {step.key for step in plan.changing}
    states: dict[str, StepProgress] = {}
    errors: dict[str, str] = {}
    after = 0
    for entry in entries:
        after, about = entry.id, key(entry.urn, entry.deposed)
        if about not in ours:
            continue
        states[about] = state_after(entry, last.get(about))
        errors.pop(about, None)
        if entry.event == "failed":
            errors[about] = message(entry)
    return Progress(len(ours), states, errors, after, ended)


def state_after(entry: JournalEntry, final: str | None) -> StepProgress:
    """`final` is what is done last to a resource to which more than one thing is done."""
    if entry.event == "failed":
        return "failed"
    return "succeeded" if entry.event == "succeeded" and final in (None, entry.do) else "running"


def message(entry: JournalEntry) -> str:
    return str((entry.error or {}).get("detail") or "it failed")


def finals(plan: Plan) -> dict[str, str]:
    """For each resource to which more than one thing is done, the last of them."""
    return {step.key: _final(step) for step in plan.steps if _has_two_halves(step)}


def _has_two_halves(step: Step) -> bool:
    return step.action == "replace" or (step.action == "import" and bool(step.changes))


def _final(step: Step) -> str:
    if step.action == "import":
        return "update"
    if step.order != "create_first":
        return "create"
    return "forget" if step.options.retain_on_delete else "delete"
