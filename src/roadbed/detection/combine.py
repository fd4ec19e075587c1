"""Lays what several files say of the same processes together: the first that says what runs is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from roadbed.detection.domain import Process, Reading, Variable
from roadbed.detection.files import FAMILY, runs
from roadbed.kit.errors import Problem

_FILLED = ("command", "publish", "replicas", "schedule", "build", "release", "release_place", "dockerfile")
"""Fields of a process that another file may say where the first says nothing."""


@dataclass(frozen=True, slots=True)
class Combined:
    """`main` is the file that said what runs, `first` the one that lists it, though not all of how; each None where
    none did. What runs by the clock only may be of another.
    """

    processes: Mapping[str, Process]
    variables: Mapping[str, Variable]
    main: Reading | None
    notes: tuple[Problem, ...] = ()
    first: Reading | None = None


def combine(readings: Sequence[Reading]) -> Combined:
    """`readings` stand in the order in which they are believed."""
    main = next((reading for reading in readings if runs(reading)), None)
    first = main or next((reading for reading in readings if _lists(reading)), None)
    processes = dict(first.processes) if first else {}
    notes: list[Problem] = []
    variables: dict[str, Variable] = {}
    for reading in readings:
        variables = {**reading.variables, **variables}
        if reading is first:
            continue
        for process in reading.processes.values():
            name = _same(process, processes)
            if name is None and process.schedule is not None:
                processes[process.name] = process
            elif first is None:
                continue
            elif name is not None:
                notes += _differences(processes[name], process, first)
                processes[name] = filled(processes[name], process)
            elif reading.file in FAMILY and first.file in FAMILY and process.command:
                processes[process.name] = process
            elif process.command:
                message = f"{process.name!r} stands only here and is left out: {first.file} says what runs"
                notes.append(process.place.problem(message, f"add it to {first.file}"))
            elif reading.file in FAMILY and process.name != "web":
                notes.append(process.place.problem(f"there is no process {process.name!r} that this could be said of"))
    return Combined(processes, variables, main, tuple(notes), first)


def _lists(reading: Reading) -> bool:
    """An app.json may name what runs by the clock and leave the rest to others; elsewhere a list is whole."""
    running = any(process.schedule is None for process in reading.processes.values())
    return running or bool(reading.processes and reading.file not in FAMILY)


def filled(process: Process, other: Process) -> Process:
    """With what another says of it and it doesn't say itself. A number that is listened on goes with its command."""
    changes = {name: getattr(other, name) for name in _FILLED if getattr(process, name) is None}
    if process.publish is not None or process.command is not None:
        changes.pop("publish", None)
        changes.pop("command", None)
    if "command" in changes or "publish" in changes:
        changes |= {"single_page": other.single_page, "evidence": (*process.evidence, *other.evidence)}
    return replace(
        process,
        **changes,
        port=process.port or (other.port if process.command is None else None),
        checks=process.checks or other.checks,
        variables={**other.variables, **process.variables},
        volumes={**other.volumes, **process.volumes},
        read_only=process.read_only | (other.read_only - process.volumes.keys()),
        files={**other.files, **process.files},
        limits={**other.limits, **process.limits},
        listens=process.listens or other.listens,
        domains=process.domains or other.domains,
    )


def _same(process: Process, known: Mapping[str, Process]) -> str | None:
    """By its name; what alone gets traffic here and there is the same, whatever it is called."""
    if process.name in known:
        return process.name
    public = [name for name, one in known.items() if one.public]
    return public[0] if process.public and len(public) == 1 else None


def _differences(mine: Process, other: Process, main: Reading) -> list[Problem]:
    found = []
    for what, title in (("command", "starts"), ("release", "prepares a release of"), ("build", "builds")):
        said, otherwise = getattr(mine, what), getattr(other, what)
        if said and otherwise and _plain(said) != _plain(otherwise):
            message = f"this {title} {mine.name!r} otherwise than {main.file}, which is taken"
            found.append(other.place.problem(message, f"{main.file} goes before {other.place.file}"))
    return found


def _plain(line: str) -> str:
    return re.sub(r"\s+", " ", line).strip()
