"""What is told of an apply that failed in part."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from roadbed.engine.domain import Plan, Step
from roadbed.engine.errors import ApplyFailed, LeftOut
from roadbed.engine.planning.schedule import Effect
from roadbed.kit.errors import Problem, RoadbedError


def summary(plan: Plan, effects: Mapping[str, Effect], failures: Mapping[str, RoadbedError]) -> ApplyFailed:
    """One failure speaks for itself; several are listed. What was left out because of them is only counted."""
    failed = {key: error for key, error in failures.items() if not isinstance(error, LeftOut)}
    steps = {step.key for key in failed if (step := effects[key].step)}
    left_out = {step.key for key in failures if (step := effects[key].step)} - steps
    problems = [_problem(step, error) for key, error in failed.items() if (step := effects[key].step)]
    rest = _left_out(left_out, {step.key for key in failures if (step := effects[key].step) and _ends(effects[key])})
    if len(problems) == 1:
        only = problems[0]
        return ApplyFailed("\n".join([only.message, *rest]), hint=only.hint, file=only.file, line=only.line)
    told = "\n".join([f"{len(problems)} of {len(plan.changing)} steps failed", *rest])
    return ApplyFailed(told, problems=problems)


def _ends(effect: Effect) -> bool:
    return effect.do in ("delete", "forget")


def _left_out(steps: Set[str], ending: Set[str]) -> list[str]:
    """What depends on a failure, and the deletions: they wait until everything else has succeeded. A sentence each, on
    a line of its own: the message before them may end with what a program wrote.
    """
    dependents, deletions = len(steps - ending), len(steps & ending)
    lines = [f"{_steps(dependents, 'step')} left out, as what failed must come first"] if dependents else []
    return lines + ([f"{_steps(deletions, 'deletion')} left for when all else succeeds"] if deletions else [])


def _steps(count: int, what: str) -> str:
    return f"1 {what} was" if count == 1 else f"{count} {what}s were"


def _problem(step: Step, error: RoadbedError) -> Problem:
    source = step.source
    told = error.message if step.urn in error.message else f"{step.urn}: {error.message}"
    return Problem(told, error.hint, source.file if source else None, source.line if source else None)


def restored(told: Mapping[str, Any]) -> ApplyFailed:
    """The error from its problem document."""
    problems = [_told_problem(item) for item in told.get("problems", ())]
    only = _told_problem(told)
    return ApplyFailed(only.message, hint=only.hint, file=only.file, line=only.line, problems=problems)


def _told_problem(told: Mapping[str, Any]) -> Problem:
    return Problem(told["detail"], told.get("hint"), told.get("file"), told.get("line"))
