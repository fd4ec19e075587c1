"""Has resources backed up when their time has come, and removes backups whose time is over.

Every server's worker runs this. A schedule moves on in the transaction in which its backup is accepted, so each time
comes once, however many servers there are. Times that passed while no server ran are made up for by one backup.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from roadbed.backups import repository
from roadbed.backups.domain import Schedule
from roadbed.backups.keeper import ME, Keeper
from roadbed.backups.service import Backups
from roadbed.control.events import Events
from roadbed.control.repeating import repeat
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.kit.names import resource_name
from roadbed.storage.database import Database
from roadbed.workload.schedules import next_time

log = logging.getLogger(__name__)

_LOOK_EVERY = 10.0
_PRUNE_EVERY = timedelta(minutes=10)


class BackupSchedules:
    def __init__(self, database: Database, backups: Backups, keeper: Keeper, events: Events, clock: Clock) -> None:
        self._database, self._backups, self._keeper = database, backups, keeper
        self._events, self._clock = events, clock
        self._pruned: datetime | None = None

    async def run(self) -> None:
        """Until it is cancelled."""
        await repeat(self.turn, _LOOK_EVERY, "can't see which backups are due", log)

    async def turn(self) -> None:
        await self.ask()
        now = self._clock.now()
        if self._pruned is None or now - self._pruned >= _PRUNE_EVERY:
            await self._keeper.prune_expired()
            self._pruned = now

    async def ask(self) -> list[str]:
        """Asks for every backup that is due: the ids of the operations."""
        asked = []
        async with self._database.call(ME) as call:
            due = await repository.due(call.session, self._clock.now())
        for declared_by, _ in due:
            if operation := await self._ask(declared_by):
                asked.append(operation)
        return asked

    async def _ask(self, declared_by: str) -> str | None:
        now = self._clock.now()
        async with self._database.call(ME) as call:
            still = {key: schedule for key, schedule in await repository.due(call.session, now) if key == declared_by}
            if (schedule := still.get(declared_by)) is None:
                return None
            following = next_time(schedule.schedule, schedule.timezone, now)
            await repository.advance(call.session, declared_by, now, following)
            try:
                async with call.session.begin_nested():
                    return (await self._backups.ask_scheduled(call, schedule)).id
            except RoadbedError as error:
                await self._failed(schedule, error)
                return None

    async def _failed(self, schedule: Schedule, error: RoadbedError) -> None:
        log.warning("can't back up %s: %s", schedule.urn, error)
        async with self._database.call(ME) as call:
            detail = {"resource": resource_name(schedule.urn), "reason": "scheduled", "error": error.message}
            await self._events.emit(call, "backup.failed", f"stack:{schedule.stack}", detail)
