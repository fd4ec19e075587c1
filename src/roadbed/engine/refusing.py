"""Why a plan that there is can't be applied, or not any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roadbed.engine.domain import Plan, Step
from roadbed.engine.errors import PlanChanged, PolicyRefused, StalePlan
from roadbed.kit.errors import Findings, Problem, RoadbedError
from roadbed.policy.domain import Verdict
from roadbed.providers.driver import ChecksClaims, ChecksMachine, Provider


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
    """Raises PolicyRefused, with what mends it and what lets it pass, if a mandatory policy forbids the plan."""
    if not plan.refusals:
        return
    problems = [_refusal(item) for item in plan.refusals]
    if len(problems) > 1:
        raise PolicyRefused(
            f"plan {plan.number} of {plan.stack} breaks {len(problems)} mandatory policies",
            hint=f"mend each, or ask for a waiver: {_asking('POLICY', plan)}",
            problems=problems,
        )
    [problem], policy = problems, plan.refusals[0].policy
    raise PolicyRefused(
        problem.message,
        hint=f"{problem.hint}\nor ask for a waiver: {_asking(policy, plan)}",
        file=problem.file,
        line=problem.line,
    )


def _asking(policy: str, plan: Plan) -> str:
    return f"roadbed waiver request {policy} --for {plan.stack} --why REASON --days 30"


def _refusal(verdict: Verdict) -> Problem:
    place = verdict.source or verdict.broken
    about = f"{verdict.policy}: {verdict.message}"
    return Problem(about, verdict.remedy, place.file if place else None, place.line if place else None)


def refuse_if_unequipped(stack: str, steps: Iterable[Step], providers: Mapping[str, Provider]) -> None:
    """Raises InvalidInput with everything to be made that this machine can't make."""
    findings = Findings()
    made = (step for step in steps if step.action in ("create", "replace") and step.kind == "managed")
    for step in made:
        if problem := _lacking(step, providers[step.type]):
            findings.add(problem)
    findings.raise_if_any(stack)


async def refuse_if_claimed(
    stack: str, owner: str | None, steps: Iterable[Step], providers: Mapping[str, Provider]
) -> None:
    """Raises InvalidInput with everything that can't be had: somebody else has it, or what is there doesn't fit."""
    changes = [step for step in steps if step.action in ("create", "update", "replace") and step.kind == "managed"]
    asked = {providers[step.type].name: providers[step.type] for step in changes}
    findings = Findings()
    for name, provider in asked.items():
        if isinstance(provider, ChecksClaims):
            wanted = {step.urn: step for step in changes if providers[step.type].name == name}
            refused = await provider.claimed(stack, owner, {urn: step.properties for urn, step in wanted.items()})
            for urn, error in refused.items():
                findings.add(_problem(wanted[urn], error.message, error.hint))
    findings.raise_if_any(stack)


def _lacking(step: Step, provider: Provider) -> Problem | None:
    if not isinstance(provider, ChecksMachine):
        return None
    try:
        provider.check_machine()
    except RoadbedError as error:
        return _problem(step, f"{step.name} ({step.type}) can't be made: {error.message}", error.hint)
    return None


def _problem(step: Step, message: str, hint: str | None) -> Problem:
    source = step.source
    return Problem(message, hint, source.file if source else None, source.line if source else None)
