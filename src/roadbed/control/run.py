"""What a handler works with: durable steps, their log and progress, and the wish to cancel.

After a crash the handler is started again from the top by any worker. A step whose result was recorded isn't run
again: its result is given back as it was recorded. So a handler decides only by what steps returned, and a step's own
work must bear being begun again when it was interrupted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from roadbed.control.domain import Operation, StepState
from roadbed.control.errors import Cancelled, Parked, Superseded
from roadbed.control.lost import is_lost
from roadbed.control.recorder import Recorder
from roadbed.kit.access import Principal
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.storage.call import Call
from roadbed.storage.database import Database

JSON: TypeAlias = Any
"""What `json` can write: it is stored, and given back equal when the step is skipped."""

T = TypeVar("T")


class Run:
    """One attempt at an operation. `principal` is who asked, with the rights they had then."""

    def __init__(
        self, operation: Operation, principal: Principal, database: Database, recorder: Recorder, clock: Clock
    ) -> None:
        self.operation = operation
        self.principal = principal
        self.database = database
        self._recorder = recorder
        self._clock = clock
        self._recorded = {step.name: step.result for step in operation.steps if step.state == "succeeded"}
        self._used: set[str] = set()
        self._cancel = asyncio.Event()
        self._told = False
        if operation.cancel_requested:
            self._cancel.set()

    async def step(
        self, name: str, title: str, work: Callable[[StepRun], Awaitable[JSON]], *, cancellable: bool = True
    ) -> JSON:
        """Runs `work` once and for all, and returns its result. Raises Cancelled instead when that was asked.

        `name` is unique within the operation. What `work` raises ends the step as failed, and passes. One that is not
        `cancellable` is begun all the same: it asks by itself, and ends what an earlier attempt began.
        """
        if not await self._begin(name, title, cancellable=cancellable):
            return self._recorded[name]
        step = StepRun(self, name, self._recorder)
        try:
            result = _as_json(await work(step))
        except BaseException as error:
            await self._fail(name, error)
            raise
        async with self._recorder.recording() as (_, repository):
            await repository.end_step(self.operation.id, name, "succeeded", self._clock.now(), result=result)
        return result

    async def transaction(
        self, name: str, title: str, work: Callable[[Call], Awaitable[JSON]], *, cancellable: bool = True
    ) -> JSON:
        """A step whose whole effect is in the platform's database: it and its record commit together, or neither.

        One that is not `cancellable` records what has come true by now, whoever wished otherwise meanwhile.
        """
        if not await self._begin(name, title, cancellable=cancellable):
            return self._recorded[name]
        try:
            async with self._recorder.recording() as (call, repository):
                result = _as_json(await work(call))
                await repository.end_step(self.operation.id, name, "succeeded", self._clock.now(), result=result)
        except BaseException as error:
            await self._fail(name, error)
            raise
        return result

    async def wait(self, name: str, title: str, look: Callable[[Call], Awaitable[str | None]]) -> None:
        """A step that lasts until `look` has nothing more to wait for: it says what for, or None.

        As long as it waits the operation is parked, without its lock and without a worker: `Operations.wake` has it
        looked at again. What `look` writes commits together with that, so that nobody can decide too early.
        """
        if not await self._begin(name, title):
            return
        id_ = self.operation.id
        try:
            async with self._recorder.recording() as (call, repository):
                awaited = await look(call)
                if awaited is None:
                    await repository.end_step(id_, name, "succeeded", self._clock.now())
                else:
                    await repository.park(id_, name, awaited)
        except BaseException as error:
            await self._fail(name, error)
            raise
        if awaited is not None:
            raise Parked(awaited)

    async def log(self, text: str, step: str | None = None) -> None:
        """A line about the operation as a whole, or about what a step's transaction found."""
        self._recorder.log(step, text)

    async def check_cancelled(self) -> None:
        """Raises Cancelled if somebody asked for that."""
        if self._cancel.is_set():
            self._told = True
            raise Cancelled

    async def unless_cancelled(self, work: Awaitable[T]) -> T:
        """Awaits `work`, or cancels it and raises Cancelled as soon as somebody asks for that."""
        doing = asyncio.ensure_future(work)
        asked = asyncio.create_task(self._cancel.wait())
        try:
            await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                await self.check_cancelled()
            return await doing
        finally:
            asked.cancel()
            if not doing.done():
                doing.cancel()
                with suppress(asyncio.CancelledError):
                    await doing

    def request_cancel(self) -> None:
        """Called by the worker when it hears that somebody asked."""
        self._cancel.set()

    async def _begin(self, name: str, title: str, *, cancellable: bool = True) -> bool:
        """False if the step's result is known. A handler that was told to cancel may run steps to clean up."""
        if name in self._used:
            raise ValueError(f"the step {name!r} was run before in this operation")
        self._used.add(name)
        if name in self._recorded:
            return False
        if cancellable and not self._told:
            await self.check_cancelled()
        self._recorder.start_step(name, title)
        return True

    async def _fail(self, name: str, error: BaseException) -> None:
        """A step that was only interrupted stays as it is: it will be run again."""
        if isinstance(error, (Superseded, asyncio.CancelledError)) or is_lost(error):
            return
        state: StepState = "failed"
        message = None
        if isinstance(error, Cancelled):
            state, message = "skipped", "cancelled"
        elif isinstance(error, RoadbedError):
            message = error.message
        async with self._recorder.recording() as (_, repository):
            await repository.end_step(self.operation.id, name, state, self._clock.now(), message=message)


class StepRun:
    """What the work of a step can say while it runs."""

    def __init__(self, run: Run, name: str, recorder: Recorder) -> None:
        self.run = run
        self.name = name
        self._recorder = recorder

    async def log(self, text: str) -> None:
        """One or more lines. Secrets are the caller's to mask."""
        self._recorder.log(self.name, text)

    async def progress(self, done: int, total: int, message: str | None = None) -> None:
        """`done` of `total` parts; `message` says what it is at."""
        self._recorder.progress(self.name, done, total, message)

    async def check_cancelled(self) -> None:
        """Raises Cancelled if somebody asked for that."""
        await self.run.check_cancelled()

    async def unless_cancelled(self, work: Awaitable[T]) -> T:
        """Awaits `work`, or cancels it and raises Cancelled as soon as somebody asks for that."""
        return await self.run.unless_cancelled(work)


Handler: TypeAlias = Callable[[Run], Awaitable[Mapping[str, Any] | None]]
"""Does the work of one kind of operation. What it returns is the operation's result."""


def _as_json(value: Any) -> JSON:
    """As it will be read back, so that a first run and a later one see the same."""
    return json.loads(json.dumps(value))
