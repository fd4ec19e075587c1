"""The only SQL about builds and sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.delivery.builds.domain import Build, Origin, Source
from roadbed.delivery.builds.tables import BuildRow, PruningRow, SourceRow
from roadbed.delivery.tables import ReleaseRow

_COLUMNS = [field.name for field in fields(Build)]
_NEEDED = ("deploying", "active", "superseded")
"""States of releases that are in force, come into force, or can be gone back to."""


async def add_source(session: AsyncSession, source: Source, origin: Origin, now: datetime, by: str) -> None:
    values = {"size": source.size, "origin": origin.to_dict(), "sent_at": now, "sent_by": by}
    statement = insert(SourceRow).values(digest=source.digest, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[SourceRow.digest], set_=values))


async def origin(session: AsyncSession, source: str) -> Origin:
    row = await session.get(SourceRow, source, populate_existing=True)
    return Origin.from_dict(row.origin) if row else Origin()


async def unused_sources(session: AsyncSession, before: datetime) -> list[str]:
    """Those sent before then that no build and no release that is needed is made from."""
    built = select(BuildRow.source)
    released = select(ReleaseRow.source).where(ReleaseRow.status.in_(_NEEDED))
    query = select(SourceRow.digest).where(
        SourceRow.sent_at < before, SourceRow.digest.not_in(built), SourceRow.digest.not_in(released)
    )
    return list(await session.scalars(query))


async def remove_source(session: AsyncSession, digest: str) -> None:
    await session.execute(delete(SourceRow).where(SourceRow.digest == digest))


async def add(session: AsyncSession, build: Build) -> bool:
    """False if it is there already: the same digest is the same build."""
    values = {name: getattr(build, name) for name in _COLUMNS} | {"origin": build.origin.to_dict()}
    inserted = insert(BuildRow).values(values).on_conflict_do_nothing().returning(BuildRow.digest)
    return (await session.execute(inserted)).scalar_one_or_none() is not None


async def get(session: AsyncSession, digest: str) -> Build | None:
    row = await session.get(BuildRow, digest, populate_existing=True)
    return _build(row) if row else None


async def like(session: AsyncSession, prefix: str) -> list[Build]:
    """Those whose digest begins with it, two at most."""
    query = select(BuildRow).where(BuildRow.digest.startswith(prefix, autoescape=True)).limit(2)
    return [_build(row) for row in await session.scalars(query)]


async def use(session: AsyncSession, digest: str, now: datetime, origin: Origin) -> Build | None:
    """The build, asked for once more: whoever prunes sees that it is wanted."""
    statement = update(BuildRow).where(BuildRow.digest == digest).values(used_at=now, origin=origin.to_dict())
    await session.execute(statement)
    return await get(session, digest)


async def newest(session: AsyncSession, owners: Collection[str] | None, limit: int, after: str | None) -> list[Build]:
    """The newest first, below the build `after`. `owners` None means everybody's."""
    query = select(BuildRow).order_by(BuildRow.created_at.desc(), BuildRow.digest.desc()).limit(limit)
    if owners is not None:
        query = query.where(BuildRow.owner.in_(owners))
    if after is not None:
        last = select(BuildRow.created_at).where(BuildRow.digest == after).scalar_subquery()
        query = query.where(tuple_(BuildRow.created_at, BuildRow.digest) < tuple_(last, after))
    return [_build(row) for row in (await session.scalars(query)).all()]


async def users(session: AsyncSession, digests: Collection[str]) -> dict[str, list[str]]:
    """Build → the releases that need it, as `orders@dev v3`, the newest first."""
    query = (
        select(ReleaseRow.build, ReleaseRow.stack, ReleaseRow.number)
        .where(ReleaseRow.build.in_(digests), ReleaseRow.status.in_(_NEEDED))
        .order_by(ReleaseRow.created_at.desc())
    )
    found: dict[str, list[str]] = {}
    for build, stack, number in await session.execute(query):
        found.setdefault(build, []).append(f"{stack} v{number}")
    return found


async def unneeded(session: AsyncSession) -> Sequence[Build]:
    """The builds that no release needs, the last used first."""
    needed = select(ReleaseRow.build).where(ReleaseRow.status.in_(_NEEDED))
    query = select(BuildRow).where(BuildRow.digest.not_in(needed)).order_by(BuildRow.used_at.desc(), BuildRow.digest)
    return [_build(row) for row in await session.scalars(query)]


async def count(session: AsyncSession) -> int:
    """Of all builds."""
    return (await session.scalars(select(func.count()).select_from(BuildRow))).one()


async def remove(session: AsyncSession, digest: str, before: datetime) -> bool:
    """False if it was used since, or a release needs it by now."""
    needed = select(ReleaseRow.build).where(ReleaseRow.status.in_(_NEEDED))
    statement = delete(BuildRow).where(
        BuildRow.digest == digest, BuildRow.used_at < before, BuildRow.digest.not_in(needed)
    )
    return (await session.execute(statement.returning(BuildRow.digest))).first() is not None


async def claim_pruning(session: AsyncSession, now: datetime, every: timedelta) -> bool:
    """Whether it is time, and nobody else has seen to it."""
    statement = insert(PruningRow).values(policy="daily", asked_at=now)
    claimed = statement.on_conflict_do_update(
        index_elements=[PruningRow.policy], set_={"asked_at": now}, where=PruningRow.asked_at <= now - every
    ).returning(PruningRow.policy)
    return (await session.execute(claimed)).first() is not None


def _build(row: BuildRow) -> Build:
    values: Mapping[str, Any] = {name: getattr(row, name) for name in _COLUMNS}
    return Build(**{**values, "origin": Origin.from_dict(row.origin)})
