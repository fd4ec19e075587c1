"""Events: by which a low capability wakes a high one, and the portal hears that something changed.

An event says what to read again and carries no state, so hearing one twice, or a `resync` in place of many, is never
wrong.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from sqlalchemy.exc import DBAPIError

from roadbed.control import outbox
from roadbed.control.domain import Event
from roadbed.control.listener import Listener
from roadbed.control.repository import EventRepository
from roadbed.storage.call import Call
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

RESYNC = "resync"
"""The type of the event that stands for those that a subscriber missed: read everything again."""
QUEUE_LIMIT = 1_000
_PRUNE_EVERY = 600.0


class Subscription(AsyncIterator[Event]):
    """The events from now on, behind those since `after`. Ends when `Events` closes; forgotten when nobody holds it."""

    def __init__(self, repository: EventRepository, after: int | None, subjects: Collection[str]) -> None:
        self._repository = repository
        self._after = after
        self._subjects = frozenset(subjects)
        self._last = 0
        self._queue: deque[Event] = deque()
        self._ready = asyncio.Event()
        self._closed = False

    async def __anext__(self) -> Event:
        if self._after is not None:
            await self._catch_up(self._after)
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        return self._queue.popleft()

    def offer(self, event: Event) -> None:
        """Called by the hub, in the order of ids. A subscriber that is too slow loses its queue and gets one resync."""
        if event.id <= self._last or not self._wants(event):
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self._queue.clear()
            event = _resync(event)
        self._queue.append(event)
        self._ready.set()

    async def some(self) -> bool:
        """Waits for an event and takes all that are there: for who reads again whatever they say. False at the end."""
        if await anext(self, None) is None:
            return False
        self._queue.clear()
        return True

    def close(self) -> None:
        self._closed = True
        self._ready.set()

    async def _catch_up(self, after: int) -> None:
        missed = await _since(self._repository, after, QUEUE_LIMIT)
        self._after = None
        if len(missed) >= QUEUE_LIMIT:
            missed = [_resync(await self._repository.last())]
        self._last = missed[-1].id if missed else after
        live = [event for event in self._queue if event.id > self._last]
        self._queue = deque([event for event in missed if self._wants(event)] + live)

    def _wants(self, event: Event) -> bool:
        return not self._subjects or event.type == RESYNC or event.subject in self._subjects


class Events:
    """The hub: reads the outbox once for all subscribers of this process, woken by NOTIFY."""

    def __init__(self, database: Database) -> None:
        self.listener = Listener(database.url)
        self._repository = EventRepository(database)
        self._subscriptions: WeakSet[Subscription] = WeakSet()
        self._wake = asyncio.Event()
        self._last = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.listener.on(outbox.CHANNEL, self._wake.set)

    async def emit(self, call: Call, type: str, subject: str, data: Mapping[str, Any] | None = None) -> None:
        """Sends it when the call's transaction commits. `data["owner"]` names the group that owns the subject."""
        outbox.put(call.session, type, subject, data or {})

    def subscribe(self, after: int | None = None, *, subject: str | Collection[str] = ()) -> Subscription:
        """All events from now on, or those after the one with the id `after` first; of the subjects if any is given."""
        subjects = {subject} if isinstance(subject, str) else subject
        subscription = Subscription(self._repository, after, subjects)
        self._subscriptions.add(subscription)
        return subscription

    async def start(self) -> None:
        """Returns once nothing that commits from now on is missed."""
        self._last = await self._repository.last_id()
        await self.listener.start()
        self._tasks = [
            asyncio.create_task(self._forward(), name="events"),
            asyncio.create_task(self._prune(), name="events: prune"),
        ]

    async def close(self) -> None:
        """Ends all subscriptions, and with them the streams that hang on them."""
        for subscription in list(self._subscriptions):
            subscription.close()
        await self.listener.close()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _forward(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._dispatch()
            except DBAPIError as error:
                log.warning("can't read events now, trying again: %s", error.orig)
                await asyncio.sleep(1)
                self._wake.set()

    async def _dispatch(self) -> None:
        batch = await _since(self._repository, self._last, QUEUE_LIMIT)
        for event in batch:
            for subscription in list(self._subscriptions):
                subscription.offer(event)
            self._last = event.id
        if len(batch) >= QUEUE_LIMIT:  # there may be more that nobody will be woken for
            self._wake.set()

    async def _prune(self) -> None:
        while True:
            with suppress(DBAPIError):  # the next time will do
                await self._repository.prune()
            await asyncio.sleep(_PRUNE_EVERY)


async def _since(repository: EventRepository, after: int, limit: int) -> Sequence[Event]:
    """The events after `after`, behind a resync if some of them may have been pruned."""
    events = await repository.since(after, limit)
    if after > 0 and events and events[0].id > after + 1 and await repository.first_id() == events[0].id:
        return [_resync(events[0], before=1), *events]
    return events


def _resync(event: Event, *, before: int = 0) -> Event:
    return Event(event.id - before, event.at, RESYNC, "*", {})
