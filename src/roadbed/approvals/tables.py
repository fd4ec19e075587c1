"""What was asked to be approved, and each person's vote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class ApprovalRow(Base):
    """Of an operation and a plan there is one. `needs` are what the newest look at it found; `remind` is in seconds."""

    __tablename__ = "approvals"
    __table_args__ = (Index(None, "operation", "plan", unique=True), Index(None, "stack", "plan"))

    id: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str]
    plan: Mapped[int]
    planned_at: Mapped[datetime]
    digest: Mapped[str]
    base: Mapped[int]
    owner: Mapped[str | None]
    kind: Mapped[str]
    operation: Mapped[str]
    operation_kind: Mapped[str]
    title: Mapped[str]
    asked_by: Mapped[str]
    planned_by: Mapped[str]
    asked_at: Mapped[datetime]
    needs: Mapped[list[Any]] = mapped_column(JSONB)
    remind: Mapped[float]
    state: Mapped[str] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    why: Mapped[str]
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int]


class VoteRow(Base):
    """One for each person."""

    __tablename__ = "approval_votes"

    approval: Mapped[str] = mapped_column(ForeignKey("approvals.id", ondelete="CASCADE"), primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    approves: Mapped[bool]
    comment: Mapped[str]
    at: Mapped[datetime]
