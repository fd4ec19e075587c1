"""The SQL of approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.approvals.domain import Approval, State, Vote
from roadbed.approvals.tables import ApprovalRow, VoteRow
from roadbed.kit.errors import NotFound
from roadbed.policy.domain import Need

MOST = 200
_SAME = (
    *("id", "stack", "plan", "planned_at", "digest", "base", "owner", "kind", "operation", "operation_kind", "title"),
    *("asked_by", "planned_by", "asked_at", "state", "ended_at", "why", "reminded_at", "reminders"),
)


async def add(session: AsyncSession, one: Approval) -> None:
    values = {name: getattr(one, name) for name in _SAME}
    session.add(ApprovalRow(**values, needs=_needs(one), remind=one.remind.total_seconds()))
    await session.flush()


async def save(session: AsyncSession, one: Approval) -> None:
    """How it stands; votes go by `save_vote`."""
    values = {name: getattr(one, name) for name in ("state", "ended_at", "why")}
    await session.execute(update(ApprovalRow).where(ApprovalRow.id == one.id).values(**values, needs=_needs(one)))


async def save_vote(session: AsyncSession, approval: str, vote: Vote) -> None:
    """In place of an earlier one by the same person."""
    values = asdict(vote)
    statement = insert(VoteRow).values(approval=approval, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["approval", "by"], set_=values))


async def approval(session: AsyncSession, id_: str, *, lock: bool = False) -> Approval:
    """Raises NotFound. With the lock, those who vote at once do so one after the other."""
    query = select(ApprovalRow).where(ApprovalRow.id == id_)
    row = await session.scalar(_fresh(query.with_for_update() if lock else query))
    if row is None:
        raise NotFound(f"there is no approval {id_}", hint="see: roadbed approval list")
    return (await _loaded(session, [row]))[0]


async def of_operation(session: AsyncSession, operation: str, plan: int) -> Approval | None:
    """Locked: who votes now waits, or is waited for."""
    query = select(ApprovalRow).where(ApprovalRow.operation == operation, ApprovalRow.plan == plan)
    row = await session.scalar(_fresh(query.with_for_update()))
    return (await _loaded(session, [row]))[0] if row else None


async def of_plan(session: AsyncSession, stack: str, plan: int, planned_at: datetime) -> Approval | None:
    """The newest that was asked for a plan: of one that was made at that time, since numbers may come again."""
    query = select(ApprovalRow).where(
        ApprovalRow.stack == stack, ApprovalRow.plan == plan, ApprovalRow.planned_at == planned_at
    )
    row = await session.scalar(_fresh(query.order_by(ApprovalRow.id.desc()).limit(1)))
    return (await _loaded(session, [row]))[0] if row else None


async def approvals(
    session: AsyncSession, *, stack: str | None = None, operation: str | None = None, state: State | None = None
) -> Sequence[Approval]:
    """The newest first."""
    query = select(ApprovalRow).order_by(ApprovalRow.id.desc()).limit(MOST)
    for column, value in (
        (ApprovalRow.stack, stack), (ApprovalRow.operation, operation), (ApprovalRow.state, state)
    ):  # fmt: skip
        query = query if value is None else query.where(column == value)
    return await _loaded(session, (await session.scalars(_fresh(query))).all())


async def claim_reminders(session: AsyncSession, now: datetime) -> Sequence[Approval]:
    """Those that have waited long enough since they were asked for or reminded of: the caller's to remind of."""
    since = func.coalesce(ApprovalRow.reminded_at, ApprovalRow.asked_at)
    due = since <= now - ApprovalRow.remind * literal_column("interval '1 second'")
    statement = update(ApprovalRow).where(ApprovalRow.state == "waiting", due)
    statement = statement.values(reminded_at=now, reminders=ApprovalRow.reminders + 1)
    found = await session.scalars(_fresh(statement.returning(ApprovalRow)))
    return await _loaded(session, found.all())


def _fresh(query: Any) -> Any:
    return query.execution_options(populate_existing=True)


def _needs(one: Approval) -> list[dict[str, Any]]:
    return [asdict(need) for need in one.needs]


async def _loaded(session: AsyncSession, rows: Sequence[ApprovalRow]) -> list[Approval]:
    """With their votes, the oldest first."""
    query = select(VoteRow).where(VoteRow.approval.in_([row.id for row in rows])).order_by(VoteRow.at, VoteRow.by)
    votes: dict[str, list[Vote]] = {row.id: [] for row in rows}
    for vote in await session.scalars(_fresh(query)):
        votes[vote.approval].append(Vote(vote.by, vote.approves, vote.comment, vote.at))
    return [_approval(row, votes[row.id]) for row in rows]


def _approval(row: ApprovalRow, votes: Sequence[Vote]) -> Approval:
    same = {name: getattr(row, name) for name in _SAME if name != "state"}
    needs = tuple(Need(**need) for need in row.needs)
    remind = timedelta(seconds=row.remind)
    return Approval(**same, needs=needs, remind=remind, votes=tuple(votes), state=cast("State", row.state))
