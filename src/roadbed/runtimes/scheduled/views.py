"""Scheduled jobs and their runs as readers see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadbed.runtimes.scheduled.domain import Run, RunState, Schedule
from roadbed.workload.schedules import in_words


@dataclass(frozen=True, slots=True)
class RunView:
    """`release` is `v12`. `duration_s` is of its last attempt, so far where that runs."""

    number: int
    state: RunState
    release: str | None
    due_at: datetime | None
    asked_by: str | None
    attempt: int
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    code: int | None
    reason: str | None

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def ended(self) -> bool:
        return self.ended_at is not None


@dataclass(frozen=True, slots=True)
class JobView:
    """`words` say the schedule. `next_at` is None while it rests. `suspended_by` is `roadbed.yaml`, or who did it."""

    name: str
    schedule: str
    words: str
    timezone: str
    overlap: str
    timeout_s: float
    retries: int
    starting_deadline_s: float
    history: int
    release: str | None
    suspended: bool
    suspended_by: str | None
    next_at: datetime | None
    last: RunView | None
    running: tuple[int, ...]


def job_view(schedule: Schedule, last: Run | None, active: list[Run], now: datetime) -> JobView:
    definition = schedule.definition
    return JobView(
        name=schedule.name,
        schedule=definition.cron,
        words=in_words(definition.cron),
        timezone=definition.timezone,
        overlap=definition.overlap,
        timeout_s=definition.timeout_s,
        retries=definition.retries,
        starting_deadline_s=definition.starting_deadline_s,
        history=definition.history,
        release=_release(schedule.release),
        suspended=schedule.suspended,
        suspended_by="roadbed.yaml" if definition.suspended else schedule.suspended_by,
        next_at=schedule.next_at,
        last=run_view(last, now) if last is not None else None,
        running=tuple(run.number for run in active),
    )


def run_view(run: Run, now: datetime) -> RunView:
    ended = run.ended_at if not run.active else now if run.state != "waiting" else run.started_at
    took = (ended - run.started_at).total_seconds() if ended is not None and run.started_at is not None else None
    return RunView(
        number=run.number,
        state=run.state,
        release=_release(run.release),
        due_at=run.due_at,
        asked_by=run.asked_by,
        attempt=run.attempt,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration_s=took,
        code=run.code,
        reason=run.reason,
    )


def _release(number: int | None) -> str | None:
    return None if number is None else f"v{number}"
