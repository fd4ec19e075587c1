"""The programs of languages on this machine: looked for when somebody first asks, and then remembered."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_ASKED = {"go": ("version",)}
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """`path` is where the PATH has it."""

    path: str
    version: str


@cache
def installed(name: str) -> Program | None:
    """A program that says its version. One on the PATH that does not can not be run: pyenv puts such there. They answer
    differently in a folder that names a version, so they are asked outside of any.
    """
    found = shutil.which(name)
    if found is None:
        return None
    try:
        done = subprocess.run(
            [found, *_ASKED.get(name, ("--version",))],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = _VERSION.search(done.stdout)
    return Program(found, version[0]) if done.returncode == 0 and version else None
