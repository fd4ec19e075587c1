"""Records of backups, which outlive what they were made of; and when resources are backed up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class BackupRow(Base):
    __tablename__ = "backups"

    id: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str]
    urn: Mapped[str]
    resource: Mapped[str]
    type: Mapped[str]
    origin: Mapped[str]
    owner: Mapped[str | None]
    kind: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    operation: Mapped[str | None]
    size: Mapped[int] = mapped_column(BigInteger)
    checksum: Mapped[str]
    contents: Mapped[dict[str, Any]]
    verified_at: Mapped[datetime | None]
    mismatch: Mapped[str | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (Index(None, "stack", "created_at"),)


class BackupScheduleRow(Base):
    """Declared in a stack; `declared_by` is the URN of the declaration. `next_at` None: it never comes."""

    __tablename__ = "backup_schedules"

    declared_by: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str]
    urn: Mapped[str]
    schedule: Mapped[str]
    timezone: Mapped[str]
    keep: Mapped[int]
    days: Mapped[float]
    owner: Mapped[str | None]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    last_at: Mapped[datetime | None]
