"""Plans that were made for stacks, when they were looked at for drift, and what secrets were set for modules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from roadbed.storage.base import Base


class StackPlanRow(Base):
    """How a plan was asked for and what became of it; the plan itself is the engine's. Goes with its stack."""

    __tablename__ = "stack_plans"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    wish: Mapped[dict[str, Any]]
    release: Mapped[int | None]
    operation: Mapped[str | None]
    discarded: Mapped[bool]


class StackScanRow(Base):
    """When the schedule last asked for a look at the stack. Goes with it."""

    __tablename__ = "stack_scans"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name", ondelete="CASCADE"), primary_key=True)
    scheduled_at: Mapped[datetime]


class StackSecretRow(Base):
    """The value of a module's secret. A value that is set anew has another id: what was sealed under one never changes.

    Goes with its stack.
    """

    __tablename__ = "stack_secrets"

    stack: Mapped[str] = mapped_column(ForeignKey("stacks.name", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
