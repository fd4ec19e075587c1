"""Stacks, their resources, their plans, and the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class StackRow(Base):
    __tablename__ = "stacks"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    kind: Mapped[str]
    serial: Mapped[int]
    plans: Mapped[int]
    applying: Mapped[int | None]


class ResourceRow(Base):
    __tablename__ = "resources"

    urn: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name"), index=True)
    type: Mapped[str]
    name: Mapped[str]
    id: Mapped[str]
    properties: Mapped[dict[str, Any]]
    depends_on: Mapped[list[str]]
    outputs: Mapped[dict[str, Any]]
    sealed: Mapped[dict[str, Any]]
    release: Mapped[int | None]
    source: Mapped[dict[str, Any] | None]
    broken: Mapped[bool]
    updated_at: Mapped[datetime]


class PlanRow(Base):
    """`body` holds the steps and the verdicts. A row is never updated."""

    __tablename__ = "plans"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    base: Mapped[int]
    digest: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class JournalRow(Base):
    """`outcome` is None between intent and outcome: after a crash, what may or may not have happened."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_stack_plan", "stack", "plan"),)

    stack: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[int] = mapped_column(primary_key=True)
    urn: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    intent_at: Mapped[datetime]
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]
