"""Why a plan that there is can't be applied any more."""

from __future__ import annotations

from roadbed.engine.domain import Plan
from roadbed.engine.errors import PlanChanged, StalePlan


def was_changed(stack: str, number: int) -> PlanChanged:
    return PlanChanged(
        f"plan {number} of {stack} was changed after it was made",
        hint="somebody edited it in the database: make a new plan and apply that one",
    )


def is_stale(plan: Plan) -> StalePlan:
    return StalePlan(
        f"plan {plan.number} of {plan.stack} is stale: the stack was changed after it was made",
        hint="make a new plan and apply that one",
    )
