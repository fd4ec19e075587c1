"""What became of a plan, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadbed.control.domain import Operation
from roadbed.engine.domain import Plan
from roadbed.engine.views import HistoryEntry, PlanHead
from roadbed.stacks.domain import PlanState, StackDetail, Standing
from roadbed.stacks.standing import standing


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """`at` and `by` tell when it was applied, and by whom; None as long as it wasn't."""

    name: Standing
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
    found = standing(_head(plan, entry), stack.serial, stack.applying, made, operation)
    return PlanStatus(found.state, operation, found.at, found.by)


def _head(plan: Plan, entry: HistoryEntry | None) -> PlanHead:
    return PlanHead(
        number=plan.number,
        base=plan.base,
        created_at=plan.created_at,
        created_by=plan.created_by,
        summary=plan.summary,
        empty=plan.empty,
        refused=bool(plan.refusals),
        outcome=entry.outcome if entry else None,
        ended_at=entry.at if entry else None,
        ended_by=entry.by if entry else None,
    )
