"""Where this process may make control groups that limit memory or processors, of either version of the kernel's
interface."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_FILES = {"memory": ("memory.limit_in_bytes", "memory.max"), "cpu": ("cpu.cfs_quota_us", "cpu.max")}
"""A file of each version by which a group's limit is set."""


@cache
def cgroup(controller: str) -> Path | None:
    """The folder to make groups of `memory` or `cpu` in, or None where this process may not.

    Makes and removes one.
    """
    return next((folder for folder in _candidates(controller) if _works(folder, controller)), None)


def _candidates(controller: str) -> list[Path]:
    """This process's own groups, as `/proc/self/cgroup` names them: `4:memory:/a` (version 1), `0::/b` (version 2)."""
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        relative = path.lstrip("/")
        if controller in controllers.split(","):
            found.append(Path("/sys/fs/cgroup", controllers, relative))
            found.append(Path("/sys/fs/cgroup", controller, relative))
        elif number == "0":
            found.append(Path("/sys/fs/cgroup", relative))
    return found


def _works(folder: Path, controller: str) -> bool:
    probe = folder / f"roadbed-probe-{os.getpid()}"
    try:
        probe.mkdir()
    except OSError:
        return False
    try:
        return any((probe / name).exists() for name in _FILES[controller])
    finally:
        probe.rmdir()
