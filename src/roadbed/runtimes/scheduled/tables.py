"""The tables of scheduled jobs and of their runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class ScheduleRow(Base):
    """`domain.Schedule` and its definition; `sealed` is what its next run runs. `creation` is the token by which it was
    made.
    """

    __tablename__ = "runtime_schedules"

    key: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str | None]
    creation: Mapped[str]
    release: Mapped[int | None]
    cron: Mapped[str]
    timezone: Mapped[str]
    overlap: Mapped[str]
    timeout_s: Mapped[float]
    retries: Mapped[int]
    starting_deadline_s: Mapped[float]
    history: Mapped[int]
    suspended: Mapped[bool]
    generation: Mapped[int]
    sealed: Mapped[str]
    considered_until: Mapped[datetime]
    suspended_by: Mapped[str | None]
    removed: Mapped[bool]
    numbers: Mapped[int]


class RunRow(Base):
    """`domain.Run`; `sealed` is what it runs, empty once it has ended."""

    __tablename__ = "runtime_runs"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("runtime_schedules.key", ondelete="CASCADE"))
    number: Mapped[int]
    generation: Mapped[int]
    release: Mapped[int | None]
    state: Mapped[str]
    created_at: Mapped[datetime]
    begin_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    asked_by: Mapped[str | None]
    attempt: Mapped[int]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[str | None]
    code: Mapped[int | None]
    reason: Mapped[str | None]
    sealed: Mapped[str]

    __table_args__ = (Index(None, "key", "number", unique=True), Index(None, "key", "due_at", unique=True))
