"""Operations with their steps and logs, the workers that run them, and the outbox of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class OperationRow(Base):
    """`attempt` counts how often a worker took it up; whoever writes with an older number was superseded. `pauses`
    counts how often it was parked.

    `principal` is who asked, as it was then: the work is done with the rights of that moment.
    """

    __tablename__ = "operations"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    target: Mapped[str]
    target_type: Mapped[str]
    owner: Mapped[str | None]
    environment: Mapped[str | None]
    environment_kind: Mapped[str | None]
    state: Mapped[str]
    requested_by: Mapped[str]
    principal: Mapped[dict[str, Any]]
    input: Mapped[dict[str, Any]]
    lock: Mapped[str | None]
    job: Mapped[int] = mapped_column(BigInteger)
    attempt: Mapped[int] = mapped_column(default=0)
    pauses: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "target", "id"), Index(None, "state", "id"))


class StepRow(Base):
    __tablename__ = "operation_steps"

    operation: Mapped[str] = mapped_column(ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    title: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None]
    result: Mapped[Any] = mapped_column(JSONB, nullable=True)


class LogRow(Base):
    """`sequence` counts from 1 within the operation."""

    __tablename__ = "operation_log"

    operation: Mapped[str] = mapped_column(ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    step: Mapped[str | None]
    text: Mapped[str]


class WorkerRow(Base):
    """Which process a worker of the job queue is. `id` is the queue's; the rest is a `ProcessId`."""

    __tablename__ = "operation_workers"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    host: Mapped[str]
    pid: Mapped[int]
    started: Mapped[str]


class EventRow(Base):
    """The outbox. Ids are given in the order of commits (`outbox.py`), so who asks for what is newer misses none."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
