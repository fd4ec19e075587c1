"""A process of the host of programs that was started before it is asked.

Most of what a judgement takes is the start of an interpreter and the import of the SDK, and every plan that changes
something waits for one. A process still answers one request and ends: the next one merely stands ready.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from roadbed.kit.errors import RoadbedError
from roadbed.sandbox.domain import Host, Sandbox
from roadbed.sandbox.run import Started

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stand:
    """What a process was started for. Two that are equal see the same files: `folders` are those that it holds."""

    sandbox: Sandbox
    host: Host
    revision: str
    folders: tuple[tuple[int, int], ...]


def stand(sandbox: Sandbox, host: Host, revision: str) -> Stand:
    """Of a sandbox that is made now. A folder that was made anew is another one, whatever is in it."""
    found = (Path(mount.source).stat() for mount in sandbox.mounts)
    return Stand(sandbox, host, revision, tuple((one.st_dev, one.st_ino) for one in found))


class Spare:
    """At most one process: what was asked last is what is asked next."""

    def __init__(self) -> None:
        self._for: Stand | None = None
        self._process: asyncio.Task[Started] | None = None

    async def take(self, wanted: Stand) -> Started | None:
        """The process that was made for this. Another one is ended: it would not be asked any more."""
        meant, process = self._for, self._process
        self._for = self._process = None
        if process is None:
            return None
        try:
            started = await process
        except RoadbedError as problem:
            log.info("no spare process: %s", problem)
            return None
        if meant == wanted and not started.ended:
            return started
        await started.end()
        return None

    def make(self, wanted: Stand, start: Callable[[], Awaitable[Started]]) -> None:
        """In the background; where there is one, or one is being made, it stays."""
        if self._process is None:
            self._for, self._process = wanted, asyncio.ensure_future(start())

    async def close(self) -> None:
        """Ends it."""
        process, self._for, self._process = self._process, None, None
        if process is not None:
            [started] = await asyncio.gather(process, return_exceptions=True)
            if isinstance(started, Started):
                await started.end()
