"""`node_modules` while commands run: theirs to write to, and kept only if they did."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_CACHES = frozenset({".cache", ".vite", ".vite-temp", ".astro"})
"""What tools leave behind for their own next run."""


def settle(layer: Path, place: Path) -> bool:
    """Removes the copy when it is still what the layer holds: True. What was made in it otherwise stays, as it is."""
    for name in _CACHES:
        shutil.rmtree(place / name, ignore_errors=True)
    if place.is_symlink() or not place.is_dir() or dict(_listing(layer)) != dict(_listing(place)):
        return False
    shutil.rmtree(place)
    return True


def _listing(folder: Path) -> Iterator[tuple[str, tuple[int, int] | str]]:
    """Each file's size and time, each link's target, by its path."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if entry.is_symlink():
                    yield name, str(Path(entry.path).readlink())
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{name}/")
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield name, (status.st_size, status.st_mtime_ns)
