"""A source tree → what it runs, what it needs, and why that is believed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace

from roadbed.detection.code import Code, disagreements, read_code
from roadbed.detection.combine import Combined, combine, filled
from roadbed.detection.dockerfile import read_start
from roadbed.detection.domain import Detection, Need, Process, Reading, Variable
from roadbed.detection.environment_reads import environment_reads
from roadbed.detection.evidence import evidence, shown
from roadbed.detection.files import read_files
from roadbed.detection.foreign import as_name
from roadbed.detection.listening import listens_on_port
from roadbed.detection.needs import fill, from_code, generated
from roadbed.detection.procfile import WEB
from roadbed.detection.score_file import front
from roadbed.detection.tree import Below, Tree, Without, below
from roadbed.detection.unlisted import unlisted
from roadbed.detection.usable import usable
from roadbed.detection.versions import Machine, asked, lacking, remarks
from roadbed.kit.errors import Findings, InvalidInput, Problem
from roadbed.workload.document import Place

_INSTALLS = re.compile(
    r"(python3? -m )?pip3? install\b|poetry install\b|uv (sync|pip install)\b|pipenv (install|sync)\b|go mod download\b"
    r"|npm (ci|install|i)\b|(yarn|pnpm|bun)( install| i)?( --\S+)*$|bundle (install|config)\b|corepack enable\b"
    r"|(python3? -m )?pip3? install$|apt(-get)? "
)
_PROJECTS = re.compile(r"(?:apps|services|packages)/[^/]+|[^/.][^/]*")
_READS_PORT = re.compile(r"PORT|gunicorn|puma|rails|\.output/server")
_PACKAGES = ("requirements.txt", "pyproject.toml", "Pipfile", "manage.py", "package.json", "go.mod", "Gemfile")
_LOOKED_AT = 5_000
_EXAMPLE = "add a Procfile (`web: command`), or a score.yaml: `roadbed init` writes one where it understands a tree"


def detect(tree: Tree, name: str = "app", machine: Machine | None = None) -> Detection:
    """`name` is the application's where no file names it; `machine` gives the versions of its languages, None where
    nothing is known of it.

    Raises InvalidInput for a tree that nothing says anything of, or a file that is believed and can't be read.
    """
    readings, passed_over = read_files(tree)
    combined, code = combine(readings), read_code(without_projects(tree))
    if combined.main is None and code.reading is None and code.wrong is not None:
        raise code.wrong
    processes, more = _processes(tree, combined, code)
    if not processes:
        Findings(more).raise_if_any("what is to be run")
        raise _nothing(tree)
    reads = environment_reads(tree)
    needs, variables = _needs(tree, readings, combined, code, reads)
    processes = {one.name: _finished(one, needs, variables) for one in processes.values()}
    requirements, unlisted_notes = unlisted(without_projects(tree), code.packages, processes, needs)
    notes = [
        *passed_over,
        *unlisted_notes,
        *combined.notes,
        *more,
        *([] if combined.main else disagreements(code)),
        *(problem for reading in readings for problem in reading.unmapped),
        *_not_listening(processes, reads, code),
        *_without_address(processes),
        *_packages_apart(tree, processes),
        *([] if machine is None else _versions(tree, code, machine)),
    ]
    found = Detection(
        name=_name(readings, code, name),
        sources=tuple(dict.fromkeys((*(reading.file for reading in readings), *_code_files(processes)))),
        processes=processes,
        description=next((reading.description for reading in readings if reading.description), None),
        variables=variables,
        needs=needs,
        build=_build(processes, combined, code),
        requirements=requirements,
        notes=tuple(dict.fromkeys(notes)),
    )
    return usable(found)


def _processes(tree: Tree, combined: Combined, code: Code) -> tuple[dict[str, Process], list[Problem]]:
    """What files say, completed by the code where they leave it open; else what the code says, or a Dockerfile."""
    reading = code.reading
    if not combined.processes and reading is not None:
        return dict(reading.processes), list(reading.unmapped)
    if not combined.processes:
        return _of_dockerfile(tree)
    found: dict[str, Process] = {}
    notes: list[Problem] = []
    for process in combined.processes.values():
        one, said = _started(tree, process, code)
        notes += said
        if one is not None:
            found[one.name] = one
    if combined.main is not None and not any(one.release for one in found.values()):
        notes += _unreleased(combined.main, reading)
    return found, notes


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
    if (start := read_start(part)) is not None:
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
    if (start := read_start(tree)) is None:
        return {}, []
    web, notes = _on_port(Process(WEB, start[1], start[0], public=True, evidence=evidence(tree, start[1])))
    built = start[1].problem("what this starts is taken; the rest of the file builds nothing here")
    return {WEB: web}, [built, *notes]


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


def _needs(
    tree: Tree, readings: list[Reading], combined: Combined, code: Code, reads: Mapping[str, Place]
) -> tuple[dict[str, Need], dict[str, Variable]]:
    """Those that files name go before those that only the code speaks of."""
    needs = {
        name: replace(need, evidence=evidence(tree, need.place))
        for reading in reversed(readings)
        for name, need in reading.needs.items()
    }
    types = {need.type: need.name for need in needs.values()}
    guessed, filled_by = from_code(tree, code.names, reads)
    variables = dict(combined.variables)
    for variable in filled_by.values():
        need = guessed[str(variable.of)]
        of = types.get(need.type, need.name)
        if variables.get(variable.name, variable).origin in ("asked", "need"):
            given = variables.get(variable.name)
            variables[variable.name] = given if given and given.origin == "need" else replace(variable, of=of)
    needs |= {name: need for name, need in guessed.items() if need.type not in types}
    for variable in generated(reads):
        variables.setdefault(variable.name, variable)
    if code.reading and combined.processes:
        for process in code.reading.processes.values():
            for name, variable in process.variables.items():
                variables.setdefault(name, variable)
    for name, variable in (code.reading.variables if code.reading else {}).items():
        variables.setdefault(name, variable)
    return needs, variables


def _finished(process: Process, needs: Mapping[str, Need], shared: Mapping[str, Variable]) -> Process:
    return fill(process, needs, shared)


def _build(processes: Mapping[str, Process], combined: Combined, code: Code) -> tuple[str, ...]:
    """What a file says of it; else the code. What only installs packages is done anyway."""
    said = [
        (process.folder, line)
        for process in processes.values()
        if process.build and (line := without_installing(process.build))
    ]
    lines = [f"cd {shlex.quote(inside)} && {line}" if (inside := below(folder)) else line for folder, line in said]
    own = combined.main is not None and any(process.build for process in combined.processes.values())
    return tuple(dict.fromkeys(lines if own else (*lines, *code.build)))


def without_installing(line: str) -> str:
    """The parts of a build command that do more than to install what the files list."""
    parts = re.split(r"\s*(?:&&|;|\n)\s*", line.strip())
    return " && ".join(part for part in parts if part and not _INSTALLS.match(part))


def _not_listening(processes: Mapping[str, Process], reads: Mapping[str, Place], code: Code) -> Iterator[Problem]:
    """A server that was never told of PORT will not be found."""
    for process in processes.values():
        told = process.command is None or _READS_PORT.search(process.command) or _reads_port(code)
        if process.public and not told and "PORT" not in reads:
            message = f"nothing tells {process.name!r} to listen on $PORT: only one replica of it can run"
            yield process.place.problem(message, "read PORT from the environment, or name it in the command")


def _without_address(processes: Mapping[str, Process]) -> Iterator[Problem]:
    """An application has one address of its own."""
    first = front(processes)
    for name, process in processes.items():
        if process.public and name != first:
            message = f"{name!r} gets no requests from outside: the application's address is that of {first!r}"
            yield process.place.problem(message, "give it a path in its Score file: `roadbed init` writes it")


def _packages_apart(tree: Tree, processes: Mapping[str, Process]) -> Iterator[Problem]:
    """A build installs what the root lists."""
    for process in processes.values():
        folder = below(process.folder)
        listed = [f"{folder}/{file}" for file in _PACKAGES if folder and f"{folder}/{file}" in tree]
        if listed and not any(file in tree for file in _PACKAGES):
            message = f"{process.name!r} needs what {shown(listed[0])} lists, and a build installs what the root lists"
            yield process.place.problem(message, f"deploy the folder for itself: roadbed deploy {shown(folder)}")


def _reads_port(code: Code) -> bool:
    """Frameworks that do so whatever the code says."""
    return any(name in code.names for name in ("next", "nuxt", "@remix-run/serve", "@strapi/strapi"))


def _versions(tree: Tree, code: Code, machine: Machine) -> list[Problem]:
    wanted = asked(tree, code.packages, code.node, code.go, code.gems)
    return [*remarks(wanted, machine), *lacking(code.languages, machine)]


def _name(readings: list[Reading], code: Code, name: str) -> str:
    written = [reading.name for reading in readings] + [code.name, name]
    return next((known for one in written if one and (known := as_name(one))), "app")


def _code_files(processes: Mapping[str, Process]) -> Iterator[str]:
    for process in processes.values():
        yield from (one.place.file for one in process.evidence)


def _nothing(tree: Tree) -> InvalidInput:
    """Where only folders below hold something that runs, they are named: each is an application of its own."""
    projects = [folder for folder in list(_folders(tree))[:50] if _is_project(Below(tree, folder))]
    if projects:
        known = ", ".join(shown(folder) for folder in projects[:8])
        return InvalidInput(
            f"nothing here says what runs; there {'is a project' if len(projects) == 1 else 'are projects'} in {known}",
            hint=f"deploy each for itself: roadbed deploy {shown(projects[0])}",
        )
    return InvalidInput("there is no Score file here, and nothing else that says what runs", hint=_EXAMPLE)


def without_projects(tree: Tree) -> Tree:
    """Less the folders that manage packages of their own, where the root manages none: their code is not its code."""
    if any(file in tree for file in _PACKAGES):
        return tree
    apart = [f"{folder}/" for folder in _folders(tree) if any(f"{folder}/{file}" in tree for file in _PACKAGES)]
    return Without(tree, tuple(apart)) if apart else tree


def _folders(tree: Tree) -> dict[str, None]:
    """Where projects of their own would lie."""
    folders = (path.rpartition("/")[0] for path in tree.paths[:_LOOKED_AT] if "/" in path)
    return dict.fromkeys(match[0] for folder in dict.fromkeys(folders) if (match := _PROJECTS.match(folder)))


def _is_project(tree: Tree) -> bool:
    try:
        return bool(combine(read_files(tree)[0]).main or read_code(tree).reading)
    except InvalidInput:
        return True
