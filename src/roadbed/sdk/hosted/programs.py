"""Runs files of people's programs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.source import Loader


def load(folder: Path) -> None:
    """Imports every program below the folder, in the order of their names."""
    for file in sorted(folder.rglob("*.py")):
        run(file, f"platform_{file.stem}")


def run(file: Path, name: str) -> None:
    """Runs one file as a module of that name."""
    spec = importlib.util.spec_from_file_location(name, file, loader=Loader(name, str(file)))
    if spec is None or spec.loader is None:
        raise ProgramError(f"{file.name} can't be run")
    refuse_nul(file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def refuse_nul(file: Path) -> None:
    """Python says of which line only from 3.12 on."""
    before, nul, _ = file.read_bytes().partition(b"\0")
    if nul:
        raise SyntaxError("the source holds a NUL character", (str(file), before.count(b"\n") + 1, None, None))
