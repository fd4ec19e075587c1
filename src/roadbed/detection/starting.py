"""How each process is started: by its own command, the code in its folder, or a Dockerfile's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from roadbed.detection.code import Code, read_code
from roadbed.detection.combine import Combined, filled
from roadbed.detection.domain import WEB, Process, Reading
from roadbed.detection.evidence import evidence, shown
from roadbed.detection.listening import listens_on_port
from roadbed.detection.tree import Below, Tree, below
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place


def start_all(tree: Tree, combined: Combined, code: Code) -> tuple[dict[str, Process], list[Problem]]:
    """What files say, completed by the code where they leave it open; else what the code says, or a Dockerfile."""
    reading = code.reading
    found: dict[str, Process] = {}
    notes: list[Problem] = []
    if combined.first is None:
        found, notes = _of_code(tree, reading)
    for process in combined.processes.values():
        one, said = _started(tree, process, code)
        notes += said
        if one is not None:
            found[one.name] = one
    if combined.main is not None and not any(one.release for one in found.values()):
        notes += _unreleased(combined.main, reading)
    return found, notes


def _of_code(tree: Tree, reading: Reading | None) -> tuple[dict[str, Process], list[Problem]]:
    if reading is None:
        return _of_dockerfile(tree)
    return dict(reading.processes), list(reading.unmapped)


def _started(tree: Tree, process: Process, code: Code) -> tuple[Process | None, list[Problem]]:
    """A process with what starts it: its own command, the code in its folder, or a Dockerfile's."""
    if process.command is not None or process.publish is not None:
        shown_at = process.evidence or evidence(tree, process.place)
        return _on_port(replace(process, evidence=shown_at))
    folder = below(process.folder)
    part = Below(tree, folder) if folder else tree
    reading = (read_code(part) if folder else code).reading
    if reading is not None and (other := _of(process, reading)) is not None:
        return filled(process, _moved(other, folder)), [_moved_note(note, folder) for note in reading.unmapped]
    if (start := _dockerfile_start(part)) is not None:
        place = Place(f"{folder}/{start[1].file}" if folder else start[1].file, start[1].line, 1)
        return _on_port(replace(process, command=start[0], evidence=evidence(tree, process.place, place)))
    message = f"nothing says how {process.name!r} is started, so it is left out"
    return None, [process.place.problem(message, "give it a command")]


def _moved(process: Process, folder: str) -> Process:
    """What was found in a folder, with places as they are in the whole tree."""
    moved = tuple(replace(one, place=_moved_place(one.place, folder)) for one in process.evidence)
    return replace(process, place=_moved_place(process.place, folder), evidence=moved)


def _moved_place(place: Place, folder: str) -> Place:
    return replace(place, file=f"{folder}/{place.file}") if folder else place


def _moved_note(problem: Problem, folder: str) -> Problem:
    return replace(problem, file=f"{folder}/{problem.file}") if folder and problem.file else problem


def _of_dockerfile(tree: Tree) -> tuple[dict[str, Process], list[Problem]]:
    if (start := _dockerfile_start(tree)) is None:
        return {}, []
    web, notes = _on_port(Process(WEB, start[1], start[0], public=True, evidence=evidence(tree, start[1])))
    built = start[1].problem("what this starts is taken; the rest of the file builds nothing here")
    return {WEB: web}, [built, *notes]


def _dockerfile_start(tree: Tree) -> tuple[str, Place] | None:
    if "Dockerfile" not in tree:
        return None
    from roadbed.detection.dockerfile import read_start

    return read_start(tree)


def _of(process: Process, reading: Reading) -> Process | None:
    """By its name, else the one that gets traffic where this one does."""
    if process.name in reading.processes:
        return reading.processes[process.name]
    public = next((one for one in reading.processes.values() if one.public), None)
    return public if process.public else next(iter(reading.processes.values()), None)


def _on_port(process: Process) -> tuple[Process, list[Problem]]:
    if not process.public or process.command is None:
        return process, []
    command = listens_on_port(process.command, process.port)
    if command == process.command:
        return process, []
    note = process.place.problem(f"{process.name!r} is told to listen on $PORT: {shown(command)}")
    return replace(process, command=command), [note]


def _unreleased(main: Reading, reading: Reading | None) -> Iterator[Problem]:
    """Whoever wrote a Procfile without a release may run migrations by hand: that is left to them, and said."""
    for process in reading.processes.values() if reading else ():
        if process.release:
            place = next(iter(main.processes.values())).place
            hint = "add `release:` to the Procfile" if main.file == "Procfile" else "add `release:` to roadbed.yaml"
            yield place.problem(f"nothing runs `{process.release}` before a release", hint)
