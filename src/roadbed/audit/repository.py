"""The SQL of the audit log."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.audit.domain import Record
from roadbed.audit.tables import AuditRecord
from roadbed.kit.errors import InvalidInput
from roadbed.kit.pagination import Page, clamp


def add(session: AsyncSession, row: AuditRecord) -> None:
    session.add(row)


async def page(
    session: AsyncSession,
    *,
    owners: Collection[str] | None,
    limit: int | None,
    cursor: str | None,
    target: str | None,
    principal: str | None,
    action: str | None,
) -> Page[Record]:
    """The newest first. `owners` None means every record, else only those about what these groups own."""
    query = select(AuditRecord).order_by(AuditRecord.id.desc())
    if owners is not None:
        query = query.where(AuditRecord.owner.in_(owners))
    if cursor is not None:
        query = query.where(AuditRecord.id < _position(cursor))
    if target is not None:
        kind, _, name = target.partition(" ")
        exact = (AuditRecord.target_type == kind) & (AuditRecord.target_name == name)
        query = query.where(or_(AuditRecord.target_name == target, exact))
    if principal is not None:
        query = query.where(or_(AuditRecord.principal == principal, AuditRecord.principal == f"user:{principal}"))
    if action is not None:
        query = query.where(AuditRecord.action == action)
    size = clamp(limit)
    rows = (await session.scalars(query.limit(size + 1))).all()
    return Page([_record(row) for row in rows[:size]], str(rows[size - 1].id) if len(rows) > size else None)


def _position(cursor: str) -> int:
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        return int(cursor)
    raise InvalidInput("this is not a cursor of the audit log", hint="use `next` of the page before")


def _record(row: AuditRecord) -> Record:
    return Record(
        id=str(row.id),
        at=row.at,
        principal=row.principal,
        action=row.action,
        target=f"{row.target_type} {row.target_name}",
        environment=row.environment,
        outcome=row.outcome,
        detail=row.detail,
    )
