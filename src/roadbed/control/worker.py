"""Does the work: takes operations from the queue, runs their handlers, records how they end.

It runs inside the server process. What was under way when a process died is put back by whoever notices: the process
that starts next, at once, or any other within seconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from roadbed.control import principals
from roadbed.control.domain import ENDED, Event, State
from roadbed.control.errors import Cancelled, Parked, Superseded
from roadbed.control.events import RESYNC
from roadbed.control.lost import is_lost
from roadbed.control.processes import this_process
from roadbed.control.queue import Interrupted
from roadbed.control.recorder import Attempt, Recorder, emit_changed
from roadbed.control.repository import OperationRepository
from roadbed.control.run import Handler, Run
from roadbed.control.service import Operations
from roadbed.control.takeover import Here, put_back_orphans
from roadbed.kit.access import system
from roadbed.kit.errors import OperationFailed, RoadbedError
from roadbed.kit.ids import new_id

log = logging.getLogger(__name__)

_POLL = 2.0
"""Seconds. Only a net: notifications wake the worker, but Procrastinate loses one that comes while it fetches."""
_TAKE_OVER_EVERY = 10.0
_RESTART_AFTER = 1.0
_ASK_AGAIN_AFTER = 5.0


class _Outcome(NamedTuple):
    state: State
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


class Worker:
    """Make it before `Events` starts, start it after. `concurrency` is how many operations it does at once."""

    def __init__(self, operations: Operations, *, concurrency: int = 8) -> None:
        self._operations = operations
        self._database = operations.database
        self._events = operations.events
        self._clock = operations.clock
        self._queue = operations.queue
        self._concurrency = concurrency
        self._runs: dict[str, Run] = {}
        self._jobs: set[int] = set()
        self._grace = 0.0
        self._look = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._queue.serve(self._perform, self._events.listener)
        self._events.listener.on_connect(self._look.set)

    async def start(self, *, grace: float = 1.0) -> None:
        """Puts back what dead workers left, and begins. `grace`: seconds that `close` gives to what is under way."""
        self._grace = grace
        await self._put_back()
        self._tasks = [
            asyncio.create_task(self._work(grace), name="worker"),
            asyncio.create_task(self._take_over(), name="worker: take-over"),
            asyncio.create_task(self._hear_cancels(), name="worker: cancels"),
        ]

    async def close(self) -> None:
        """What is still under way after the grace is interrupted and put back: it goes on wherever a worker is next."""
        waiting = set(self._tasks)
        while waiting:
            for task in waiting:
                task.cancel()
            # A cancellation can get lost: `wait_for` of Python 3.11 swallows one that comes just as it is done.
            _, waiting = await asyncio.wait(waiting, timeout=self._grace + _ASK_AGAIN_AFTER)

    async def _work(self, grace: float) -> None:
        while True:
            try:
                await self._queue.run(concurrency=self._concurrency, poll=_POLL, grace=grace)
            except Exception:
                log.exception("the worker stopped, starting it again in %s s", _RESTART_AFTER)
            await asyncio.sleep(_RESTART_AFTER)
            self._look.set()

    async def _take_over(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _TAKE_OVER_EVERY)
            self._look.clear()
            try:
                await self._put_back()
            except Exception as error:
                if not is_lost(error):
                    log.exception("can't look for the work of dead workers")

    async def _put_back(self) -> None:
        abandoned = set(self._queue.abandoned)
        here = Here(this_process(), self._queue.worker, frozenset(self._jobs), abandoned)
        async with self._database.session() as session:
            orphans = await put_back_orphans(session, here)
        self._queue.abandoned.difference_update(abandoned)
        if orphans:
            log.info("took over %s jobs whose worker is gone", len(orphans))

    async def _hear_cancels(self) -> None:
        async for event in self._events.subscribe():
            try:
                await self._pass_on(event)
            except Exception as error:
                if not is_lost(error):
                    log.exception("can't read which operations are to be cancelled")

    async def _pass_on(self, event: Event) -> None:
        if event.type == RESYNC:
            for id_, run in list(self._runs.items()):
                async with self._database.session() as session:
                    if (await OperationRepository(session).row(id_)).cancel_requested:
                        run.request_cancel()
        elif event.type == "operation.changed" and event.data.get("cancel"):
            asked = self._runs.get(event.subject.removeprefix("operation:"))
            if asked is not None:
                asked.request_cancel()

    async def _perform(self, job: int, id_: str) -> None:
        """One job. Returns when the operation ended or isn't ours; raises Interrupted to be called again."""
        self._jobs.add(job)
        try:
            await self._attempt(id_)
        except Superseded:
            log.warning("the operation %s was taken over by another worker", id_)
        except Exception as error:
            if is_lost(error):
                raise Interrupted(id_) from error
            raise
        finally:
            self._jobs.discard(job)

    async def _attempt(self, id_: str) -> None:
        claimed = await self._claim(id_)
        if claimed is None:
            return
        recorder = Recorder(claimed, self._database, self._events, self._clock)
        run = Run(claimed.operation, claimed.principal, self._database, recorder, self._clock)
        self._runs[id_] = run
        try:
            outcome = await self._outcome(run)
            async with recorder.recording() as (_, repository):
                await repository.end(id_, outcome.state, self._clock.now(), result=outcome.result, error=outcome.error)
        except Parked:
            log.info("the operation %s waits for somebody", id_)
        finally:
            if self._runs.get(id_) is run:
                del self._runs[id_]
            await recorder.close()

    async def _claim(self, id_: str) -> Attempt | None:
        """Makes this the operation's only attempt. None if there is nothing to do any more."""
        async with self._database.call(system("worker")) as call:
            repository = OperationRepository(call.session)
            row = await repository.row(id_, lock=True)
            if row.state in ENDED:
                return None
            if row.cancel_requested and row.state == "queued" and row.attempt == 0:
                await repository.end(id_, "cancelled", self._clock.now())
            else:
                await repository.claim(row, self._clock.now())
            operation = await repository.get(id_)
            await emit_changed(self._events, call, operation)
            if operation.ended:
                return None
            sequence = await repository.last_sequence(id_)
            return Attempt(operation, principals.from_json(row.principal), row.attempt, sequence)

    async def _outcome(self, run: Run) -> _Outcome:
        """How the handler ended. What says nothing about the work passes: Parked, Superseded, a lost database,
        the shutdown.
        """
        operation = run.operation
        try:
            result = await self._handler(operation.kind)(run)
            json.dumps(result)
        except Cancelled:
            return _Outcome("cancelled")
        except Parked:
            raise
        except RoadbedError as error:
            return _Outcome("failed", error=error.to_dict())
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, Superseded) or is_lost(error) or _is_shutdown(error):
                raise
            return _Outcome("failed", error=_internal(operation.id, operation.kind))
        return _Outcome("succeeded", result=result)

    def _handler(self, kind: str) -> Handler:
        if handler := self._operations.handlers.get(kind):
            return handler
        raise OperationFailed(
            f"this server doesn't know how to do {kind!r}", hint="was it accepted by another version of Roadbed?"
        )


def _is_shutdown(error: BaseException) -> bool:
    """A handler may meet the cancellation of a task of its own; only when this one is cancelled, the worker stops."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _internal(operation: str, kind: str) -> Mapping[str, Any]:
    """A problem that tells a user nothing but where to look. Called while the error is handled."""
    id_ = new_id("err")
    log.exception("%s: the operation %s (%s) failed by a mistake of the platform's", id_, operation, kind)
    error = RoadbedError(
        "a mistake in the platform ended this operation", hint=f"the server's log says more: look for {id_}"
    )
    return error.to_dict() | {"id": id_}
