"""Schedules and runs: what they are, and what follows from it alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from roadbed.workload.schedules import next_time, times

Overlap: TypeAlias = Literal["forbid", "allow", "replace"]
RunState: TypeAlias = Literal["waiting", "running", "stopping", "succeeded", "failed", "stopped", "skipped", "missed"]
"""`waiting`: to begin, or to be tried again, when its time comes and what it replaces has ended. `stopping`: told to
end. `stopped`: it was ended by something else than itself. `skipped` and `missed` ran not at all: another one ran, or
nobody could begin it in time.
"""

StopCause: TypeAlias = Literal["timeout", "replaced", "removed"]
ACTIVE: tuple[RunState, ...] = ("waiting", "running", "stopping")
RAN_NOT: tuple[RunState, ...] = ("skipped", "missed")

MOST_AT_ONCE = 10
"""So many runs of one job run beside each other, where they may at all."""

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=5)
MOST_COUNTED = 100
"""Missed times beyond it are not counted."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a release says of a job. `suspended`: its file says that it rests."""

    cron: str
    timezone: str
    overlap: Overlap = "forbid"
    timeout_s: float = 3600
    retries: int = 0
    starting_deadline_s: float = 3600
    history: int = 20
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job as the platform keeps it. `key` is `orders@dev/report`.

    `generation` counts what it was to run; `release` is the one that said it last. Times up to `considered_until` have
    been seen to. `suspended_by` is who has suspended it by hand. `numbers` is the number of its last run.
    """

    key: str
    owner: str | None
    release: int | None
    definition: Definition
    generation: int
    considered_until: datetime
    suspended_by: str | None = None
    removed: bool = False
    numbers: int = 0

    @property
    def stack(self) -> str:
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.partition("/")[2]

    @property
    def suspended(self) -> bool:
        return self.definition.suspended or self.suspended_by is not None

    @property
    def next_at(self) -> datetime | None:
        """When its time comes next, None while it rests."""
        if self.suspended or self.removed:
            return None
        return next_time(self.definition.cron, self.definition.timezone, self.considered_until)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job. `number` counts from 1 within the job, `attempt` from 0, before the first has begun.

    `due_at` is the time of the schedule that made it, None where somebody asked for it: `asked_by`. A waiting one is
    started at `begin_at` at the earliest. `started_at` is when its last attempt began. `reason` says why it ended as it
    did, `cause` why it was told to.
    """

    id: str
    key: str
    number: int
    generation: int
    release: int | None
    state: RunState
    created_at: datetime
    begin_at: datetime
    due_at: datetime | None = None
    asked_by: str | None = None
    attempt: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cause: StopCause | None = None
    code: int | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """For people, and in logs: `report-12`."""
        return f"{self.key.partition('/')[2]}-{self.number}"

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


@dataclass(frozen=True, slots=True)
class Due:
    """What has come due: `at` is to begin now, if any is, after `missed` others of which the last was `missed_at`.

    No more than `MOST_COUNTED` are counted.
    """

    at: datetime | None = None
    missed: int = 0
    missed_at: datetime | None = None


def due(schedule: Schedule, now: datetime) -> Due:
    """Of all times since those that were seen to, the last one begins unless it is too late for that; the others are
    missed.
    """
    definition, since = schedule.definition, schedule.considered_until
    if (first := schedule.next_at) is None or first > now:
        return Due()
    at = first  # the last of those that are not too late
    begin = max(since, now - timedelta(seconds=definition.starting_deadline_s, microseconds=1))
    for time in times(definition.cron, definition.timezone, begin):
        if time > now:
            break
        at = time
    late = (now - at).total_seconds() > definition.starting_deadline_s
    missed, missed_at = 0, None
    for time in times(definition.cron, definition.timezone, since):
        if time > now or (time == at and not late):
            break
        missed, missed_at = missed + 1, time
        if missed == MOST_COUNTED:
            break
    return Due(None if late else at, missed, missed_at)


def pause(attempts: int) -> timedelta:
    """How long to wait before a run is tried again that has failed so often."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 16)))
