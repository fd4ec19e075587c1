"""The SQL of waivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.kit.errors import NotFound
from roadbed.waivers.domain import Decision, Scope, Subject, Waiver
from roadbed.waivers.tables import WaiverRow

MOST = 500
_SAME = (
    *("id", "policy", "owner", "environment", "kind", "why", "until", "asked_by", "asked_at", "decision"),
    *("decided_by", "decided_at", "comment", "ended_by", "ended_at", "announced_at"),
)


async def add(session: AsyncSession, one: Waiver) -> None:
    subject = {"scope": one.subject.scope, "subject": one.subject.name, "place": one.subject.owner}
    session.add(WaiverRow(**{name: getattr(one, name) for name in _SAME}, **subject))
    await session.flush()


async def save(session: AsyncSession, one: Waiver) -> None:
    """What is decided of one; what it is for never changes."""
    changed = ("decision", "decided_by", "decided_at", "comment", "ended_by", "ended_at")
    values = {name: getattr(one, name) for name in changed}
    await session.execute(update(WaiverRow).where(WaiverRow.id == one.id).values(values))


async def waiver(session: AsyncSession, id_: str, *, lock: bool = False) -> Waiver:
    """Raises NotFound."""
    query = select(WaiverRow).where(WaiverRow.id == id_).execution_options(populate_existing=True)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(f"there is no waiver {id_}", hint="see: roadbed waiver list")
    return _waiver(row)


async def waivers(session: AsyncSession, *, place: str | None, policy: str | None) -> Sequence[Waiver]:
    """The newest first."""
    query = select(WaiverRow).order_by(WaiverRow.id.desc()).limit(MOST)
    if place is not None:
        query = query.where(WaiverRow.place == place)
    if policy is not None:
        query = query.where(WaiverRow.policy == policy)
    return [_waiver(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def acting(session: AsyncSession, now: datetime, place: str | None = None) -> Sequence[Waiver]:
    """Those in force, of all places or of one."""
    query = select(WaiverRow).where(WaiverRow.decision == "approved", WaiverRow.until > now)
    if place is not None:
        query = query.where(WaiverRow.place == place)
    return [_waiver(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def pressing(session: AsyncSession, now: datetime, soon: datetime) -> Sequence[Waiver]:
    """Those that are to be decided on, and those in force that end before `soon`; the newest first."""
    ending = and_(WaiverRow.decision == "approved", WaiverRow.until <= soon)
    query = select(WaiverRow).where(WaiverRow.until > now, or_(WaiverRow.decision == "waiting", ending))
    query = query.order_by(WaiverRow.id.desc()).limit(MOST)
    return [_waiver(row) for row in await session.scalars(query.execution_options(populate_existing=True))]


async def claim_announcements(session: AsyncSession, now: datetime, until: datetime) -> Sequence[Waiver]:
    """Those in force that end by `until` and were not announced: the caller's to announce, and nobody else's."""
    due = (WaiverRow.decision == "approved", WaiverRow.until > now, WaiverRow.until <= until)
    statement = update(WaiverRow).where(*due, WaiverRow.announced_at.is_(None)).values(announced_at=now)
    found = await session.scalars(statement.returning(WaiverRow).execution_options(populate_existing=True))
    return [_waiver(row) for row in found]


def _waiver(row: WaiverRow) -> Waiver:
    same = {name: getattr(row, name) for name in _SAME if name not in ("environment", "decision")}
    subject = Subject(cast("Scope", row.scope), row.subject)
    return Waiver(**same, subject=subject, decision=cast("Decision", row.decision))
