"""Directories that a command is given."""

from __future__ import annotations

from pathlib import Path

from roadbed.kit.errors import InvalidInput


def check_directory(path: Path) -> Path:
    """`path`, which must be a directory. Raises InvalidInput that says what it is instead."""
    if path.is_dir():
        return path
    what = "is a file, no directory" if path.exists() else "does not exist"
    raise InvalidInput(f"{path} {what}", hint="name the directory that holds the source")
