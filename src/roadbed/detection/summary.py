"""A detection in lines that a person reads: what runs, what it needs, why that is believed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from roadbed.detection.domain import Detection, Evidence, Need, Process, Variable, front
from roadbed.detection.evidence import because, printable, shown
from roadbed.detection.tree import below
from roadbed.kit.errors import Problem

if TYPE_CHECKING:
    from roadbed.detection.source import ReadApplication


@dataclass(frozen=True, slots=True)
class Proposed:
    """A need; `line` says it with its evidence. One that a file has `stated` is taken without a question."""

    name: str
    type: str
    stated: bool
    line: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A detection as whoever decides about it is shown it: by which files, in the lines of `compact`."""

    sources: tuple[str, ...]
    lines: tuple[str, ...]
    needs: tuple[Proposed, ...]


def understood(found: Detection) -> Understood:
    needs = (Proposed(need.name, need.type, need.stated, printable(need_line(need))) for need in found.needs.values())
    return Understood(tuple(printable(one) for one in found.sources), tuple(compact(found)), tuple(needs))


def summary(found: Detection) -> list[str]:
    """A line each; what belongs to the line above is indented by two."""
    lines = [
        *_called(found),
        *(line for process in found.processes.values() for line in _process(found, process)),
        *(f"build: {line}" for line in found.build),
        *(line for need in found.needs.values() for line in (f"needs {need.type} ({need.name})", *_why(need.evidence))),
        *(_generated(variable) for variable in of_origin(found, "generated")),
        *(_asked(found, variable) for variable in of_origin(found, "asked")),
        *(note(problem) for problem in found.notes),
    ]
    return [printable(line) for line in lines]


def compact(found: Detection) -> list[str]:
    """A line for each process and each thing that somebody should know, without what is as expected."""
    lines = [
        *_called(found),
        *(_short(process) for process in found.processes.values()),
        *(need_line(need) for need in found.needs.values()),
        *(_generated(variable) for variable in of_origin(found, "generated")),
        *(_asked(found, variable) for variable in of_origin(found, "asked") if variable.required),
        *(note(problem) for problem in found.notes),
    ]
    return [printable(line) for line in lines]


def _called(found: Detection) -> Iterator[str]:
    if found.named_by:
        yield f"called {found.name} ({found.named_by})"


def _short(process: Process) -> str:
    release = f"; {process.release} before each release" if process.release else ""
    return f"{process.name}: {shown(_runs(process))}{release}{_clock(process)} ({_first(process.evidence)})"


def _runs(process: Process) -> str:
    return process.command if process.command is not None else f"serves the files in {process.publish}"


def _clock(process: Process) -> str:
    return "" if process.schedule is None else f", at {process.schedule}"


def need_line(need: Need) -> str:
    """`needs postgres: app.py:3, requirements.txt:2`."""
    places = ", ".join(f"{shown(one.place.file)}:{one.place.line}" for one in need.evidence)
    return f"needs {need.type} ({places or 'by its files'})"


def _first(evidence: tuple[Evidence, ...]) -> str:
    return f"{shown(evidence[0].place.file)}:{evidence[0].place.line}" if evidence else "by its files"


def told(read: ReadApplication) -> list[str]:
    """The summary for a log: what was read, and which of its needs nobody accepted; of Score files nothing but what
    they go before.
    """
    if (found := read.detection) is None:
        return [note(read.note)] if read.note else []
    left = [need for need in found.needs.values() if need.name not in read.given]
    return [
        f"No Score file here: this is understood of {printable(', '.join(found.sources))}",
        *summary(found),
        *(f"{need.name} is left out, for nobody accepted it: `roadbed deploy --yes` does" for need in left),
    ]


def of_origin(found: Detection, origin: str) -> list[Variable]:
    """Of all processes, each name once; those that have a default are not asked for."""
    every = [found.variables, *(process.variables for process in found.processes.values())]
    named = {name: one for variables in every for name, one in variables.items() if one.origin == origin}
    files = [file.content for process in found.processes.values() for file in process.files.values()]
    named |= {one.name: one for one in files if one.origin == origin}
    return [named[name] for name in sorted(named) if named[name].value is None]


def note(problem: Problem) -> str:
    return f"note: {problem}{f' ({problem.hint})' if problem.hint else ''}"


def _process(found: Detection, process: Process) -> Iterator[str]:
    traffic = ", gets the traffic" if process.name == front(found.processes) else ""
    folder = f" in {process.folder}" if below(process.folder) else ""
    yield f"{process.name}{traffic}: {_runs(process)}{folder}{_clock(process)}"
    yield from _why(process.evidence)
    if process.release:
        place = process.release_place
        where = f" ({shown(place.file)}:{place.line})" if place else ""
        yield f"  before each release: {process.release}{where}"


def _why(evidence: tuple[Evidence, ...]) -> Iterator[str]:
    for one in evidence:
        yield f"  because of {because(one)}"


def _generated(variable: Variable) -> str:
    return f"{variable.name}: made once, and kept ({because_of(variable)})"


def _asked(found: Detection, variable: Variable) -> str:
    must = "has no value" if variable.required else "may be given"
    return f"{variable.name} {must}: {found.set_command(variable)} ({because_of(variable)})"


def because_of(variable: Variable) -> str:
    return f"{variable.place.file}:{variable.place.line}"
