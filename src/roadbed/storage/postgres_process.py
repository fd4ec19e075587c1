"""Which processes belong to a data folder, told from `postmaster.pid` and each process's working folder.

A process number alone proves nothing: after a reboot, or in a new container, it may be anybody's. Every process of a
server works in its data folder, and no other process does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias

import psutil

Status: TypeAlias = Literal["ready", "starting", "stopping", "stopped"]

_STATUS_LINE = 7  # of postmaster.pid, from 0; see PostgreSQL's src/include/utils/pidfile.h
_PATIENCE = 60.0
_ORPHANS_PATIENCE = 5.0
_EVERY = 0.02


def postmaster(data: Path) -> psutil.Process | None:
    """The server's first process, if it lives."""
    lines = _pid_file(data)
    if not lines or not lines[0].strip().isdigit():
        return None
    with suppress(psutil.Error):
        process = psutil.Process(int(lines[0]))
        return process if _works_in(process, data) else None
    return None


def status(data: Path) -> Status:
    """What the server does now. A server in recovery is `starting`."""
    if postmaster(data) is None:
        return "stopped"
    lines = _pid_file(data)
    word = lines[_STATUS_LINE].strip() if len(lines) > _STATUS_LINE else "starting"
    if word in ("ready", "stopping"):
        return "ready" if word == "ready" else "stopping"
    return "starting"


async def settled(data: Path) -> Status:
    """Waits, a minute at most, until the server neither starts nor stops."""
    await _until(lambda: status(data) in ("ready", "stopped"), _PATIENCE)
    return status(data)


async def clear_remains(data: Path, sockets: Path) -> None:
    """After a kill -9: waits for the children whom their server left behind, then removes its lock files.

    PostgreSQL keeps from starting while a child of the old server lives, and rightly so: two would write one folder.
    Children end by themselves once they see that their parent is gone; one that is busy is killed. The lock files name
    a process that may be anybody's by now, or a zombie where the machine's first process reaps none.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    if not await _until(lambda: not _workers(data), _ORPHANS_PATIENCE):
        for orphan in _workers(data):
            with suppress(psutil.Error):
                orphan.kill()
        await _until(lambda: not _workers(data), _ORPHANS_PATIENCE)
    _remove_lock_files(pid_file, sockets)


def _remove_lock_files(pid_file: Path, sockets: Path) -> None:
    for remains in (pid_file, *sockets.glob(".s.PGSQL.*")):
        remains.unlink(missing_ok=True)


async def _until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether the condition came true within `patience` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while not condition():
        if loop.time() > deadline:
            return False
        await asyncio.sleep(_EVERY)
    return True


def _workers(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process, data)]


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == data.resolve()
    except (psutil.Error, OSError):
        return False


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
