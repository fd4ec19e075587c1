"""The languages' tools on this machine: looked for when a recipe first asks, and then remembered."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from roadbed.delivery.builds.domain import Tool

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_ASKED = {"go": ("version",)}
_NAMES = ("node", "npm", "go", "ruby", "bundle", *(f"python3.{minor}" for minor in range(9, 16)))
_TIMEOUT_S = 10.0


class MachineTools(Mapping[str, Tool]):
    """By the names that one calls them with; only those that are on the PATH and say their version."""

    def __getitem__(self, name: str) -> Tool:
        tool = find(name) if name in _NAMES else None
        if tool is None:
            raise KeyError(name)
        return tool

    def __iter__(self) -> Iterator[str]:
        return (name for name in _NAMES if find(name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def find(name: str) -> Tool | None:
    """A tool that is there and says what it is. Its prefix is the folder above its own `bin`."""
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
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = _VERSION.search(done.stdout)
    if done.returncode != 0 or version is None:
        return None
    program = Path(found).resolve()
    return Tool(str(program) if name.startswith("python") else found, version[0], str(program.parent.parent))
