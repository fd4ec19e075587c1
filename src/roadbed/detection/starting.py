"""How each process is started: by its own command, a Dockerfile that a file names, the code in its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from roadbed.detection.build_lines import MIGRATES
from roadbed.detection.code import Code, read_code
from roadbed.detection.combine import Combined, filled
from roadbed.detection.domain import WEB, Process, Reading
from roadbed.detection.evidence import evidence, shown
from roadbed.detection.listening import listens_on_port
from roadbed.detection.tree import Below, Tree, below
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_ELSEWHERE = re.compile(r"(?:/(?!bin/|usr/|sbin/|app/)\S*|nginx|apache2-foreground|httpd-foreground|caddy)(?:\s|$)")
"""Programs that only an image has: this one isn't made of the Dockerfile."""
_TAKES_PORT = re.compile(r"\$\{?PORT\b")


def start_all(tree: Tree, combined: Combined, code: Code) -> tuple[dict[str, Process], list[Problem]]:
    """What files say, completed by the code where they leave it open; else what the code says, or a Dockerfile."""
    reading = code.reading
    found: dict[str, Process] = {}
    notes: list[Problem] = []
    if combined.first is None:
        found, notes = _of_code(tree, reading)
    starting = _Starting(tree, code)
    for process in combined.processes.values():
        one = starting.start(process)
        if one is not None:
            found[one.name] = _listening(one)
    notes += starting.notes
    if combined.main is not None and not any(one.release for one in found.values()):
        notes += _unreleased(combined.main, reading)
    return found, notes


def _of_code(tree: Tree, reading: Reading | None) -> tuple[dict[str, Process], list[Problem]]:
    if reading is None:
        return _of_dockerfile(tree)
    notes = list(reading.unmapped)
    if (start := _dockerfile_start(tree, "Dockerfile")) is not None:
        taken = next(iter(reading.processes.values())).place.file
        message = f"this starts {shown(start[0])!r}; what {taken} says is taken"
        notes.append(start[1].problem(message, "say it in a Procfile to have this: `web: command`"))
    found, more = _with_image(tree, reading.processes, "Dockerfile")
    return found, [*notes, *more]


def _with_image(tree: Tree, processes: Mapping[str, Process], path: str) -> tuple[dict[str, Process], list[Problem]]:
    if path not in tree:
        return dict(processes), []
    from roadbed.detection.dockerfile_image import with_image

    each = {name: with_image(process, tree, path) for name, process in processes.items()}
    return {name: one for name, (one, _) in each.items()}, [note for _, left in each.values() for note in left]


class _Starting:
    """Grows `notes`. What the code says of a folder is for one process of it: others would run the same twice."""

    def __init__(self, tree: Tree, code: Code) -> None:
        self.notes: list[Problem] = []
        self._tree, self._code = tree, code
        self._given: set[tuple[str, str]] = set()

    def start(self, process: Process) -> Process | None:
        """A process with what starts it, and what its own image says of it. None where nothing says what starts it."""
        if process.dockerfile is not None:
            found, left = _with_image(self._tree, {process.name: process}, process.dockerfile)
            self.notes += left
            process = found[process.name]
        return self._start(process)

    def _start(self, process: Process) -> Process | None:
        if process.command is not None or process.publish is not None:
            self._look_for_program(process)
            return self._on_port(replace(process, evidence=process.evidence or evidence(self._tree, process.place)))
        folder = below(process.folder)
        named = process.dockerfile
        by_image = self._by_dockerfile(process, named) if named is not None else None
        found = by_image or self._by_code(process, folder)
        if found is None and named is None:
            found = self._by_dockerfile(process, f"{folder}/Dockerfile" if folder else "Dockerfile")
        if found is None:
            message = f"nothing says how {process.name!r} is started, so it is left out"
            self.notes.append(process.place.problem(message, "give it a command"))
        return found

    def _look_for_program(self, process: Process) -> None:
        if (match := _ELSEWHERE.match(process.command or "")) is not None:
            message = f"{shown(match[0].strip())!r} is in the image that a Dockerfile makes, and not here"
            self.notes.append(process.place.problem(message, f"start {process.name!r} with what lies in the tree"))

    def _by_dockerfile(self, process: Process, path: str) -> Process | None:
        if (start := _dockerfile_start(self._tree, path)) is None:
            return None
        return self._on_port(replace(process, command=start[0], evidence=evidence(self._tree, process.place, start[1])))

    def _by_code(self, process: Process, folder: str) -> Process | None:
        reading = (read_code(Below(self._tree, folder)) if folder else self._code).reading
        other = _of(process, reading) if reading is not None else None
        if reading is None or other is None or (folder, other.name) in self._given:
            return None
        self._given.add((folder, other.name))
        self.notes += [_moved_note(note, folder) for note in reading.unmapped]
        return filled(process, _moved(other, folder))

    def _on_port(self, process: Process) -> Process:
        one, said = _on_port(process)
        self.notes += said
        return one


