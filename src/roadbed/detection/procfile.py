"""Reads a Procfile: a line a process, `name: command`.

Source of the rules: Heroku's descriptions of the file, by which the last of two lines with one name is taken, and the
capitals and underscores of a name become what a host name may hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from roadbed.kit.errors import Findings, Problem
from roadbed.kit.names import LABEL

_LINE = re.compile(r"\s*([A-Za-z0-9_-]{1,63}):\s*(.*?)\s*")
_COMMENT = ("#", "//")
MAX_LINES = 1_000

RELEASE = "release"
"""Runs once per release, before traffic moves to it."""


@dataclass(frozen=True, slots=True)
class ProcfileLine:
    """`name` as a label, `written` as it stands in the file; `command` is a line for a shell."""

    name: str
    written: str
    command: str
    line: int


@dataclass(frozen=True, slots=True)
class Procfile:
    """By name. `notes` are what a reader would want to know, and no errors."""

    file: str
    processes: Mapping[str, ProcfileLine]
    notes: tuple[Problem, ...] = ()


def read_procfile(text: str, file: str = "Procfile") -> Procfile:
    """Raises InvalidInput with every line that is none."""
    findings, notes = Findings(), []
    found: dict[str, ProcfileLine] = {}
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        findings.add(Problem(f"this file has {len(lines):,} lines; at most {MAX_LINES:,} are read", file=file))
    for number, line in enumerate(lines[:MAX_LINES], start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not match[2]:
            hint = "write `web: command`, a process on each line"
            findings.add(Problem(f"this is no process: {line.strip()[:80]!r}", hint, file, number))
            continue
        name = match[1].lower().replace("_", "-")
        if not LABEL.fullmatch(name):
            hint = "use 2 to 63 letters, digits and hyphens, beginning and ending with a letter or digit"
            findings.add(Problem(f"{match[1]!r} can't be the name of a workload", hint, file, number))
            continue
        if name in found:
            earlier = found[name].line
            notes.append(Problem(f"{name!r} stands here and in line {earlier}; this one is taken", None, file, number))
        if name != match[1]:
            notes.append(Problem(f"{match[1]!r} is called {name!r} here", None, file, number))
        found[name] = ProcfileLine(name, match[1], match[2], number)
    findings.raise_if_any(file)
    return Procfile(file, found, tuple(notes))
