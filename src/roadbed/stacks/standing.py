"""What became of a plan, and so what may be done with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadbed.control.domain import Operation
from roadbed.engine.views import PlanHead
from roadbed.stacks.domain import PlanState, Standing

_ENDED: dict[str, Standing] = {
    "succeeded": "applied",
    "done": "applied",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class Stands:
    """`at` and `by` tell when its apply ended, and whose it was; None as long as it hasn't."""

    state: Standing
    at: datetime | None = None
    by: str | None = None


def standing(
    head: PlanHead, serial: int, applying: int | None, made: PlanState | None, operation: Operation | None
) -> Stands:
    """`serial` and `applying` are the stack's. `made` is None for a plan of a deployment; `operation` is the one that
    the plan was given to, None also for who may not see it.
    """
    if operation is not None and not operation.ended:
        if operation.state == "waiting":
            return Stands("waiting")
        return Stands("applying" if operation.started_at else "queued")
    if head.outcome is not None:
        return Stands(_ENDED.get(head.outcome, "applied"), head.ended_at, head.ended_by)
    if operation is None and applying == head.number:
        return Stands("applying")
    if operation is not None:
        return Stands(_ENDED.get(operation.state, "failed"), operation.ended_at, operation.requested_by)
    return Stands(_waiting(head, serial, made))


def _waiting(head: PlanHead, serial: int, made: PlanState | None) -> Standing:
    """Nothing has been done with it so far."""
    if made is not None and made.discarded:
        return "discarded"
    if head.refused:
        return "refused"
    if head.base != serial:
        return "stale"
    if made is None:
        return "preview"
    return "empty" if head.empty else "open"