def _listening(process: Process) -> Process:
    """Whoever is started with a port has one, though nobody publishes it."""
    return replace(process, listens=True) if _TAKES_PORT.search(process.command or "") else process


def _moved(process: Process, folder: str) -> Process:
    """What was found in a folder, with places as they are in the whole tree."""
    moved = tuple(replace(one, place=_moved_place(one.place, folder)) for one in process.evidence)
    return replace(process, place=_moved_place(process.place, folder), evidence=moved)


def _moved_place(place: Place, folder: str) -> Place:
    return replace(place, file=f"{folder}/{place.file}") if folder else place


def _moved_note(problem: Problem, folder: str) -> Problem:
    return replace(problem, file=f"{folder}/{problem.file}") if folder and problem.file else problem


def _of_dockerfile(tree: Tree) -> tuple[dict[str, Process], list[Problem]]:
    if (start := _dockerfile_start(tree, "Dockerfile")) is None:
        return {}, []
    process = Process(WEB, start[1], start[0], public=True, evidence=evidence(tree, start[1]))
    found, left = _with_image(tree, {WEB: process}, "Dockerfile")
    web, notes = _on_port(found[WEB])
    built = start[1].problem("what this starts is taken, with its ENV, EXPOSE and HEALTHCHECK; nothing is built by it")
    return {WEB: web}, [built, *left, *notes]


def _dockerfile_start(tree: Tree, path: str) -> tuple[str, Place] | None:
    """None, too, where only the image has what it starts."""
    if path not in tree:
        return None
    from roadbed.detection.dockerfile import read_start

    start = read_start(tree, path)
    return None if start is None or _ELSEWHERE.match(start[0]) else start


def _of(process: Process, reading: Reading) -> Process | None:
    """By its name, else the one that gets traffic where this one does."""
    if process.name in reading.processes:
        return reading.processes[process.name]
    public = next((one for one in reading.processes.values() if one.public), None)
    return public if process.public else next(iter(reading.processes.values()), None)


def _on_port(process: Process) -> tuple[Process, list[Problem]]:
    if not (process.public or process.listens) or process.command is None:
        return process, []
    entering = re.match(r"cd\s+[^\s;&|]+\s*&&\s*", process.command)
    before = entering[0] if entering else ""
    command = before + listens_on_port(process.command.removeprefix(before), process.port)
    if command == process.command:
        return process, []
    note = process.place.problem(f"{process.name!r} is told to listen on $PORT: {shown(command)}")
    return replace(process, command=command), [note]


def _unreleased(main: Reading, reading: Reading | None) -> Iterator[Problem]:
    """Whoever wrote a Procfile without a release may run migrations by hand: that is left to them, and said."""
    if any(MIGRATES.search(process.command or "") for process in main.processes.values()):
        return
    for process in reading.processes.values() if reading else ():
        if process.release:
            place = next(iter(main.processes.values())).place
            hint = "add `release:` to the Procfile" if main.file == "Procfile" else "add `release:` to roadbed.yaml"
            yield place.problem(f"nothing runs `{process.release}` before a release", hint)
