"""From a job's schedule and the runs that have not ended to what to do next. Pure.

The keeper calls it until it has no actions, and again at `wake_at` or when something has changed. What it decides is
recorded before it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from roadbed.runtimes.scheduled.domain import MOST_AT_ONCE, Due, Run, RunState, Schedule, StopCause, due, pause


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended: its exit code, and why if that is known."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Consider:
    """All times up to now have been seen to. `begin` is the one of them that makes a run."""

    begin: datetime | None


@dataclass(frozen=True, slots=True)
class Leave:
    """Record a time that makes no run."""

    at: datetime
    state: RunState
    reason: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start the next attempt of a run."""

    run: Run


@dataclass(frozen=True, slots=True)
class Stop:
    """Tell a run to end."""

    run: Run
    cause: StopCause


@dataclass(frozen=True, slots=True)
class Retry:
    """Have a run wait for its next attempt."""

    run: Run
    at: datetime
    ended: Ended


@dataclass(frozen=True, slots=True)
class End:
    """A run is over. `code` is None where it never began."""

    run: Run
    state: RunState
    code: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Remove:
    """Nothing of a removed job runs any more: forget it."""


Action: TypeAlias = Consider | Leave | Start | Stop | Retry | End | Remove


@dataclass(frozen=True, slots=True)
class Decision:
    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None


def reconcile(schedule: Schedule, active: Sequence[Run], ended: Mapping[str, Ended], now: datetime) -> Decision:
    """`active` are the runs that have not ended, the oldest first; `ended` says of which of them the attempt has."""
    actions: list[Action] = [_after(schedule, run, ended[run.id], now) for run in active if run.id in ended]
    left = [run for run in active if run.id not in ended]
    if schedule.removed:
        actions += [_stopped(run, "removed") for run in left if run.state != "stopping"]
        return Decision(tuple(actions) if active else (*actions, Remove()))
    actions += [Stop(run, "timeout") for run in left if run.state == "running" and now >= _deadline(schedule, run)]
    if actions:
        return Decision(tuple(actions))  # what comes due is decided upon what then still runs
    if came := _come_due(schedule, left, due(schedule, now)):
        return Decision(came)
    starts = [
        Start(run) for run in left if run.state == "waiting" and now >= run.begin_at and _may(schedule, run, left)
    ]
    wakes = [_deadline(schedule, run) for run in left if run.state == "running"]
    wakes += [run.begin_at for run in left if run.state == "waiting" and now < run.begin_at]
    if (following := schedule.next_at) is not None:
        wakes.append(following)
    return Decision(tuple(starts), min(wakes, default=None))


def displaced(schedule: Schedule, active: Sequence[Run]) -> tuple[Action, ...]:
    """What a new run ends of those that have not ended."""
    if schedule.definition.overlap != "replace":
        return ()
    return tuple(_stopped(run, "replaced") for run in active if run.state != "stopping")


def in_the_way(schedule: Schedule, active: Sequence[Run]) -> str | None:
    """Why no new run may come beside those that have not ended, None where one may."""
    if schedule.definition.overlap == "forbid" and active:
        return f"run {active[0].number} had not ended"
    if schedule.definition.overlap == "allow" and len(active) >= MOST_AT_ONCE:
        return f"{len(active)} runs had not ended"
    return None


def _come_due(schedule: Schedule, active: Sequence[Run], found: Due) -> tuple[Action, ...]:
    actions: list[Action] = []
    if found.missed_at is not None:
        several = "this one" if found.missed == 1 else f"this one and {found.missed - 1} before it"
        actions.append(Leave(found.missed_at, "missed", f"nobody could begin {several} in time"))
    if found.at is not None and (reason := in_the_way(schedule, active)) is not None:
        actions.append(Leave(found.at, "skipped", reason))
    elif found.at is not None:
        return (*actions, *displaced(schedule, active), Consider(found.at))
    return (*actions, Consider(None)) if actions else ()


def _after(schedule: Schedule, run: Run, ended: Ended, now: datetime) -> Action:
    """What follows from the end of an attempt: one that ended well has, also when it was told to end."""
    if ended.code == 0:
        return End(run, "succeeded", 0, None)
    if run.cause in {"replaced", "removed"}:
        return End(run, "stopped", ended.code, _told(run.cause))
    if run.cause == "timeout":
        ended = Ended(ended.code, f"the time limit of {schedule.definition.timeout_s:g} s passed")
    if run.attempt <= schedule.definition.retries and not schedule.removed:
        return Retry(run, now + pause(run.attempt), ended)
    return End(run, "failed", ended.code, ended.reason)


def _stopped(run: Run, cause: StopCause) -> Action:
    """One that waits runs nothing that could be told to end."""
    return End(run, "stopped", run.code, _told(cause)) if run.state == "waiting" else Stop(run, cause)


def _told(cause: StopCause | None) -> str:
    return "the next run took its place" if cause == "replaced" else "the job was removed"


def _may(schedule: Schedule, run: Run, active: Sequence[Run]) -> bool:
    """What replaces another waits for its end."""
    return schedule.definition.overlap == "allow" or not any(other.number < run.number for other in active)


def _deadline(schedule: Schedule, run: Run) -> datetime:
    assert run.started_at is not None  # noqa: S101 - it runs
    return run.started_at + timedelta(seconds=schedule.definition.timeout_s)
