"""The process's one LISTEN connection: whoever waits for a notification of the database waits here.

psycopg's own loop over notifications wakes ten times a second to see whether it was interrupted. This one sleeps
until the socket has something to read, so that a platform at rest costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg import AsyncConnection, sql

log = logging.getLogger(__name__)

_CHECK_EVERY = 60.0
"""Seconds after which a silent connection is asked whether it still lives."""
_RETRY_AFTER = (0.1, 0.5, 1.0, 2.0, 5.0)


class Listener:
    """Calls back for each notification, and once after every (re)connection: something may have been missed before."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._callbacks: dict[str, list[Callable[[], None]]] = {}
        self._on_connect: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()

    def on(self, channel: str, callback: Callable[[], None]) -> None:
        """Before `start` only. `callback` gets no payload: it re-reads what it cares about."""
        self._callbacks.setdefault(channel, []).append(callback)

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Called after every (re)connection."""
        self._on_connect.append(callback)

    async def start(self) -> None:
        """Returns once it listens."""
        self._task = asyncio.create_task(self._run(), name="database listener")
        connected = asyncio.create_task(self._connected.wait())
        await asyncio.wait({self._task, connected}, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                async with await AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await self._listen(connection)
                    failures = 0
                    await self._forward(connection)
            except psycopg.OperationalError as error:
                wait = _RETRY_AFTER[min(failures, len(_RETRY_AFTER) - 1)]
                log.warning("lost the database's notifications, connecting again in %s s: %s", wait, error)
                failures += 1
                await asyncio.sleep(wait)

    async def _listen(self, connection: AsyncConnection) -> None:
        for channel in self._callbacks:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        self._connected.set()
        for callbacks in (*self._callbacks.values(), self._on_connect):
            _call(callbacks)

    async def _forward(self, connection: AsyncConnection) -> None:
        while True:
            channels = {notice.channel async for notice in connection.notifies(timeout=0)}
            for channel in channels:
                _call(self._callbacks.get(channel, []))
            if not await _readable(connection.fileno(), _CHECK_EVERY):
                await connection.execute("SELECT 1")


def _call(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        callback()


async def _readable(descriptor: int, patience: float) -> bool:
    """Waits until there is something to read; False when there was nothing in `patience` seconds."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        async with asyncio.timeout(patience):  # before Python 3.12, `wait_for` may swallow a cancellation
            await ready.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
    return True
