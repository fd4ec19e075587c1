"""What stands before package managers on the PATH of a build's commands that have the network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from roadbed.sandbox.domain import File

FOLDER = "/opt/roadbed/bin"
MODULES = "/opt/roadbed/modules"
"""What `python -m pip` finds."""
NODE_FOLDERS = "ROADBED_NODE_FOLDERS"
_NAMES = ("pip", "pip3", "uv", "poetry", "pipenv", "pdm", "npm", "pnpm", "yarn", "corepack")
_PIP = b'import os, sys\n\nos.execv("%s/pip", ["pip", *sys.argv[1:]])\n' % FOLDER.encode()


@cache
def files() -> dict[str, File]:
    """By their paths in the sandbox."""
    program = File((Path(__file__).parent / "installer").read_bytes(), 0o555)
    module = {f"{MODULES}/pip/__init__.py": File(b""), f"{MODULES}/pip/__main__.py": File(_PIP)}
    return {**{f"{FOLDER}/{name}": program for name in _NAMES}, **module}
