"""Runs one command of a build within its limits: what goes over them is ended with a sentence."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import suppress
from dataclasses import replace

from roadbed.delivery.builds.commands import Command
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.log import BuildLog
from roadbed.delivery.builds.watching import Ceiling, Over, until_over
from roadbed.sandbox import detect
from roadbed.sandbox.domain import Host, Sandbox
from roadbed.sandbox.run import Completed, run

LOG_BYTES = 8_000_000

_SHOWN_LINES = 15
_OVER_LIMIT = frozenset({128 + signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGXFSZ})
_NOT_FOUND = re.compile(
    r"\b(python3?|pip3?|node|npm|npx|go|ruby|bundle): (?:command )?not found"
    r"|cannot run (python3?|node|npm|npx|go|ruby):"
)
_PROCESSES_SLACK = 8
"""So many times as many may be there before the kernel refuses another: it counts threads, and builds share a user."""


async def run_within(command: Command, log: BuildLog, host: Host | None, ceiling: Ceiling) -> None:
    """Raises BuildFailed, with the last lines of a command that failed."""
    place = host or detect.host()
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.ensure_future(_run(command, log, place, ceiling, started))
    watching = asyncio.ensure_future(_watch(command, ceiling, started))
    try:
        await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            raise _ended(command, watching.result())
        done = running.result()
    finally:
        for task in (running, watching):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
    _judge(command, done, log, ceiling)


async def _run(
    command: Command, log: BuildLog, host: Host, ceiling: Ceiling, started: asyncio.Future[int]
) -> Completed:
    return await run(
        _held(command.sandbox, host, ceiling),
        command.arguments,
        timeout=command.step.timeout_s,
        on_line=log.line,
        max_output=0,
        flood=LOG_BYTES,
        host=host,
        on_start=started.set_result,
    )


async def _watch(command: Command, ceiling: Ceiling, started: asyncio.Future[int]) -> Over:
    return await until_over(await started, command.writes, ceiling)


def _held(sandbox: Sandbox, host: Host, ceiling: Ceiling) -> Sandbox:
    """With limits of the kernel behind those that are watched, for what grows between two looks.

    It counts processes by user: as root builds have one of their own, else they share it with all that runs.
    """
    processes = _PROCESSES_SLACK * ceiling.processes if host.root else None
    return replace(sandbox, limits=replace(sandbox.limits, memory_mb=ceiling.memory_mb * 4 // 3, processes=processes))


def _judge(command: Command, done: Completed, log: BuildLog, ceiling: Ceiling) -> None:
    does = command.step.does
    if done.timed_out:
        took = f"it took longer than {command.step.timeout_s:g} s"
        raise _ended(command, Over(took, "see its log for what it was doing"))
    if done.flooded:
        raise _ended(command, Over(f"it wrote more than {LOG_BYTES // 1_000_000} MB to its log", "let it say less"))
    if done.code not in command.step.good:
        lines = "\n".join(f"  {line}" for line in log.last(_SHOWN_LINES))
        hint = _missing(lines) or _remedy(command, done, ceiling)
        raise BuildFailed(f"the build failed: {does} ended with code {done.code}\n{lines}", hint=hint)


def _ended(command: Command, over: Over) -> BuildFailed:
    return BuildFailed(f"the build was ended: {over.why} ({command.step.does})", hint=over.hint)


def _missing(lines: str) -> str | None:
    if (found := _NOT_FOUND.search(lines)) is None:
        return None
    return (
        f"{found[1] or found[2]} is there for a tree of its language, or where a command of roadbed.yaml or the"
        " Procfile names it: name it there, or add the file that lists its packages"
    )


def _remedy(command: Command, done: Completed, ceiling: Ceiling) -> str:
    if done.code in _OVER_LIMIT:
        memory = f"{ceiling.memory_mb} MB of memory (ROADBED_BUILDS__MEMORY_MB)"
        return f"it used more than a build may: {memory}, 1 GB in one file, 15 minutes of CPU"
    if not command.sandbox.network:
        return "mend what its last lines name, then deploy again; commands of a build have no network"
    return "mend what its last lines name, then deploy again; the log holds all of it"
