"""The journal: how an apply survives a crash.

Before a provider is called the intent is committed, afterwards the outcome together with the resource's new row. So at
every instant it is known which steps have ended, which may have begun, and which have not; an apply that is taken up
again leaves the first out and repeats the second, which a provider's `create`, `update` and `delete` allow.

Steps that run at the same time share commits: a writer takes all that is waiting into one transaction, so that the
cost of an `fsync` is paid once for many steps (group commit).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from roadbed.engine import repository
from roadbed.engine.domain import Recorded, Step
from roadbed.engine.tables import JournalRow, ResourceRow
from roadbed.kit.clock import Clock
from roadbed.storage.database import Database


@dataclass(slots=True)
class _Entry:
    """One write that somebody waits for."""

    step: Step
    outcome: str | None = None
    error: Mapping[str, Any] | None = None
    recorded: Recorded | None = None
    committed: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Journal:
    """The journal of one plan's apply. Use it as `async with Journal(...).open() as journal`."""

    def __init__(self, database: Database, clock: Clock, stack: str, plan: int) -> None:
        self._database, self._clock = database, clock
        self._stack, self._plan = stack, plan
        self._waiting: list[_Entry] = []
        self._wake = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Journal]:
        writer = asyncio.create_task(self._write_forever(), name=f"journal {self._stack} {self._plan}")
        try:
            yield self
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def intent(self, step: Step) -> None:
        """Returns once it is committed that this step is about to run."""
        await self._commit(_Entry(step))

    async def succeeded(self, step: Step, recorded: Recorded | None) -> None:
        """Returns once the outcome and the resource's row are committed; None when the resource was deleted."""
        await self._commit(_Entry(step, "succeeded", recorded=recorded))

    async def failed(self, step: Step, error: Mapping[str, Any], recorded: Recorded | None = None) -> None:
        """`recorded` is what a creation may have left."""
        await self._commit(_Entry(step, "failed", error=error, recorded=recorded))

    async def _commit(self, entry: _Entry) -> None:
        self._waiting.append(entry)
        self._wake.set()
        await entry.committed

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            entries, self._waiting = self._waiting, []
            try:
                await self._write(entries)
            except Exception as error:
                _settle(entries, error)
            else:
                _settle(entries, None)

    async def _write(self, entries: list[_Entry]) -> None:
        intents = [entry for entry in entries if entry.outcome is None]
        outcomes = [entry for entry in entries if entry.outcome is not None]
        now = self._clock.now()
        async with self._database.session() as session:
            for group in (intents, outcomes):
                if group:
                    rows = [self._row(entry) for entry in group]
                    upsert = insert(JournalRow)
                    excluded = upsert.excluded
                    changed = {name: excluded[name] for name in ("outcome", "outcome_at", "error")}
                    keys = [JournalRow.stack, JournalRow.plan, JournalRow.urn]
                    await session.execute(upsert.on_conflict_do_update(index_elements=keys, set_=changed), rows)
            if recorded := [entry.recorded for entry in outcomes if entry.recorded is not None]:
                rows = [repository.resource_values(self._stack, resource, now) for resource in recorded]
                upsert = insert(ResourceRow)
                changed = {column: upsert.excluded[column] for column in rows[0] if column != "urn"}
                await session.execute(
                    upsert.on_conflict_do_update(index_elements=[ResourceRow.urn], set_=changed), rows
                )
            if deleted := [e.step.urn for e in outcomes if e.outcome == "succeeded" and e.step.action == "delete"]:
                await session.execute(delete(ResourceRow).where(ResourceRow.urn.in_(deleted)))

    def _row(self, entry: _Entry) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "stack": self._stack,
            "plan": self._plan,
            "urn": entry.step.urn,
            "action": entry.step.action,
            "intent_at": now,
            "outcome": entry.outcome,
            "outcome_at": now if entry.outcome else None,
            "error": dict(entry.error) if entry.error else None,
        }


def _settle(entries: list[_Entry], error: Exception | None) -> None:
    for entry in entries:
        if entry.committed.done():
            continue
        if error is None:
            entry.committed.set_result(None)
        else:
            entry.committed.set_exception(error)
