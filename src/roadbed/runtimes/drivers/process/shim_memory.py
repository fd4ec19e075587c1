"""A replica's memory limit: kept by the kernel where control groups can be written, else by looking."""

from __future__ import annotations

import os
import time

WATCH_EVERY = 2.0
"""Seconds between two looks."""


class Group:
    """A control group of either version of the kernel's interface. `path` doesn't exist yet."""

    interval: float | None = None

    def __init__(self, path: str, limit: int) -> None:
        self._path = path
        os.makedirs(path, exist_ok=True)
        if os.path.exists(f"{path}/memory.max"):
            self._write("memory.max", str(limit))
            for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                if os.path.exists(f"{path}/{name}"):
                    self._write(name, value)
        else:
            self._write("memory.limit_in_bytes", str(limit))

    def join(self) -> None:
        """Puts the process that calls it into the group, and with it all that it starts."""
        self._write("cgroup.procs", "0")

    def exceeded(self, _pid: int) -> bool:
        """Whether the kernel ended a process of the group for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            try:
                with open(f"{self._path}/{name}") as file:
                    return any(line.startswith("oom_kill ") and int(line.split()[1]) > 0 for line in file)
            except FileNotFoundError:
                continue
        return False

    def close(self) -> None:
        for _ in range(20):
            try:
                os.rmdir(self._path)
                break
            except OSError:
                time.sleep(0.05)  # the kernel is still burying its last processes

    def _write(self, name: str, value: str) -> None:
        with open(f"{self._path}/{name}", "w") as file:
            file.write(value)


class Watch:
    """Adds up what the replica's processes hold in memory."""

    interval: float | None = WATCH_EVERY

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def join(self) -> None:
        """A watched process needs to do nothing."""

    def exceeded(self, pid: int) -> bool:
        return sum(map(resident, tree(pid))) > self._limit

    def close(self) -> None:
        """A watch leaves nothing behind."""


def tree(pid: int) -> list[int]:
    """`pid` and all that descend from it."""
    found = [pid]
    for parent in found:
        found += children(parent)
    return found


def children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def resident(pid: int) -> int:
    """Bytes; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
