"""Scheduled jobs and their runs."""

from __future__ import annotations

from typing import Literal, TypedDict


class JobRun(TypedDict):
    """`due_at` is the time of the schedule that made it, `asked_by` who asked for it. `attempt` counts from 1."""

    number: int
    state: Literal["waiting", "running", "stopping", "succeeded", "failed", "stopped", "skipped", "missed"]
    release: str | None
    due_at: str | None
    asked_by: str | None
    attempt: int
    started_at: str | None
    ended_at: str | None
    duration_s: float | None
    code: int | None
    reason: str | None


class Job(TypedDict):
    """What runs by the clock. `running` are the numbers of the runs that have not ended."""

    name: str
    schedule: str
    words: str
    timezone: str
    overlap: Literal["forbid", "allow", "replace"]
    timeout_s: float
    retries: int
    starting_deadline_s: float
    history: int
    release: str | None
    suspended: bool
    suspended_by: str | None
    next_at: str | None
    last: JobRun | None
    running: list[int]
