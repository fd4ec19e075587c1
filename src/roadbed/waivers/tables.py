"""Waivers, each a row for ever: what was let pass, and by whom, is asked for long after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class WaiverRow(Base):
    """`scope` and `subject` say what it is for, `place` is the application or module of that, `environment` null for
    all of an application's. `decision` is waiting, approved, refused or revoked; that it has ended is read off `until`.
    """

    __tablename__ = "waivers"
    __table_args__ = (Index(None, "decision", "until"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[str]
    scope: Mapped[str]
    subject: Mapped[str]
    place: Mapped[str] = mapped_column(index=True)
    owner: Mapped[str | None]
    environment: Mapped[str | None]
    kind: Mapped[str | None]
    why: Mapped[str]
    until: Mapped[datetime]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decision: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    comment: Mapped[str]
    ended_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]
