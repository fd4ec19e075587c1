"""Scheduled jobs as resources: declared here, kept by the controller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from roadbed.control.events import Events
from roadbed.providers.driver import Actual, Desired, Report, ResourceType
from roadbed.runtimes import spec
from roadbed.runtimes.domain import key_of
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.looks import looks
from roadbed.runtimes.scheduled.declarations import ScheduleDeclarations
from roadbed.runtimes.scheduled.domain import Definition, Schedule
from roadbed.runtimes.scheduled.types import SCHEDULED, SCHEDULED_JOB
from roadbed.runtimes.tools import ME
from roadbed.storage.database import Database
from roadbed.workload.schedules import in_words, wrong_schedule, wrong_timezone

_SAME = ("timezone", "overlap", "timeout_s", "retries", "starting_deadline_s", "history", "suspended")
"""The fields of a definition that are properties of the same name."""


class ScheduledJobProvider:
    """Hands a schedule and what it runs to the controller."""

    name: ClassVar[str] = "runtime"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {SCHEDULED: SCHEDULED_JOB}

    def __init__(self, schedules: ScheduleDeclarations, driver: Driver, database: Database, events: Events) -> None:
        self._schedules, self._driver = schedules, driver
        self._database, self._events = database, events

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, report, creation=desired.token)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self._put(desired, report, creation="")

    async def _put(self, desired: Desired, report: Report, *, creation: str) -> Actual:
        key, definition = _key(desired), _definition(desired)
        if wrong := wrong_schedule(definition.cron) or wrong_timezone(definition.timezone):
            raise InvalidService(f"{desired.name}: {wrong}")
        workload = spec.workload_of(desired.properties, desired.secret_paths)
        for sentence in self._driver.not_in_force(workload):
            await report(sentence)
        async with self._database.call(ME) as call:
            await self._schedules.declare(
                call, key, definition, workload, release=desired.release, owner=desired.owner, creation=creation
            )
        await report(f"{desired.name} runs by the clock: {in_words(definition.cron)} ({definition.timezone})")
        return Actual(key)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        async with self._database.call(ME) as call:
            schedule = await self._schedules.schedule(call, id)
        return None if schedule is None or schedule.removed else Actual(id, properties=_standing(desired, schedule))

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        """Returns when what runs of it has ended."""
        key = id or _key(desired)
        async with self._database.call(ME) as call:
            if not await self._schedules.remove(call, key, desired.token):
                return
        await report(f"ending what runs of {desired.name}")
        async for _ in looks(self._events, desired.stack):
            async with self._database.call(ME) as call:
                if await self._schedules.schedule(call, key) is None:
                    return

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Runs of the release before go on."""


def _key(desired: Desired) -> str:
    return key_of(desired.stack, str(desired.properties["job"]))


def _definition(desired: Desired) -> Definition:
    given = {name: desired.properties[name] for name in _SAME if desired.properties.get(name) is not None}
    return Definition(**{"timezone": "UTC", **given, "cron": desired.properties["schedule"]})


def _standing(desired: Desired, schedule: Schedule) -> dict[str, Any]:
    """What it does by the clock; never what its runs are given, which holds secrets."""
    same = {name: getattr(schedule.definition, name) for name in _SAME if name in desired.properties}
    return {"job": schedule.name, "schedule": schedule.definition.cron, **same}
