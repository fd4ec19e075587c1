"""What a compose file has run once and end: what another service waits for is its release command. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from roadbed.detection.domain import Process
from roadbed.detection.tree import below
from roadbed.kit.errors import Problem


def released(
    processes: Mapping[str, Process], waits: Mapping[str, Collection[str]], ending: Collection[str]
) -> tuple[dict[str, Process], list[Problem]]:
    """The services that go on running, and what is said of the others. All are by their names in the file: `waits` has
    those whose end a service waits for, `ending` those that are not started again.
    """
    once = {*ending, *(name for names in waits.values() for name in names)} & processes.keys()
    lasting = {name: one for name, one in processes.items() if name not in once}
    taken: set[str] = set()
    for name, process in lasting.items():
        steps = {
            step: processes[step]
            for step in _steps(name, waits)
            if step in once and step not in taken and _can_prepare(processes[step], process)
        }
        if steps:
            taken |= steps.keys()
            lasting[name] = _prepared(process, list(steps.values()))
    return lasting, [_left(processes[name]) for name in processes if name in once - taken]


def _steps(name: str, waits: Mapping[str, Collection[str]]) -> Iterator[str]:
    """What must have ended before, in order, each once. A circle is passed over."""
    seen: set[str] = {name}

    def before(one: str) -> Iterator[str]:
        for step in waits.get(one, ()):
            if step not in seen:
                seen.add(step)
                yield from before(step)
                yield step

    yield from before(name)


def _can_prepare(step: Process, process: Process) -> bool:
    """A release command runs in its workload's folder."""
    return step.command is not None and below(step.folder) == below(process.folder)


def _prepared(process: Process, steps: list[Process]) -> Process:
    """With its own variables, and those of its steps that it has none of."""
    variables = {name: one for step in reversed(steps) for name, one in step.variables.items()}
    return replace(
        process,
        release=" && ".join(str(step.command) for step in steps),
        release_place=steps[0].place,
        variables={**variables, **process.variables},
    )


def _left(process: Process) -> Problem:
    return process.place.problem(
        f"{process.name!r} runs once and ends, and is left out: what is deployed goes on running",
        "to run it before each release, say `release:` in roadbed.yaml; by the clock, `jobs:`",
    )
