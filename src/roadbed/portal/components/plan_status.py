"""What became of a plan, and so what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from roadbed.control.domain import Operation
from roadbed.engine.domain import Plan
from roadbed.engine.views import HistoryEntry
from roadbed.stacks.domain import PlanState, StackDetail

StatusName: TypeAlias = Literal[
    "open",
    "empty",
    "refused",
    "stale",
    "discarded",
    "preview",
    "queued",
    "applying",
    "applied",
    "failed",
    "cancelled",
]
_ENDED: dict[str, StatusName] = {
    "succeeded": "applied",
    "done": "applied",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """`at` and `by` tell when it was applied, and by whom; None as long as it wasn't."""

    name: StatusName
    operation: Operation | None = None
    at: datetime | None = None
    by: str | None = None

    @property
    def running(self) -> bool:
        return self.name in ("queued", "applying")

    @property
    def begun(self) -> bool:
        """Whether it is to be done or was: it has steps that wait, or that came to something."""
        return self.name in ("queued", "applying", "applied", "failed", "cancelled")


def plan_status(
    plan: Plan,
    stack: StackDetail,
    made: PlanState | None,
    operation: Operation | None,
    entry: HistoryEntry | None,
) -> PlanStatus:
    """`made` is None for a plan that was made for a deployment; `entry` is the stack's record of its apply."""
    if operation is not None and not operation.ended:
        return PlanStatus("applying" if operation.started_at else "queued", operation)
    if stack.applying == plan.number:
        return PlanStatus("applying", operation)
    if entry is not None:
        return PlanStatus(_ENDED.get(entry.outcome, "applied"), operation, entry.at, entry.by)
    if operation is not None:
        ended = _ENDED.get(operation.state, "failed")
        return PlanStatus(ended, operation, operation.ended_at, operation.requested_by)
    return PlanStatus(_waiting(plan, stack, made))


def _waiting(plan: Plan, stack: StackDetail, made: PlanState | None) -> StatusName:
    """Nothing has been done with it so far."""
    if made is not None and made.discarded:
        return "discarded"
    if plan.refusals:
        return "refused"
    if plan.base != stack.serial:
        return "stale"
    if made is None:
        return "preview"
    return "empty" if plan.empty else "open"
