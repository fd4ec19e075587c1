"""Tells who follows a stack, wherever, that its apply went on: an event says that there is more in the journal."""

from __future__ import annotations

import asyncio

from roadbed.control.events import Events
from roadbed.engine.applying.journal import Journal
from roadbed.engine.applying.runner import Watcher
from roadbed.engine.domain import Step
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.errors import RoadbedError
from roadbed.storage.database import Database

EVENT = "stack.progress"
EVERY_S = 0.25


class Told:
    """A watcher around another one."""

    def __init__(
        self, watcher: Watcher, journal: Journal, database: Database, events: Events, stack: StackInfo
    ) -> None:
        self._watcher, self._journal, self._database, self._events = watcher, journal, database, events
        self._stack = stack
        self._told, self._at = 0, 0.0

    def began(self, step: Step) -> None:
        self._watcher.began(step)

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self._watcher.ended(step, error)

    def said(self, step: Step, text: str) -> None:
        self._watcher.said(step, text)

    async def flush(self) -> None:
        await self._watcher.flush()
        now = asyncio.get_running_loop().time()
        if self._journal.commits != self._told and now - self._at >= EVERY_S:
            self._told, self._at = self._journal.commits, now
            async with self._database.call(None) as call:
                await self._events.emit(call, EVENT, f"stack:{self._stack.name}", {"owner": self._stack.owner})

    async def check_cancelled(self) -> None:
        await self._watcher.check_cancelled()
