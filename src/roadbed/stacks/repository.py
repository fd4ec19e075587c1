"""The SQL of plans that were made for stacks, of the schedule for drift, and of modules' secrets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.stacks.domain import PlanState, StackSecret, Wish
from roadbed.stacks.tables import StackPlanRow, StackScanRow, StackSecretRow


async def add_plan(session: AsyncSession, stack: str, plan: PlanState) -> None:
    values = {"wish": asdict(plan.wish), "release": plan.release, "operation": None, "discarded": False}
    statement = insert(StackPlanRow).values(stack=stack, number=plan.number, **values)
    await session.execute(statement)


async def plan(session: AsyncSession, stack: str, number: int, *, lock: bool = False) -> PlanState | None:
    query = select(StackPlanRow).where(StackPlanRow.stack == stack, StackPlanRow.number == number)
    query = query.execution_options(populate_existing=True)
    row = await session.scalar(query.with_for_update() if lock else query)
    return _plan_state(row) if row else None


async def plans(session: AsyncSession, stack: str, numbers: Collection[int]) -> dict[int, PlanState]:
    """Those of these plans that were made here, by number."""
    query = select(StackPlanRow).where(StackPlanRow.stack == stack, StackPlanRow.number.in_(numbers))
    return {row.number: _plan_state(row) for row in await session.scalars(query)}


def _plan_state(row: StackPlanRow) -> PlanState:
    return PlanState(row.number, msgspec.convert(row.wish, Wish), row.release, row.operation, row.discarded)


async def set_operation(session: AsyncSession, stack: str, number: int, operation: str) -> None:
    await _set(session, stack, number, operation=operation)


async def discard(session: AsyncSession, stack: str, number: int) -> None:
    await _set(session, stack, number, discarded=True)


async def _set(session: AsyncSession, stack: str, number: int, **values: Any) -> None:
    statement = update(StackPlanRow).where(StackPlanRow.stack == stack, StackPlanRow.number == number)
    await session.execute(statement.values(**values))


async def claim_scan(session: AsyncSession, stack: str, now: datetime, every: timedelta) -> bool:
    """Whether a scan of the stack is due, and the caller's to ask for: in one statement, so that no other server's."""
    statement = insert(StackScanRow).values(stack=stack, scheduled_at=now)
    statement = statement.on_conflict_do_update(
        index_elements=[StackScanRow.stack], set_={"scheduled_at": now}, where=StackScanRow.scheduled_at <= now - every
    )
    return (await session.execute(statement.returning(StackScanRow.stack))).first() is not None


async def secrets(session: AsyncSession, stack: str) -> list[StackSecret]:
    """By name."""
    query = select(StackSecretRow).where(StackSecretRow.stack == stack).order_by(StackSecretRow.name)
    return [_secret(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def secret(session: AsyncSession, stack: str, name: str) -> StackSecret | None:
    row = await session.get(StackSecretRow, (stack, name), populate_existing=True)
    return _secret(row) if row else None


def _secret(row: StackSecretRow) -> StackSecret:
    return StackSecret(row.stack, row.name, row.id, row.sealed, row.set_at, row.set_by)


async def save_secret(session: AsyncSession, secret: StackSecret) -> None:
    """In place of the one of that name, whose value is gone then."""
    values = {name: getattr(secret, name) for name in ("id", "sealed", "set_at", "set_by")}
    statement = insert(StackSecretRow).values(stack=secret.stack, name=secret.name, **values)
    key = [StackSecretRow.stack, StackSecretRow.name]
    await session.execute(statement.on_conflict_do_update(index_elements=key, set_=values))


async def remove_secret(session: AsyncSession, stack: str, name: str) -> None:
    await session.execute(delete(StackSecretRow).where(StackSecretRow.stack == stack, StackSecretRow.name == name))
