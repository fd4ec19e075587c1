"""Writes what one attempt at an operation does, and refuses to once another worker has taken the operation over.

Log lines, progress and the starts of steps are collected and written at most five times a second, so that a chatty step
and a short one cost little; they are written with whatever is recorded next in any case. What is recorded (the end of a
step, of the operation) is durable when the call returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadbed.control.domain import LogLine, Operation
from roadbed.control.events import Events
from roadbed.control.lost import is_lost
from roadbed.control.repository import OperationRepository
from roadbed.kit.access import Principal
from roadbed.kit.clock import Clock
from roadbed.kit.text import storable
from roadbed.storage.call import Call
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

MAX_LINE = 8_000
MAX_LINES = 50_000
_EVERY = 0.2
_AGAIN_AFTER = 1.0
_CUT = "… the log is longer than is kept; what follows is not recorded"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose work it is: this attempt at this operation, in the name of who asked. `sequence` is the log's last."""

    operation: Operation
    principal: Principal
    number: int
    sequence: int


class Recorder:
    def __init__(self, attempt: Attempt, database: Database, events: Events, clock: Clock) -> None:
        self._attempt = attempt
        self._database = database
        self._events = events
        self._clock = clock
        self._sequence = attempt.sequence
        self._starts: list[tuple[str, str, datetime]] = []
        self._lines: list[LogLine] = []
        self._progress: dict[str, tuple[int, int, str | None]] = {}
        self._writing = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None
        self._flushed = 0.0
        self._failure: Exception | None = None

    def start_step(self, name: str, title: str) -> None:
        """Nothing hangs on when it is written: after a crash, a step is run again unless its end is recorded."""
        self._starts.append((name, title, self._clock.now()))
        self._schedule()

    def log(self, step: str | None, text: str) -> None:
        """Adds a line for each line of `text`. Raises what kept earlier ones from being written."""
        for line in text.splitlines():
            if self._sequence >= MAX_LINES:
                return
            self._sequence += 1
            kept = _CUT if self._sequence == MAX_LINES else storable(line[:MAX_LINE])
            self._lines.append(LogLine(self._sequence, self._clock.now(), step, kept))
        self._schedule()

    def progress(self, step: str, done: int, total: int, message: str | None) -> None:
        self._progress[step] = (done, total, message)
        self._schedule()

    @asynccontextmanager
    async def recording(self, *, changed: bool = True) -> AsyncIterator[tuple[Call, OperationRepository]]:
        """One transaction, with all that was collected. Raises Superseded if the operation is another worker's by now.

        `changed` says that the block changes the operation or a step, so that who follows it is told.
        """
        operation = self._attempt.operation
        async with self._writing:
            starts, lines, progress = list(self._starts), list(self._lines), dict(self._progress)
            async with self._database.call(self._attempt.principal) as call:
                repository = OperationRepository(call.session)
                await repository.hold(operation.id, self._attempt.number)
                await self._write(repository, starts, lines, progress)
                yield call, repository
                if changed or starts or progress:
                    await emit_changed(self._events, call, operation)
                if lines:
                    await emit(self._events, call, "operation.log", operation)
            del self._starts[: len(starts)]
            del self._lines[: len(lines)]
            for step, written in progress.items():
                if self._progress.get(step) == written:
                    del self._progress[step]
            self._flushed = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Stops writing in the background; what was not written yet is lost (a crash would have lost it too)."""
        if self._flusher is not None:
            self._flusher.cancel()
            with suppress(asyncio.CancelledError):
                await self._flusher

    async def _write(
        self,
        repository: OperationRepository,
        starts: list[tuple[str, str, datetime]],
        lines: list[LogLine],
        progress: dict[str, tuple[int, int, str | None]],
    ) -> None:
        for step, title, at in starts:
            await repository.start_step(self._attempt.operation.id, step, title, at)
        if lines:
            await repository.add_log(self._attempt.operation.id, lines)
        for step, (done, total, message) in progress.items():
            await repository.write_progress(self._attempt.operation.id, step, done, total, message)

    def _schedule(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush_soon(), name=f"log of {self._attempt.operation.id}")

    async def _flush_soon(self) -> None:
        loop = asyncio.get_running_loop()
        while self._starts or self._lines or self._progress:
            await asyncio.sleep(max(0.0, self._flushed + _EVERY - loop.time()))
            try:
                async with self.recording(changed=False):
                    pass
            except Exception as error:
                if not is_lost(error):
                    self._failure = error
                    return
                await asyncio.sleep(_AGAIN_AFTER)


async def emit_changed(events: Events, call: Call, operation: Operation, *, cancel: bool = False) -> None:
    """Tells who follows the operation to read it again; `cancel` tells its worker that somebody asked for that."""
    await emit(events, call, "operation.changed", operation, {"cancel": True} if cancel else {})


async def emit(
    events: Events, call: Call, type_: str, operation: Operation, data: Mapping[str, Any] | None = None
) -> None:
    about = {"target": operation.target, "owner": operation.owner, "user": operation.requested_by}
    await events.emit(call, type_, f"operation:{operation.id}", about | dict(data or {}))
