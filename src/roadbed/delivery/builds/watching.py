"""What a build takes of the machine while it runs, looked at from outside: memory, processes, disk.

The kernel's own limits are for one process, or for all that a user has. What counts is the build as a whole.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import psutil

from roadbed.delivery.builds.walking import files_below

MEMORY_MB = 3072
PROCESSES = 512
DISK_MB = 4096
FREE_MB = 256
"""What must be left of the disk."""

_LOOK_S = 0.25
_REST = 20
"""Measuring a folder takes at most one part of so many of the time."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What one command of a build and all that it starts may have at once; `disk_mb` is what it may add to the disk."""

    memory_mb: int = MEMORY_MB
    processes: int = PROCESSES
    disk_mb: int = DISK_MB


@dataclass(frozen=True, slots=True)
class Over:
    """What was too much, as the end of a sentence, and what to do about it."""

    why: str
    hint: str


async def until_over(pid: int, folders: Collection[Path], ceiling: Ceiling) -> Over:
    """Returns when the processes below `pid` have too much, or the folders grew too large. What is quick isn't seen."""
    watch = _Watch(pid, folders, ceiling)
    while True:
        await asyncio.sleep(_LOOK_S)
        if (over := await asyncio.to_thread(watch.look)) is not None:
            return over


class _Watch:
    def __init__(self, pid: int, folders: Collection[Path], ceiling: Ceiling) -> None:
        self._pid, self._folders, self._ceiling = pid, folders, ceiling
        self._before: int | None = None
        self._next_disk = 0.0

    def look(self) -> Over | None:
        family = _family(self._pid)
        most = self._ceiling.processes
        if len(family) > most:
            return _more(f"it had more than {most} processes at once", "start fewer", "PROCESSES")
        most = self._ceiling.memory_mb
        if _memory(family, most * 1_000_000) > most * 1_000_000:
            return _more(f"its processes held more than {most} MB of memory together", "let it use less", "MEMORY_MB")
        return self._look_at_disk() if time.monotonic() >= self._next_disk else None

    def _look_at_disk(self) -> Over | None:
        began = time.monotonic()
        used = sum(status.st_size for status in files_below(self._folders))
        self._next_disk = began + _REST * (time.monotonic() - began)
        if self._before is None:
            self._before = used
        if used - self._before > self._ceiling.disk_mb * 1_000_000:
            what = "write less, leave out what isn't needed to run it"
            return _more(f"it wrote more than {self._ceiling.disk_mb} MB to the disk", what, "DISK_MB")
        if _free(self._folders) < FREE_MB * 1_000_000:
            return Over(f"less than {FREE_MB} MB of the disk were left", "free some of it: roadbed builds prune")
        return None


def _more(why: str, less: str, setting: str) -> Over:
    return Over(why, f"{less}, or let builds have more where the platform runs: ROADBED_BUILDS__{setting}")


def _family(pid: int) -> list[psutil.Process]:
    """All that descend from it. In a sandbox nothing gets away: its first process takes in what is orphaned."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _memory(family: Collection[psutil.Process], enough: int) -> int:
    """Bytes that they hold together. Only when it matters is what they share counted once, which takes longer."""
    resident = sum(_resident(process) for process in family)
    return resident if resident <= enough else sum(_proportional(process) for process in family)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, OSError):  # another user's, for whoever isn't root
        return _resident(process)


def _free(folders: Collection[Path]) -> int:
    found = [os.statvfs(folder) for folder in folders if folder.exists()]
    return min((stat.f_bavail * stat.f_frsize for stat in found), default=1 << 62)
