"""Scheduled jobs and their runs as the API gives them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from roadbed.delivery.schemas import Label


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class JobRunOut(_Out):
    """`due_at` is the time of the schedule that made it; `asked_by` who asked for it, where somebody did.

    `attempt` counts from 1, 0 before the first. `duration_s` is of the last attempt.
    """

    number: int
    state: Literal["waiting", "running", "stopping", "succeeded", "failed", "stopped", "skipped", "missed"]
    release: str | None
    due_at: datetime | None
    asked_by: str | None
    attempt: int
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    code: int | None
    reason: str | None


class JobOut(_Out):
    """`words` say the schedule. `suspended_by` is `roadbed.yaml`, or who did it; `next_at` is null while it rests.

    `last` is the last run that began, or is about to; `running` the numbers of those that have not ended.
    """

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
    next_at: datetime | None
    last: JobRunOut | None
    running: list[int]


class RunJobBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    environment: Label


class ChangeJobBody(RunJobBody):
    suspended: bool
