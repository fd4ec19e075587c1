"""The SQL of scheduled jobs and of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.runtimes.scheduled.domain import ACTIVE, RAN_NOT, Definition, Overlap, Run, RunState, Schedule, StopCause
from roadbed.runtimes.scheduled.tables import RunRow, ScheduleRow

_RUN = tuple(Run.__dataclass_fields__)


async def schedule_row(session: AsyncSession, key: str, *, lock: bool = False) -> ScheduleRow | None:
    """The row itself, to be changed; with `lock` nobody else changes it in this transaction."""
    query = select(ScheduleRow).where(ScheduleRow.key == key)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def schedules(session: AsyncSession, stack: str) -> list[Schedule]:
    rows = await session.scalars(select(ScheduleRow).where(ScheduleRow.stack == stack).order_by(ScheduleRow.key))
    return [schedule_of(row) for row in rows]


async def keys(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(ScheduleRow.key)))


async def active(session: AsyncSession, keys: Sequence[str]) -> list[Run]:
    """The runs that have not ended, the oldest first."""
    query = select(RunRow).where(RunRow.key.in_(keys), RunRow.state.in_(ACTIVE)).order_by(RunRow.key, RunRow.number)
    return [_run(row) for row in await session.scalars(query)]


async def runs(session: AsyncSession, keys: Sequence[str], limit: int | None = None) -> list[Run]:
    """The newest first."""
    query = select(RunRow).where(RunRow.key.in_(keys)).order_by(RunRow.number.desc(), RunRow.key)
    return [_run(row) for row in await session.scalars(query.limit(limit))]


async def last_runs(session: AsyncSession, keys: Sequence[str]) -> dict[str, Run]:
    """The newest of each job that ran at all, or is about to."""
    ran = (RunRow.key.in_(keys), RunRow.state.not_in(RAN_NOT))
    newest = select(RunRow.key, func.max(RunRow.number)).where(*ran).group_by(RunRow.key)
    rows = await session.scalars(select(RunRow).where(tuple_(RunRow.key, RunRow.number).in_(newest)))
    return {row.key: _run(row) for row in rows}


async def run(session: AsyncSession, key: str, number: int) -> Run | None:
    row = (await session.scalars(select(RunRow).where(RunRow.key == key, RunRow.number == number))).one_or_none()
    return _run(row) if row else None


async def run_ids(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(RunRow.id)))


async def sealed_of(session: AsyncSession, id: str) -> str:
    """What a run runs; empty for one that has ended."""
    return (await session.scalars(select(RunRow.sealed).where(RunRow.id == id))).one_or_none() or ""


async def add_run(session: AsyncSession, run: Run, sealed: str) -> None:
    session.add(RunRow(**asdict(run), sealed=sealed))
    await session.flush()


async def save_run(session: AsyncSession, run: Run) -> None:
    """Of one that has ended nothing is kept that could be secret."""
    values = asdict(run) if run.active else {**asdict(run), "sealed": ""}
    await session.execute(update(RunRow).where(RunRow.id == run.id).values(values))


async def prune_runs(session: AsyncSession, key: str, keep: int) -> list[str]:
    """Forgets the oldest that ended, all but `keep` of those that ran and of those that did not; their ids."""
    old: list[str] = []
    ended = select(RunRow.id).where(RunRow.key == key, RunRow.state.not_in(ACTIVE)).order_by(RunRow.number.desc())
    for which in (RunRow.state.in_(RAN_NOT), RunRow.state.not_in(RAN_NOT)):
        old += await session.scalars(ended.where(which).offset(keep))
    if old:
        await session.execute(delete(RunRow).where(RunRow.id.in_(old)))
    return old


async def remove(session: AsyncSession, key: str) -> None:
    await session.execute(delete(ScheduleRow).where(ScheduleRow.key == key))


def schedule_of(row: ScheduleRow) -> Schedule:
    definition = Definition(
        cron=row.cron,
        timezone=row.timezone,
        overlap=cast("Overlap", row.overlap),
        timeout_s=row.timeout_s,
        retries=row.retries,
        starting_deadline_s=row.starting_deadline_s,
        history=row.history,
        suspended=row.suspended,
    )
    return Schedule(
        key=row.key,
        owner=row.owner,
        release=row.release,
        definition=definition,
        generation=row.generation,
        considered_until=row.considered_until,
        suspended_by=row.suspended_by,
        removed=row.removed,
        numbers=row.numbers,
    )


def _run(row: RunRow) -> Run:
    fields = {name: getattr(row, name) for name in _RUN if name not in {"state", "cause"}}
    return Run(**fields, state=cast("RunState", row.state), cause=cast("StopCause | None", row.cause))
