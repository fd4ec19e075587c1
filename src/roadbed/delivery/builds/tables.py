"""Builds, by the digest of their artifact, and the sources that they are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class SourceRow(Base):
    """A source tree that was kept, and where it came from when it was last sent."""

    __tablename__ = "sources"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    origin: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    sent_by: Mapped[str]


class BuildRow(Base):
    __tablename__ = "builds"

    digest: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    recipe: Mapped[dict[str, Any]]
    origin: Mapped[dict[str, Any]]
    owner: Mapped[str | None]
    log: Mapped[str]
    lock: Mapped[str | None]
    duration_s: Mapped[float]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str]
    used_at: Mapped[datetime]


class PruningRow(Base):
    """When the policy was last asked to prune. One row."""

    __tablename__ = "build_prunings"

    policy: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
