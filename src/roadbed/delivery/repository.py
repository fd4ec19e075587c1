"""The SQL of applications and releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.delivery.builds.domain import Origin
from roadbed.delivery.domain import Release, ReleaseStatus, Settings
from roadbed.delivery.tables import ApplicationRow, ConfigSecretRow, ReleaseRow
from roadbed.kit.names import StackName


@dataclass(frozen=True, slots=True)
class Record:
    """An application in one environment, as stored."""

    stack: StackName
    owner: str | None
    description: str | None
    system: str | None
    operation: str | None
    updated_at: datetime


def _record(row: ApplicationRow) -> Record:
    return Record(
        stack=StackName(row.application, row.environment),
        owner=row.owner,
        description=row.description,
        system=row.system,
        operation=row.operation,
        updated_at=row.updated_at,
    )


async def application(session: AsyncSession, stack: StackName) -> Record | None:
    row = await session.get(ApplicationRow, str(stack), populate_existing=True)
    return _record(row) if row else None


async def applications(session: AsyncSession, environment: str | None = None) -> list[Record]:
    query = select(ApplicationRow).order_by(ApplicationRow.application, ApplicationRow.environment)
    if environment is not None:
        query = query.where(ApplicationRow.environment == environment)
    return [_record(row) for row in await session.scalars(query)]


async def owners(session: AsyncSession, application: str) -> set[str | None]:
    """Who owns the application, over all environments."""
    query = select(ApplicationRow.owner).where(ApplicationRow.application == application)
    return set(await session.scalars(query))


async def save(session: AsyncSession, record: Record) -> None:
    values = {
        "owner": record.owner,
        "description": record.description,
        "system": record.system,
        "operation": record.operation,
        "updated_at": record.updated_at,
    }
    statement = insert(ApplicationRow).values(
        stack=str(record.stack),
        application=record.stack.owner,
        environment=record.stack.environment,
        releases=0,
        **values,
    )
    await session.execute(statement.on_conflict_do_update(index_elements=[ApplicationRow.stack], set_=values))


async def set_operation(session: AsyncSession, stack: StackName, operation: str, at: datetime) -> None:
    statement = update(ApplicationRow).where(ApplicationRow.stack == str(stack))
    await session.execute(statement.values(operation=operation, updated_at=at))


async def remove(session: AsyncSession, stack: StackName) -> None:
    """Forgets an application in one environment, with its releases."""
    for table in (ReleaseRow, ConfigSecretRow):
        await session.execute(delete(table).where(table.stack == str(stack)))
    await session.execute(delete(ApplicationRow).where(ApplicationRow.stack == str(stack)))


async def remove_unreleased(session: AsyncSession, stack: StackName) -> bool:
    """Forgets an application that never had a release, in one environment. Whether it did."""
    unreleased = (ApplicationRow.stack == str(stack), ApplicationRow.releases == 0)
    removed = await session.execute(delete(ApplicationRow).where(*unreleased).returning(ApplicationRow.stack))
    return removed.first() is not None


async def next_release_number(session: AsyncSession, stack: StackName) -> int:
    statement = update(ApplicationRow).where(ApplicationRow.stack == str(stack))
    raised = statement.values(releases=ApplicationRow.releases + 1).returning(ApplicationRow.releases)
    return (await session.scalars(raised)).one()


async def add_release(session: AsyncSession, release: Release) -> None:
    session.add(
        ReleaseRow(
            stack=release.stack,
            number=release.number,
            status=release.status,
            source=release.source,
            origin=release.origin.to_dict(),
            build=release.build,
            settings=release.settings.to_dict(),
            plan=release.plan,
            operation=release.operation,
            message=release.message,
            outcome=release.outcome,
            rollback_of=release.rollback_of,
            sandboxed=release.sandboxed,
            created_at=release.created_at,
            created_by=release.created_by,
            ended_at=release.ended_at,
        )
    )
    await session.flush()


def _release(row: ReleaseRow) -> Release:
    return Release(
        stack=row.stack,
        number=row.number,
        status=cast("ReleaseStatus", row.status),
        source=row.source,
        origin=Origin.from_dict(row.origin) if row.origin else Origin(),
        build=row.build,
        settings=Settings.from_dict(row.settings),
        plan=row.plan,
        created_at=row.created_at,
        created_by=row.created_by,
        operation=row.operation,
        message=row.message,
        outcome=row.outcome,
        rollback_of=row.rollback_of,
        ended_at=row.ended_at,
        sandboxed=row.sandboxed,
    )


async def releases(session: AsyncSession, stack: StackName, limit: int = 50) -> list[Release]:
    """The newest first."""
    query = select(ReleaseRow).where(ReleaseRow.stack == str(stack)).order_by(ReleaseRow.number.desc()).limit(limit)
    return [_release(row) for row in await session.scalars(query)]


async def release(session: AsyncSession, stack: StackName, number: int) -> Release | None:
    row = await session.get(ReleaseRow, (str(stack), number), populate_existing=True)
    return _release(row) if row else None


async def active_release(session: AsyncSession, stack: StackName) -> Release | None:
    query = select(ReleaseRow).where(ReleaseRow.stack == str(stack), ReleaseRow.status == "active")
    row = (await session.scalars(query.order_by(ReleaseRow.number.desc()).limit(1))).one_or_none()
    return _release(row) if row else None


async def active_releases(session: AsyncSession) -> dict[str, int]:
    """Stack → number of the release in force."""
    query = select(ReleaseRow.stack, func.max(ReleaseRow.number)).where(ReleaseRow.status == "active")
    return dict((await session.execute(query.group_by(ReleaseRow.stack))).tuples().all())


async def end_release(
    session: AsyncSession, stack: StackName, number: int, status: ReleaseStatus, outcome: str, at: datetime
) -> None:
    """Ends a deployment. A release that is in force supersedes the one before it."""
    mine = (ReleaseRow.stack == str(stack), ReleaseRow.number == number)
    if status == "active":
        others = (ReleaseRow.stack == str(stack), ReleaseRow.number != number, ReleaseRow.status == "active")
        await session.execute(update(ReleaseRow).where(*others).values(status="superseded"))
    await session.execute(update(ReleaseRow).where(*mine).values(status=status, outcome=outcome, ended_at=at))


async def add_secret(session: AsyncSession, stack: StackName, id: str, name: str, sealed: str, at: datetime) -> None:
    session.add(ConfigSecretRow(id=id, stack=str(stack), name=name, sealed=sealed, created_at=at))
    await session.flush()


async def secrets(session: AsyncSession, stack: StackName) -> dict[str, str]:
    """Id → sealed value."""
    query = select(ConfigSecretRow.id, ConfigSecretRow.sealed).where(ConfigSecretRow.stack == str(stack))
    return dict((await session.execute(query)).tuples().all())
