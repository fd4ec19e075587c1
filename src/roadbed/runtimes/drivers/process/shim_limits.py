"""What a container may use: kept by the kernel where control groups can be written, memory else by looking."""

from __future__ import annotations

import os
import time

WATCH_EVERY = 2.0
"""Seconds between two looks."""


class Limits:
    """`groups` are control groups to make, of either version of the kernel's interface: each a path and what to write
    into which of its files, where it has them. `watched` is the memory in bytes to be kept by looking, None for none.
    `layer` is a folder of the container, what is written to which lies in memory; None for none.
    """

    def __init__(self, groups: list[tuple[str, list[tuple[str, str]]]], watched: int | None, layer: str | None) -> None:
        self._paths = [path for path, _ in groups]
        self._watched = watched
        self._layer = layer
        self.interval = None if watched is None else WATCH_EVERY
        for path, values in groups:
            os.makedirs(path, exist_ok=True)
            for name, value in values:
                if os.path.exists(f"{path}/{name}"):
                    _write(f"{path}/{name}", value)

    def join(self) -> None:
        """Puts the process that calls it into the groups, and with it all that it starts."""
        for path in self._paths:
            _write(f"{path}/cgroup.procs", "0")

    def exceeded(self, pid: int) -> bool:
        """Whether it uses too much memory, or the kernel ended a process of a group for want of it."""
        if self._watched is not None:
            processes = tree(pid)
            return sum(map(resident, processes)) + self._written(processes[-1]) > self._watched
        return any(map(_out_of_memory, self._paths))

    def _written(self, pid: int) -> int:
        """Bytes in the layer, as a process of the container sees it; 0 where it has none, or has ended."""
        try:
            found = os.statvfs(f"/proc/{pid}/root{self._layer}") if self._layer else None
        except OSError:
            return 0
        return (found.f_blocks - found.f_bfree) * found.f_frsize if found else 0

    def close(self) -> None:
        for path in self._paths:
            for _ in range(20):
                try:
                    os.rmdir(path)
                    break
                except OSError:
                    time.sleep(0.05)  # the kernel is still burying its last processes


def _out_of_memory(path: str) -> bool:
    for name in ("memory.events", "memory.oom_control"):
        try:
            with open(f"{path}/{name}") as file:
                return any(line.startswith("oom_kill ") and int(line.split()[1]) > 0 for line in file)
        except FileNotFoundError:
            continue
    return False


def _write(path: str, value: str) -> None:
    with open(path, "w") as file:
        file.write(value)


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
