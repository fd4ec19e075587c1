"""What no file of ours could say is taken out of a detection, openly: names, values and commands of odd text."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from roadbed.detection.domain import Detection, Placed, Process, Variable
from roadbed.detection.evidence import shown
from roadbed.kit.errors import Findings, Problem
from roadbed.workload.targets import WORKDIR

SET_BY_THE_PLATFORM = ("PORT", "HOST", "HOME")


def usable(found: Detection) -> Detection:
    """Raises InvalidInput for a command that can't be run."""
    notes: list[Problem] = list(found.notes)
    findings = Findings()
    timed = {name for name, process in found.processes.items() if not _is_timely(process, notes)}
    processes = {
        name: _process(process, notes, findings) for name, process in found.processes.items() if name not in timed
    }
    findings.raise_if_any("what is to be run")
    if all(process.schedule is not None for process in processes.values()):
        place = next(iter(found.processes.values())).place
        raise place.error("this runs by the clock only, and no process beside it", "say what runs all the time")
    return replace(
        found,
        processes=processes,
        variables=_variables(found.variables, notes),
        notes=tuple(notes),
        build=tuple(line for line in found.build if is_text(line)),
    )


def _process(process: Process, notes: list[Problem], findings: Findings) -> Process:
    for what in ("command", "release", "build", "publish"):
        if not is_text(getattr(process, what) or ""):
            findings.add(process.place.problem(f"the {what} of {process.name!r} holds what no command can"))
    for what in ("folder", "publish"):
        path = PurePosixPath(getattr(process, what) or ".")
        if path.is_absolute() or ".." in path.parts:
            message = f"the {what} of {process.name!r} leads out of the tree: {shown(str(path))!r}"
            findings.add(process.place.problem(message, "name one within it"))
    volumes = {target: name for target, name in process.volumes.items() if _is_target(target)}
    lost = [target for target in process.volumes if target not in volumes]
    notes += [process.place.problem(f"nothing can be mounted at {shown(one)!r}: it is left out") for one in lost]
    files = {target: one for target, one in process.files.items() if target not in volumes and _is_file(target, one)}
    unplaced = [target for target in process.files if target not in files]
    notes += [process.place.problem(f"no file can be put at {shown(one)!r}: it is left out") for one in unplaced]
    return replace(process, variables=_variables(process.variables, notes), volumes=volumes, files=files)


def _is_timely(process: Process, notes: list[Problem]) -> bool:
    """Whether its schedule, if it has one, is one."""
    if process.schedule is None:
        return True
    from roadbed.workload.schedules import SCHEDULE, wrong_schedule

    wrong = "it has no command" if process.command is None else wrong_schedule(process.schedule)
    if wrong is None and not SCHEDULE.fullmatch(process.schedule):
        wrong = f"{process.schedule!r} is no schedule"
    if wrong is not None:
        notes.append(process.place.problem(f"{process.name!r} is left out: {shown(wrong)}"))
    return wrong is None


def _is_target(path: str) -> bool:
    return path.startswith("/") and is_text(path) and ".." not in PurePosixPath(path).parts


def _is_file(path: str, file: Placed) -> bool:
    return _is_target(path) and posixpath.normpath(path) not in ("/", WORKDIR) and is_text(file.content.value or "")


def is_text(value: str) -> bool:
    """Neither NUL bytes, which no environment and no argument can hold, nor halves of characters."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def _variables(variables: Mapping[str, Variable], notes: list[Problem]) -> dict[str, Variable]:
    kept = {}
    for name, variable in variables.items():
        if name in SET_BY_THE_PLATFORM:
            continue
        if not name or "=" in name or not name.isprintable() or len(name) > 255 or name.startswith("ROADBED_"):
            notes.append(variable.place.problem(f"{shown(name)!r} can't be the name of a variable: it is left out"))
        elif not is_text(variable.value or ""):
            notes.append(variable.place.problem(f"the value of {name} is no text: it is left out"))
        else:
            kept[name] = variable
    return kept
