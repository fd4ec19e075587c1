"""SQL about states as a whole: which stacks there are, and rows that are put and dropped outside an apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.engine.bodies import row_json
from roadbed.engine.domain import Recorded
from roadbed.engine.tables import ResourceRow, StackRow
from roadbed.engine.views import StackSummary

_PUT = text("""
    INSERT INTO resources (urn, deposed, stack, type, document, updated_at)
    SELECT urn, deposed, :stack, type, CAST(document AS json), CAST(:at AS timestamptz)
      FROM unnest(CAST(:urns AS text[]), CAST(:deposed AS text[]), CAST(:types AS text[]), CAST(:documents AS text[]))
           AS row (urn, deposed, type, document)
    ON CONFLICT (urn, deposed) DO UPDATE
       SET stack = excluded.stack, document = excluded.document, updated_at = excluded.updated_at
""")
_DROP = text("""
    DELETE FROM resources USING unnest(CAST(:urns AS text[]), CAST(:deposed AS text[])) AS gone (urn, deposed)
     WHERE resources.urn = gone.urn AND resources.deposed = gone.deposed
""")


async def put(session: AsyncSession, stack: str, rows: Sequence[Recorded], at: datetime) -> None:
    """Writes rows, over those that there are."""
    if rows:
        documents = [row_json(row).decode() for row in rows]
        await session.execute(
            _PUT, {**_keys(rows), "stack": stack, "types": [row.type for row in rows], "documents": documents, "at": at}
        )


async def drop(session: AsyncSession, rows: Sequence[Recorded]) -> None:
    if rows:
        await session.execute(_DROP, _keys(rows))


def _keys(rows: Iterable[Recorded]) -> dict[str, list[str]]:
    return {"urns": [row.urn for row in rows], "deposed": [row.deposed for row in rows]}


async def summaries(session: AsyncSession, environment: str | None = None) -> list[StackSummary]:
    """Stacks that have had a state, by name."""
    query = _summary().where(StackRow.serial > 0)
    if environment is not None:
        query = query.where(func.split_part(StackRow.name, "@", 2) == environment)
    return [_read(row) for row in await session.execute(query.order_by(StackRow.name))]


async def owners(session: AsyncSession) -> frozenset[str]:
    """Of all stacks, as they were written."""
    found = await session.scalars(select(StackRow.owner).where(StackRow.owner.is_not(None)).distinct())
    return frozenset(owner for owner in found if owner is not None)


async def summary(session: AsyncSession, stack: str) -> StackSummary | None:
    row = (await session.execute(_summary().where(StackRow.name == stack))).one_or_none()
    return _read(row) if row else None


async def unfinished(session: AsyncSession, stack: str) -> int:
    """How many resources a failure left half made, or with properties that are not known."""
    half_made = ResourceRow.document["broken"].as_boolean()
    unsure = cast(ResourceRow.document, Text).contains('"$unknown":', autoescape=True)
    counted = select(func.count()).where(ResourceRow.stack == stack, ResourceRow.deposed == "", or_(half_made, unsure))
    return await session.scalar(counted) or 0


def _summary() -> Select[Any]:
    counted = select(func.count()).where(ResourceRow.stack == StackRow.name).scalar_subquery()
    columns = (StackRow.name, StackRow.owner, StackRow.kind, StackRow.serial, StackRow.applying, StackRow.updated_at)
    drift = (StackRow.drift_at, StackRow.drift["counts"], StackRow.drift["report"]["serial"].as_integer())
    return select(*columns, counted.label("resources"), *drift)


def _read(row: Any) -> StackSummary:
    return StackSummary(*row)


async def save_drift(session: AsyncSession, stack: str, report: Mapping[str, Any], at: datetime) -> None:
    await session.execute(update(StackRow).where(StackRow.name == stack).values(drift=dict(report), drift_at=at))


async def drift(session: AsyncSession, stack: str) -> Mapping[str, Any] | None:
    return await session.scalar(select(StackRow.drift).where(StackRow.name == stack))
