"""More replicas of what listens on a port of its own choice: a second one could not listen there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roadbed.engine.domain import Step
from roadbed.kit.errors import Findings, Problem
from roadbed.runtimes.elsewhere import only_one
from roadbed.runtimes.types import SERVICE
from roadbed.workload.declared import ApplicationSource


def check_scaled(
    steps: Iterable[Step], fixed: Mapping[str, Sequence[int]], source: ApplicationSource, chosen: Mapping[str, int]
) -> None:
    """`fixed` are the ports of their own on which workloads listen, `chosen` the numbers that an operator set.

    Raises InvalidInput for steps that start more replicas and change nothing else: what is changed may do otherwise.
    """
    findings = Findings()
    for step in steps:
        name = str(step.properties.get("workload"))
        if step.type == SERVICE and name in fixed and _only_grows(step):
            problem = only_one(name, fixed[name])
            findings.add(problem if name in chosen else _at(problem, name, source))
    findings.raise_if_any(source.name)


def _only_grows(step: Step) -> bool:
    if [change.path for change in step.changes] != ["replicas"]:
        return False
    (change,) = step.changes
    return int(change.after or 0) > max(1, int(change.before or 0))


def _at(problem: Problem, name: str, source: ApplicationSource) -> Problem:
    """Where `roadbed.yaml` says how many."""
    settings = source.workloads[name].settings
    place = settings.replicas_place if settings else None
    return replace(problem, file=place.file, line=place.line, column=place.column) if place else problem
