"""Stacks, their resources, their plans, the journal, and what stacks export.

Documents (`json`, not `jsonb`) are kept word for word: they are read and written whole, by the thousand.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class StackRow(Base):
    """`plans` counts the plans made. `drift` is the report of the last scan."""

    __tablename__ = "stacks"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    kind: Mapped[str]
    serial: Mapped[int]
    plans: Mapped[int]
    applying: Mapped[int | None]
    updated_at: Mapped[datetime | None]
    drift: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    drift_at: Mapped[datetime | None]


class ResourceRow(Base):
    """`document` is a `Recorded`; the other columns are what rows are looked for by."""

    __tablename__ = "resources"

    urn: Mapped[str] = mapped_column(primary_key=True)
    deposed: Mapped[str] = mapped_column(primary_key=True)
    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name"), index=True)
    type: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime]


_UNKNOWN = """'{"empty": false, "refused": false, "summary": {}}'"""


class PlanRow(Base):
    """`body` is the plan, `outline` what a list says of it, as `bodies.py` writes them; its default is for a platform
    that is older than the column. Nothing sets `discarded_at`, since stacks note what is discarded: it is here as long
    as a platform that reads it may run beside this one.
    """

    __tablename__ = "plans"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    base: Mapped[int]
    digest: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    outline: Mapped[dict[str, Any]] = mapped_column(server_default=text(_UNKNOWN))
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    discarded_at: Mapped[datetime | None]


OUTCOMES = ("succeeded", "failed")


class JournalRow(Base):
    """Appended to, never changed. An `intent` without an outcome: it may or may not have happened.

    `document` is the resource's row as it was recorded with the outcome, None when it went.
    """

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_stack_plan_id", "stack", "plan", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    stack: Mapped[str]
    plan: Mapped[int]
    effect: Mapped[str]
    urn: Mapped[str]
    deposed: Mapped[str]
    do: Mapped[str]
    event: Mapped[str]
    at: Mapped[datetime]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class HistoryRow(Base):
    """What was done to a stack as a whole: `apply`, `refresh`, `move`, `forget`, `import`, `rename`."""

    __tablename__ = "stack_history"
    __table_args__ = (Index("ix_stack_history_stack_id", "stack", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    stack: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    action: Mapped[str]
    plan: Mapped[int | None]
    outcome: Mapped[str]
    summary: Mapped[dict[str, Any]]


class ExportRow(Base):
    """What other stacks may use: `value`, or the `sealed` text of a secret one."""

    __tablename__ = "stack_exports"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON(none_as_null=False))
    sealed: Mapped[str | None]


class ConsumerRow(Base):
    """`consumer` is a stack that uses an export of `stack`."""

    __tablename__ = "stack_consumers"

    stack: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    consumer: Mapped[str] = mapped_column(primary_key=True, index=True)
