"""Builds, by the digest of their artifact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class BuildRow(Base):
    __tablename__ = "builds"

    digest: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(index=True)
    layer: Mapped[str]
    recipe: Mapped[dict[str, Any]]
    owner: Mapped[str | None]
    log: Mapped[str]
    lock: Mapped[str | None]
    duration_s: Mapped[float]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    created_by: Mapped[str]
