"""Runs a keeper for each service and each scheduled job, and clears away what belongs to none."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from roadbed.control.domain import Event
from roadbed.control.events import RESYNC, Subscription
from roadbed.runtimes import repository
from roadbed.runtimes.declarations import SERVICE_CHANGED
from roadbed.runtimes.keeper import Keeper
from roadbed.runtimes.scheduled import repository as scheduled_repository
from roadbed.runtimes.scheduled.keeper import JobKeeper
from roadbed.runtimes.scheduled.recording import JOB_CHANGED
from roadbed.runtimes.tools import ME, Tools
from roadbed.runtimes.turning import Turning

log = logging.getLogger(__name__)


class Controller:
    """The agent of this machine. When it ends the replicas go on, and the next one takes them up."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._keepers: dict[tuple[type[Turning], str], tuple[Turning, asyncio.Task[None]]] = {}
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Takes up every service and scheduled job there is. Returns once no change from now on is missed."""
        subscription = self._tools.events.subscribe()
        await self._clear_away()
        await self._wake_all()
        self._listening = asyncio.create_task(self._listen(subscription), name="runtimes: changes")

    async def close(self) -> None:
        tasks = [task for _, task in self._keepers.values()]
        if self._listening is not None:
            tasks.append(self._listening)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._keepers.clear()

    async def _listen(self, subscription: Subscription) -> None:
        async for event in subscription:
            with suppress(DBAPIError):  # its keeper looks again by itself
                await self._hear(event)

    async def _hear(self, event: Event) -> None:
        if event.type == RESYNC:
            await self._wake_all()
        elif event.type == SERVICE_CHANGED:
            self._wake(Keeper, event.data["service"])
        elif event.type == JOB_CHANGED:
            self._wake(JobKeeper, event.data["job"])

    async def _wake_all(self) -> None:
        async with self._tools.database.call(ME) as call:
            for key in await repository.keys(call.session):
                self._wake(Keeper, key)
            for key in await scheduled_repository.keys(call.session):
                self._wake(JobKeeper, key)

    def _wake(self, kind: type[Keeper] | type[JobKeeper], key: str) -> None:
        if (known := self._keepers.get((kind, key))) and not known[1].done():
            known[0].wake()
            return
        keeper = kind(key, self._tools)
        task = asyncio.create_task(keeper.run(), name=f"keeper of {key}")
        self._keepers[kind, key] = (keeper, task)

    async def _clear_away(self) -> None:
        """Replicas and runs that no row tells of: the database is older than this machine's folders, or a daemon died
        early.
        """
        async with self._tools.database.call(ME) as call:
            known = {
                *await repository.replica_ids(call.session),
                *await repository.job_ids(call.session),
                *await scheduled_repository.run_ids(call.session),
            }
        driver = self._tools.driver
        for id_ in set(driver.known()) - known:
            log.warning("stopping %s, which belongs to no service", id_)
            await driver.stop(id_)
            status = driver.inspect(id_)
            if status is None or not status.running:
                driver.forget(id_)
