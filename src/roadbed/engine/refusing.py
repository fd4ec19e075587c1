"""Why a plan that there is can't be applied, or not any more."""

from __future__ import annotations

from roadbed.engine.domain import Plan
from roadbed.engine.errors import PlanChanged, PolicyRefused, StalePlan
from roadbed.kit.errors import Problem


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


def refuse_if_forbidden(plan: Plan) -> None:
    """Raises PolicyRefused if a mandatory policy forbids the plan."""
    if plan.refusals:
        problems = [Problem(f"{item.policy}: {item.message}", item.remedy) for item in plan.refusals]
        raise PolicyRefused(
            f"plan {plan.number} of {plan.stack} breaks {len(problems)} mandatory policies"
            if len(problems) > 1
            else problems[0].message,
            hint=problems[0].hint,
            problems=problems if len(problems) > 1 else (),
        )
