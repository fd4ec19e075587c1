"""The journal: how an apply survives a crash.

Before a provider is called the intent is committed, afterwards the outcome together with the resource's new row. So at
every instant it is known which effects have ended, which may have begun, and which have not; an apply that is taken up
again leaves the first out and repeats the second, which a provider's `create`, `update` and `delete` allow.

One writer on one connection takes all that is waiting into one transaction: the cost of an `fsync` is paid once for
many effects (group commit), and what an outcome makes ready has its intent in the very same commit. Somebody waits for
an intent, so it is written at once; an outcome alone waits a moment for others. The connection
holds a lock of the stack: whoever takes up an apply waits until the last one's connection, and what it was just about
to commit, has ended. A lock that ends with its connection can't be left behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy.exc import OperationalError

from roadbed.engine.applying.rows import Entry, Writer
from roadbed.engine.errors import StackBusy
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database

LOCK_TIMEOUT_S = 60
MOST = 500
"""Entries of one commit: the first of thousands run while the intents of the others are still being written."""
COMPANY_S = 0.01
"""How long an outcome waits for others: not so long that a crash would have much repeated."""

_LOCK = "SELECT pg_advisory_lock(hashtextextended('apply ' || %s, 0))"


@asynccontextmanager
async def holding(database: Database, stack: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection of its own that holds the stack's lock. Raises StackBusy when another one keeps it."""
    try:
        connection = await psycopg.AsyncConnection.connect(database.url, autocommit=True)
    except psycopg.OperationalError as error:
        raise _lost(error) from error
    try:
        await connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'".encode())
        await connection.execute(_LOCK, (stack,))
        yield connection
    except psycopg.errors.LockNotAvailable:
        raise StackBusy(f"another apply of {stack} goes on", hint="wait until it has ended") from None
    finally:
        await connection.close()


class Journal:
    """Takes entries in; `run` writes them, and calls back once they are committed."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], writer: Writer, clock: Clock) -> None:
        self._connection, self._writer, self._clock = connection, writer, clock
        self._waiting: list[tuple[Entry, Callable[[], None]]] = []
        self._wake = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self.commits = 0

    def put(self, entry: Entry, committed: Callable[[], None]) -> None:
        """What is put without an `await` between is committed together."""
        self._waiting.append((entry, committed))
        if entry.event == "intent":
            self._wake.set()
        elif self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(COMPANY_S, self._wake.set)

    async def run(self) -> None:
        """Writes for ever. Raises SQLAlchemy's OperationalError when the database is lost."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(0)  # whatever ends in this turn of the loop goes along
            self._wake.clear()
            if self._soon is not None:
                self._soon.cancel()
                self._soon = None
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            if self._waiting:
                self._wake.set()
            await self._write([entry for entry, _ in batch])
            self.commits += 1
            for _, committed in batch:
                committed()

    async def _write(self, entries: list[Entry]) -> None:
        try:
            await self._writer.write(self._connection, entries, self._clock.now())
        except psycopg.OperationalError as error:
            raise _lost(error) from error


def _lost(error: psycopg.OperationalError) -> OperationalError:
    """As the pool would say it, so that whoever runs the apply knows that the platform's own database went away."""
    return OperationalError("the journal's transaction", None, error, connection_invalidated=True)
