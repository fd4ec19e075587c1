"""SQL about backups and their schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.backups.domain import Backup, Retention, Schedule
from roadbed.backups.tables import BackupRow, BackupScheduleRow
from roadbed.sdk.backups import Contents


async def add(session: AsyncSession, backup: Backup) -> None:
    values = {name: getattr(backup, name) for name in Backup.__slots__}
    await session.execute(insert(BackupRow).values(**{**values, "contents": asdict(backup.contents)}))


async def get(session: AsyncSession, id: str) -> Backup | None:
    row = await session.get(BackupRow, id)
    return None if row is None else _backup(row)


async def of_stack(
    session: AsyncSession, stack: str, resource: str | None = None, *, limit: int = 1000
) -> Sequence[Backup]:
    """The newest first."""
    query = select(BackupRow).where(BackupRow.stack == stack)
    if resource is not None:
        query = query.where(BackupRow.resource == resource)
    rows = await session.scalars(query.order_by(BackupRow.created_at.desc(), BackupRow.id.desc()).limit(limit))
    return [_backup(row) for row in rows]


async def scheduled(session: AsyncSession, urn: str) -> Sequence[Backup]:
    query = select(BackupRow).where(BackupRow.urn == urn, BackupRow.reason == "scheduled")
    return [_backup(row) for row in await session.scalars(query)]


async def expired(session: AsyncSession, now: datetime) -> Sequence[Backup]:
    return [_backup(row) for row in await session.scalars(select(BackupRow).where(BackupRow.expires_at <= now))]


async def ids(session: AsyncSession) -> frozenset[str]:
    return frozenset(await session.scalars(select(BackupRow.id)))


async def verified(session: AsyncSession, id: str, now: datetime, mismatch: str | None) -> None:
    await session.execute(update(BackupRow).where(BackupRow.id == id).values(verified_at=now, mismatch=mismatch))


async def remove(session: AsyncSession, id: str) -> bool:
    found = await session.execute(delete(BackupRow).where(BackupRow.id == id).returning(BackupRow.id))
    return found.first() is not None


# Schedules.


async def put_schedule(session: AsyncSession, declared_by: str, schedule: Schedule) -> None:
    values = {
        "stack": schedule.stack,
        "urn": schedule.urn,
        "schedule": schedule.schedule,
        "timezone": schedule.timezone,
        "keep": schedule.retention.keep,
        "days": schedule.retention.days,
        "owner": schedule.owner,
        "next_at": schedule.next_at,
    }
    made = insert(BackupScheduleRow).values(declared_by=declared_by, last_at=None, **values)
    await session.execute(made.on_conflict_do_update(index_elements=["declared_by"], set_=values))


async def schedule(session: AsyncSession, declared_by: str) -> Schedule | None:
    row = await session.get(BackupScheduleRow, declared_by, populate_existing=True)
    return None if row is None else _schedule(row)


async def schedules(session: AsyncSession, stack: str) -> Sequence[Schedule]:
    rows = await session.scalars(select(BackupScheduleRow).where(BackupScheduleRow.stack == stack))
    return [_schedule(row) for row in rows]


async def remove_schedule(session: AsyncSession, declared_by: str) -> None:
    await session.execute(delete(BackupScheduleRow).where(BackupScheduleRow.declared_by == declared_by))


async def due(session: AsyncSession, now: datetime) -> Sequence[tuple[str, Schedule]]:
    """Those whose time has come, locked until the transaction ends; what another server has locked is left to it."""
    query = select(BackupScheduleRow).where(BackupScheduleRow.next_at <= now).order_by(BackupScheduleRow.next_at)
    rows = await session.scalars(query.limit(100).with_for_update(skip_locked=True))
    return [(row.declared_by, _schedule(row)) for row in rows]


async def advance(session: AsyncSession, declared_by: str, last_at: datetime, next_at: datetime | None) -> None:
    await session.execute(
        update(BackupScheduleRow)
        .where(BackupScheduleRow.declared_by == declared_by)
        .values(last_at=last_at, next_at=next_at)
    )


def _backup(row: BackupRow) -> Backup:
    values = {name: getattr(row, name) for name in Backup.__slots__}
    return Backup(**{**values, "contents": Contents(**row.contents)})


def _schedule(row: BackupScheduleRow) -> Schedule:
    return Schedule(
        stack=row.stack,
        urn=row.urn,
        schedule=row.schedule,
        timezone=row.timezone,
        retention=Retention(row.keep, row.days),
        owner=row.owner,
        next_at=row.next_at,
        last_at=row.last_at,
    )
