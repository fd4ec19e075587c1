"""The resource type by which a program says when something is backed up: `backups:Schedule`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from roadbed.backups import repository
from roadbed.backups.domain import Retention, Schedule
from roadbed.backups.keeper import ME
from roadbed.kit.clock import Clock
from roadbed.kit.errors import InvalidInput, RoadbedError
from roadbed.kit.names import resource_name
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.storage.database import Database
from roadbed.workload.schedules import next_time, wrong_schedule, wrong_timezone

SCHEDULE = ResourceType(
    "backups:Schedule",
    "When a resource is backed up, and which of those backups stay.",
    {
        "of": Property(
            {"type": "string", "minLength": 1},
            required=True,
            description="The URN of what is backed up: `database.urn`.",
        ),
        "schedule": Property(
            {"type": "string", "minLength": 1, "maxLength": 200},
            required=True,
            description="When, as cron's five fields have it: `0 3 * * *`; or @hourly, @daily, @weekly, @monthly.",
        ),
        "timezone": Property(
            {"type": "string", "default": "UTC"}, description="In which time zone: `Europe/Madrid`; UTC."
        ),
        "keep": Property(
            {"type": "integer", "minimum": 1, "maximum": 1000, "default": 7},
            description="How many of the newest stay; 7. The newest that was found whole stays in any case.",
        ),
        "days": Property(
            {"type": "number", "minimum": 0, "maximum": 3660, "default": 0},
            description="For how many days one stays beside those; 0.",
        ),
    },
    outputs={"next": "When the next one is made, as it was known when this was applied."},
    follows={"next": ("schedule", "timezone")},
    replacement="create_first",
)


class BackupsProvider:
    """Its id is its URN."""

    name: ClassVar[str] = "backups"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {SCHEDULE.name: SCHEDULE}

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, desired.urn)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        async with self._database.call(ME) as call:
            found = await repository.schedule(call.session, id)
        return None if found is None else Actual(id, dict(desired.outputs), properties=_shown(desired, found))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self._put(desired, id)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        async with self._database.call(ME) as call:
            await repository.remove_schedule(call.session, id or desired.urn)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is under way when a change returns."""

    async def claimed(
        self, stack: str, owner: str | None, wanted: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, RoadbedError]:
        """A schedule that nobody can keep to is refused before anything is made."""
        return {urn: error for urn, given in wanted.items() if (error := _wrong(urn, given)) is not None}

    async def _put(self, desired: Desired, id: str) -> Actual:
        given = desired.properties
        schedule, timezone = given["schedule"], given.get("timezone") or "UTC"
        if (error := _wrong(desired.urn, given)) is not None:
            raise error
        following = next_time(schedule, timezone, self._clock.now())
        made = Schedule(
            stack=desired.stack,
            urn=given["of"],
            schedule=schedule,
            timezone=timezone,
            retention=_retention(given),
            owner=desired.owner,
            next_at=following,
        )
        async with self._database.call(ME) as call:
            await repository.put_schedule(call.session, id, made)
        return Actual(id, {"next": _told(following)}, properties=dict(given))


def _wrong(urn: str, given: Mapping[str, Any]) -> InvalidInput | None:
    """Of what isn't known yet nothing is said."""
    schedule, timezone = given.get("schedule"), given.get("timezone")
    said = wrong_schedule(schedule) if isinstance(schedule, str) else None
    said = said or (wrong_timezone(timezone) if isinstance(timezone, str) else None)
    return None if said is None else InvalidInput(f"the backups of {resource_name(urn)}: {said}")


def _retention(given: Mapping[str, Any]) -> Retention:
    keep, days = given.get("keep"), given.get("days")
    return Retention(7 if keep is None else keep, 0 if days is None else days)


def _told(time: datetime | None) -> str:
    return "never" if time is None else time.astimezone(UTC).isoformat(timespec="minutes")


def _shown(desired: Desired, found: Schedule) -> dict[str, Any]:
    """As it was declared while that holds: what was left out is told where it isn't as it is by itself."""
    there = {
        "of": found.urn,
        "schedule": found.schedule,
        "timezone": found.timezone,
        "keep": found.retention.keep,
        "days": found.retention.days,
    }
    usual = {"timezone": "UTC", "keep": 7, "days": 0}
    return {
        name: value for name, value in there.items() if name in desired.properties or value != usual.get(name, value)
    }
