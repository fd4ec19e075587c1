"""The SQL of building blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.platform.snapshots import Snapshot
from roadbed.platform.tables import BlockUseRow, BlockVersionRow
from roadbed.platform.versions import BlockUse, BlockVersion


async def lock(session: AsyncSession, name: str) -> None:
    """Until the transaction ends nobody else publishes this block."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext("building block"), func.hashtext(name))))


async def versions(session: AsyncSession, name: str | None = None) -> list[BlockVersion]:
    """In the order of names, then of their publication."""
    row = BlockVersionRow
    query = select(row.name, row.version, row.digest, row.offers, row.message, row.published_at, row.published_by)
    query = query.order_by(row.name, row.published_at, row.version)
    if name is not None:
        query = query.where(row.name == name)
    return [BlockVersion(*found) for found in await session.execute(query)]


async def add_version(session: AsyncSession, version: BlockVersion, snapshot: Snapshot) -> None:
    values: dict[str, Any] = {slot: getattr(version, slot) for slot in BlockVersion.__slots__}
    await session.execute(insert(BlockVersionRow).values(**values, files=dict(snapshot.files)))


async def snapshot(session: AsyncSession, name: str, version: str) -> Snapshot:
    query = select(BlockVersionRow.files).where(BlockVersionRow.name == name, BlockVersionRow.version == version)
    return Snapshot(name, (await session.scalars(query)).one())


async def uses(session: AsyncSession, environment: str | None = None) -> Sequence[BlockUse]:
    """Which version of each block is in use where, by name."""
    row = BlockUseRow
    query = select(row.name, row.environment, row.version, BlockVersionRow.digest, row.since, row.by)
    query = query.join(BlockVersionRow, (BlockVersionRow.name == row.name) & (BlockVersionRow.version == row.version))
    if environment is not None:
        query = query.where(row.environment == environment)
    return [BlockUse(*found) for found in await session.execute(query.order_by(row.name, row.environment))]


async def use(session: AsyncSession, use: BlockUse) -> None:
    values = {"version": use.version, "since": use.since, "by": use.by}
    statement = insert(BlockUseRow).values(name=use.name, environment=use.environment, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name", "environment"], set_=values))
