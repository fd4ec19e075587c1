"""Building blocks: every version that was published, and which one each environment uses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class BlockVersionRow(Base):
    """Never changed. `files` are the texts of its folder, `offers` what its program says of itself."""

    __tablename__ = "block_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    offers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    message: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class BlockUseRow(Base):
    """Which version of a block is in use in an environment."""

    __tablename__ = "block_uses"
    __table_args__ = (ForeignKeyConstraint(["name", "version"], ["block_versions.name", "block_versions.version"]),)

    name: Mapped[str] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    since: Mapped[datetime]
    by: Mapped[str]
