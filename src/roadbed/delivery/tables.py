"""Applications and their releases. Builds have tables of their own in `builds/`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class ApplicationRow(Base):
    """An application in one environment: the delivery side of a stack."""

    __tablename__ = "applications"

    stack: Mapped[str] = mapped_column(primary_key=True)
    application: Mapped[str] = mapped_column(index=True)
    environment: Mapped[str]
    owner: Mapped[str | None]
    description: Mapped[str | None]
    system: Mapped[str | None]
    releases: Mapped[int]
    operation: Mapped[str | None]
    updated_at: Mapped[datetime]


class ReleaseRow(Base):
    __tablename__ = "releases"

    stack: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    source: Mapped[str]
    origin: Mapped[dict[str, Any] | None]
    build: Mapped[str]
    settings: Mapped[dict[str, Any]]
    plan: Mapped[int]
    operation: Mapped[str]
    message: Mapped[str | None]
    outcome: Mapped[str | None]
    rollback_of: Mapped[int | None]
    sandboxed: Mapped[bool]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    ended_at: Mapped[datetime | None]


class ConfigSecretRow(Base):
    """The value of a secret variable. Immutable: setting it again makes another row, and settings name theirs."""

    __tablename__ = "config_secrets"

    id: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    sealed: Mapped[str]
    created_at: Mapped[datetime]
