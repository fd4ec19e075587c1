"""The only SQL about builds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.delivery.builds.domain import Build
from roadbed.delivery.builds.tables import BuildRow

_COLUMNS = [field.name for field in fields(Build)]


async def add(session: AsyncSession, build: Build) -> bool:
    """False if it is there already: the same digest is the same build."""
    values = {name: getattr(build, name) for name in _COLUMNS}
    inserted = insert(BuildRow).values(values).on_conflict_do_nothing().returning(BuildRow.digest)
    return (await session.execute(inserted)).scalar_one_or_none() is not None


async def get(session: AsyncSession, digest: str) -> Build | None:
    row = await session.get(BuildRow, digest)
    return _build(row) if row else None


async def newest(session: AsyncSession, owners: Collection[str] | None, limit: int, after: str | None) -> list[Build]:
    """The newest first, below the build `after`. `owners` None means everybody's."""
    query = select(BuildRow).order_by(BuildRow.created_at.desc(), BuildRow.digest.desc()).limit(limit)
    if owners is not None:
        query = query.where(BuildRow.owner.in_(owners))
    if after is not None:
        last = select(BuildRow.created_at).where(BuildRow.digest == after).scalar_subquery()
        query = query.where(tuple_(BuildRow.created_at, BuildRow.digest) < tuple_(last, after))
    return [_build(row) for row in (await session.scalars(query)).all()]


def _build(row: BuildRow) -> Build:
    return Build(**{name: getattr(row, name) for name in _COLUMNS})
