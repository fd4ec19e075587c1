"""Runs one command of a build within its limits: what goes over them is ended with a sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from roadbed.delivery.builds.commands import Command
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.log import BuildLog
from roadbed.sandbox.domain import Host
from roadbed.sandbox.run import Completed, run

DISK_MB = 4096
"""What one command may add to the disk."""
FREE_MB = 256
"""What it must leave of it."""
LOG_BYTES = 8_000_000

_SHOWN_LINES = 15
_OVER_LIMIT = frozenset({128 + signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGXFSZ})
_LOOK_S = 0.5
_REST = 20
"""Measuring a folder takes at most one part of so many of the time."""


async def run_within(command: Command, log: BuildLog, host: Host | None) -> None:
    """Raises BuildFailed, with the last lines of a command that failed."""
    running = asyncio.ensure_future(_run(command, log, host))
    full = asyncio.ensure_future(_until_full(command.writes))
    try:
        await asyncio.wait({running, full}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise _ended(command, full.result(), "write less, or leave out what isn't needed to run it")
        done = running.result()
    finally:
        for task in (running, full):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
    _judge(command, done, log)


async def _run(command: Command, log: BuildLog, host: Host | None) -> Completed:
    return await run(
        command.sandbox,
        command.arguments,
        timeout=command.step.timeout_s,
        on_line=log.line,
        max_output=0,
        flood=LOG_BYTES,
        host=host,
    )


async def _until_full(folders: Collection[Path]) -> str:
    """Returns when there is too much in the folders, or too little room left: a sentence about which."""
    before = await asyncio.to_thread(_used, folders)
    while True:
        began = time.monotonic()
        used, free = await asyncio.to_thread(lambda: (_used(folders), _free(folders)))
        if used - before > DISK_MB * 1_000_000:
            return f"it wrote more than {DISK_MB} MB to the disk"
        if free < FREE_MB * 1_000_000:
            return f"less than {FREE_MB} MB of the disk were left"
        await asyncio.sleep(max(_LOOK_S, _REST * (time.monotonic() - began)))


def _used(folders: Collection[Path]) -> int:
    return sum(_size(str(folder)) for folder in folders)


def _size(folder: str) -> int:
    """The bytes of all files below; what goes away meanwhile counts nothing. No folder is too deep for it."""
    total, waiting = 0, [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


def _free(folders: Collection[Path]) -> int:
    found = [os.statvfs(folder) for folder in folders if folder.exists()]
    return min((stat.f_bavail * stat.f_frsize for stat in found), default=1 << 62)


def _judge(command: Command, done: Completed, log: BuildLog) -> None:
    does = command.step.does
    if done.timed_out:
        took = f"it took longer than {command.step.timeout_s:g} s"
        raise _ended(command, took, "see its log for what it was doing")
    if done.flooded:
        raise _ended(command, f"it wrote more than {LOG_BYTES // 1_000_000} MB to its log", "let it say less")
    if done.code not in command.step.good:
        lines = "\n".join(f"  {line}" for line in log.last(_SHOWN_LINES))
        raise BuildFailed(f"the build failed: {does} ended with code {done.code}\n{lines}", hint=_remedy(command, done))


def _ended(command: Command, why: str, hint: str) -> BuildFailed:
    return BuildFailed(f"the build was ended: {why} ({command.step.does})", hint=hint)


def _remedy(command: Command, done: Completed) -> str:
    if done.code in _OVER_LIMIT:
        return "it used more than a build may: 3 GB of memory, 1 GB in one file, 15 minutes of CPU"
    if not command.sandbox.network:
        return "mend what its last lines name, then deploy again; commands of a build have no network"
    return "mend what its last lines name, then deploy again; the log holds all of it"
