"""Runs files of people's programs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.hosted.source import Loader
from roadbed.sdk.provisioners import loading

BLOCK = "block.py"
"""What makes a folder of `provisioners/` a building block."""


def load(folder: Path, blocks: Sequence[Mapping[str, Any]] = ()) -> None:
    """Imports every program below the folder, in the order of their names, and then those of building blocks.

    A block is `{"name", "folder"}`. Those that lie in the folder itself are drafts, and left out.
    """
    drafts = {file.parent for file in folder.glob(f"*/{BLOCK}")}
    for file in sorted(folder.rglob("*.py")):
        if drafts.isdisjoint(file.parents):
            run(file, f"platform_{file.stem}")
    for number, block in enumerate(blocks):
        token = loading.set(block["name"])
        try:
            for file in sorted(Path(block["folder"]).rglob("*.py")):
                run(file, f"block_{number}_{file.stem}")
        finally:
            loading.reset(token)


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
