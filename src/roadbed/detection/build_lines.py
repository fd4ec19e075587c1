"""What builds a tree, beside what installs its packages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from roadbed.detection.code import Code
from roadbed.detection.combine import Combined
from roadbed.detection.domain import Process
from roadbed.detection.tree import below

_INSTALLS = re.compile(
    r"(python3? -m )?pip3? install\b|poetry install\b|uv (sync|pip install)\b|pipenv (install|sync)\b|go mod download\b"
    r"|npm (ci|install|i)\b|(yarn|pnpm|bun)( install| i)?( --\S+)*$|bundle (install|config)\b|corepack enable\b"
    r"|(python3? -m )?pip3? install$|apt(-get)? "
)


def build_lines(processes: Mapping[str, Process], combined: Combined, code: Code) -> tuple[str, ...]:
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
    parts = [part for part in re.split(r"\s*(?:&&|;|\n)\s*", line.strip()) if part and not _INSTALLS.match(part)]
    while parts and re.match(r"cd\s", parts[-1]):
        parts.pop()
    return " && ".join(parts)
