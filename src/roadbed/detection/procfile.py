"""Reads a Procfile: a line a process, `name: command`.

Source of the rules: Heroku's descriptions of the file, by which the last of two lines with one name is taken, and the
capitals and underscores of a name become what a host name may hold.
"""

from __future__ import annotations

import re
from dataclasses import replace

from roadbed.detection.domain import WEB, Process, Reading
from roadbed.kit.errors import Findings, Problem
from roadbed.kit.names import LABEL
from roadbed.workload.document import Place

RELEASE = "release"
"""The command that runs once per release, before traffic moves."""
MAX_LINES = 1_000

_LINE = re.compile(r"\s*([A-Za-z0-9_-]{1,63}):\s*(.*?)\s*")
_COMMENT = ("#", "//")
_FORM = "use at most 63 letters, digits and hyphens, beginning and ending with a letter or digit"


def read_procfile(text: str, file: str = "Procfile") -> Reading:
    """Raises InvalidInput with every line that is none."""
    findings = Findings()
    notes: list[Problem] = []
    found: dict[str, Process] = {}
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        findings.add(Problem(f"this file has {len(lines):,} lines; at most {MAX_LINES:,} are read", file=file))
    for number, line in enumerate(lines[:MAX_LINES], start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        place = Place(file, number, 1)
        match = _LINE.fullmatch(line)
        if match is None or not match[2]:
            shown = line.strip()[:80]
            findings.add(
                place.problem(f"this is no process: {shown!r}", "write `web: command`, a process on each line")
            )
            continue
        written, command = match.groups()
        name = written.lower().replace("_", "-")
        name = f"{name}-1" if len(name) == 1 else name
        if not LABEL.fullmatch(name):
            findings.add(place.problem(f"{written!r} can't be the name of a workload", _FORM))
            continue
        if name in found:
            earlier = found[name].place.line
            notes.append(place.problem(f"{name!r} stands here and in line {earlier}; this one is taken"))
        if name != written:
            notes.append(place.problem(f"{written!r} is called {name!r} here"))
        found[name] = Process(name, place, command, public=name == WEB)
    findings.raise_if_any(file)
    release = found.pop(RELEASE, None)
    if release is not None:
        found = _with_release(found, release)
    return Reading(file, processes=found, unmapped=tuple(notes))


def _with_release(processes: dict[str, Process], release: Process) -> dict[str, Process]:
    """It belongs to the application as a whole: it is run with the web process, or the first there is."""
    name = WEB if WEB in processes else next(iter(processes), None)
    if name is None:
        return {WEB: Process(WEB, release.place, public=True, release=release.command, release_place=release.place)}
    return {**processes, name: replace(processes[name], release=release.command, release_place=release.place)}
