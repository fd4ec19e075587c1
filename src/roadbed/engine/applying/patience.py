"""One call of a provider: tried again while it says so, ended when it takes too long, and never without an error that
can be shown.
"""

from __future__ import annotations

import asyncio
import logging
import random
import traceback
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from roadbed.control.lost import is_lost
from roadbed.engine.applying.hiding import Hidden
from roadbed.engine.applying.slots import Place
from roadbed.engine.errors import TimedOut
from roadbed.kit.errors import OperationFailed, RoadbedError
from roadbed.providers.driver import Report, Transient

log = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS = 5
FIRST_DELAY_S = 0.2
GRACE_S = 10.0
"""For a provider to end once its time is over; then it is left to itself."""
MAX_TOLD = 500
TIMEOUT_S = 1800.0
"""For a call with its retries, from the moment that it has its slot, unless `timeouts` says otherwise."""

_abandoned: set[asyncio.Task[Any]] = set()
"""Calls that nobody waits for any more: held so that they are not lost while they run."""


async def patiently(
    what: str,
    work: Callable[[Report], Awaitable[T]],
    report: Report,
    place: Place,
    *,
    limit: float | None = None,
    cut: asyncio.Future[None] | None = None,
    hide: Callable[[], Iterable[str]] = tuple,
) -> T:
    """Waits for its slot, and tries again, with growing and jittered delays, what the provider calls transient.

    Raises RoadbedError, NotBegun, or what says that the platform's own database is lost. `what` names provider and
    resource, as in "postgres:Database orders@dev/db"; once `cut` is done it is ended, as if its time were over. `hide`
    gives the secrets that the provider was told: none of them is in what is raised, reported or logged.
    """
    hidden = Hidden(hide)

    async def masked(text: str) -> None:
        await report(hidden.text(text))

    with hidden:
        try:
            return await _limited(
                what, partial(_retried, work, masked), place, TIMEOUT_S if limit is None else limit, cut
            )
        except RoadbedError as error:
            raise hidden.error(error) from None
        except Exception as error:
            if is_lost(error):
                raise
            raise _unexpected(what, error, hidden) from None


async def _limited(
    what: str, work: Callable[[], Awaitable[T]], place: Place, limit: float, cut: asyncio.Future[None] | None
) -> T:
    """In a task of its own, since a provider may hold on to the one that it is called in."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def end(_: object = None) -> None:
        if not over.done():
            over.set_result(None)

    async def call() -> T:
        await place.enter()
        timer = loop.call_later(limit, end)
        try:
            return await work()
        finally:
            timer.cancel()
            place.leave()

    task = asyncio.create_task(call())
    task.add_done_callback(end)
    if cut is not None:
        cut.add_done_callback(end)
    try:
        await over
    except asyncio.CancelledError:
        await _end(what, task, place)
        raise
    finally:
        if cut is not None:
            cut.remove_done_callback(end)
    if not task.done() and not await _end(what, task, place):
        if cut is not None and cut.done():
            raise TimedOut(f"{what} was cut off, since the apply was cancelled", hint="see what became of it: refresh")
        hint = "see whether it is stuck; the resource's `timeouts` may allow it more"
        raise TimedOut(f"{what} timed out after {limit:g} s", hint=hint)
    if task.cancelled():
        raise RuntimeError("it cancelled itself")
    return task.result()


async def _end(what: str, task: asyncio.Task[Any], place: Place) -> bool:
    """Asks a call to end; whether it did with an answer, or in words, all the same."""
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE_S)
    if not task.done():
        log.warning("the provider of %s does not end; it is left to itself, and may still change something", what)
        place.leave()
        _abandoned.add(task)
        task.add_done_callback(_forget)
        return False
    if task.cancelled():
        return False
    error = task.exception()
    return isinstance(error, RoadbedError) or not isinstance(error, Exception)


def _forget(task: asyncio.Task[Any]) -> None:
    """Takes note of its error, which would be logged with everything in it otherwise."""
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()


def _unexpected(what: str, error: Exception, hidden: Hidden) -> OperationFailed:
    """Its traceback is for the log; both are without the secrets that the provider knew."""
    log.error("the provider of %s failed:\n%s", what, "".join(traceback.format_exception(error)))
    told = hidden.text(f"{type(error).__name__}: {error}")[:MAX_TOLD]
    hint = "this is an error in the provider: the server's log says more"
    return OperationFailed(f"the provider of {what} failed: {told}", hint=hint)


async def _retried(work: Callable[[Report], Awaitable[T]], report: Report) -> T:
    for attempt in range(1, ATTEMPTS):
        try:
            return await _contained(work, report)
        except Transient as error:
            delay = FIRST_DELAY_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries
            await report(f"{error.message}; trying again in {delay:.1f} s")
            await asyncio.sleep(delay)
    return await _contained(work, report)


async def _contained(work: Callable[[Report], Awaitable[T]], report: Report) -> T:
    """Only this call ends by what would end the whole server, `sys.exit` for one."""
    try:
        return await work(report)
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"it raised {type(error).__name__}, which is for whole programs") from error
