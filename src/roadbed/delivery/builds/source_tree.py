"""A source on disk as detection sees it: names and small texts. Links are left out, as a build may not follow them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from roadbed.detection.tree import MAX_PATHS, MAX_TEXT, TreeOfFiles

_ASIDE = frozenset((".git", "node_modules", ".venv", "__pycache__"))


def tree_of(folder: Path) -> TreeOfFiles:
    paths: list[str] = []
    for path in _walk(str(folder), ""):
        paths.append(path)
        if len(paths) >= MAX_PATHS:
            break
    return TreeOfFiles(paths, lambda path: _content(folder / path))


def _walk(folder: str, prefix: str) -> Iterator[str]:
    """Files before the folders beside them, so that a tree that is cut loses what lies deepest."""
    with os.scandir(f"{folder}/{prefix}") as found:
        entries = sorted(found, key=lambda entry: entry.name)
    yield from (prefix + entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and entry.name not in _ASIDE:
            yield from _walk(folder, f"{prefix}{entry.name}/")


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MAX_TEXT else None
    except OSError:
        return None
