"""SQL about what stacks tell others: exports and who uses them, history, the journal as it is followed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.engine.bodies import read_bill, read_said
from roadbed.engine.domain import Export
from roadbed.engine.tables import OUTCOMES, ConsumerRow, ExportRow, HistoryRow, JournalRow, PlanRow, StackRow
from roadbed.engine.views import HistoryEntry, JournalEntry, PlanBill, PlanHead, StackVerdicts


async def journal_after(
    session: AsyncSession, stack: str, plan: int, after: int = 0, limit: int = 10_000
) -> Sequence[JournalEntry]:
    """What has happened in the apply of a plan since the line `after`. An intent is nothing that happened yet."""
    query = select(*_LINE).where(JournalRow.stack == stack, JournalRow.plan == plan, JournalRow.id > after)
    rows = await session.execute(query.where(JournalRow.event != "intent").order_by(JournalRow.id).limit(limit))
    return [JournalEntry(*row) for row in rows]


async def journal_of(
    session: AsyncSession, stack: str, urn: str, limit: int = 100
) -> Sequence[tuple[JournalEntry, int, str]]:
    """The last outcomes of one resource, the newest first, each with its plan and its row as JSON (`null` where it
    went).
    """
    document = func.coalesce(cast(JournalRow.document, Text), "null")
    query = select(*_LINE, JournalRow.plan, document).where(
        JournalRow.stack == stack, JournalRow.urn == urn, JournalRow.event.in_(OUTCOMES)
    )
    rows = await session.execute(query.order_by(JournalRow.id.desc()).limit(limit))
    return [(JournalEntry(*line), plan, text) for *line, plan, text in rows]


_LINE = (
    JournalRow.id,
    JournalRow.urn,
    JournalRow.deposed,
    JournalRow.do,
    JournalRow.event,
    JournalRow.at,
    JournalRow.error,
)


async def add_history(
    session: AsyncSession,
    stack: str,
    at: datetime,
    by: str,
    action: str,
    *,
    plan: int | None = None,
    outcome: str = "done",
    summary: Mapping[str, Any] | None = None,
) -> None:
    values = {"stack": stack, "at": at, "by": by, "action": action, "plan": plan, "outcome": outcome}
    await session.execute(insert(HistoryRow).values(**values, summary=dict(summary or {})))


async def history(session: AsyncSession, stack: str, limit: int = 100) -> Sequence[HistoryEntry]:
    """The newest first."""
    row = HistoryRow
    query = select(row.id, row.at, row.by, row.action, row.plan, row.outcome, row.summary).where(row.stack == stack)
    return [HistoryEntry(*found) for found in await session.execute(query.order_by(row.id.desc()).limit(limit))]


async def outcome(session: AsyncSession, stack: str, plan: int) -> HistoryEntry | None:
    """How the apply of a plan ended, None if it has not."""
    row = HistoryRow
    query = select(row.id, row.at, row.by, row.action, row.plan, row.outcome, row.summary)
    found = await session.execute(query.where(row.stack == stack, row.plan == plan, row.action == "apply"))
    return next((HistoryEntry(*line) for line in found), None)


async def plan_heads(session: AsyncSession, stack: str, limit: int = 100) -> Sequence[PlanHead]:
    """The plans of a stack, the newest first, each with how its last apply ended."""
    applied = select(func.max(HistoryRow.id)).where(
        HistoryRow.stack == PlanRow.stack, HistoryRow.plan == PlanRow.number, HistoryRow.action == "apply"
    )
    query = (
        select(PlanRow.number, PlanRow.base, PlanRow.created_at, PlanRow.created_by, PlanRow.outline)
        .add_columns(HistoryRow.outcome, HistoryRow.at, HistoryRow.by)
        .outerjoin(HistoryRow, HistoryRow.id == applied.correlate(PlanRow).scalar_subquery())
        .where(PlanRow.stack == stack)
        .order_by(PlanRow.number.desc())
        .limit(limit)
    )
    return [_head(*row) for row in await session.execute(query)]


def _head(
    number: int,
    base: int,
    made_at: datetime,
    made_by: str,
    outline: Mapping[str, Any],
    outcome: str | None,
    at: datetime | None,
    by: str | None,
) -> PlanHead:
    summary, empty, refused = (outline[key] for key in ("summary", "empty", "refused"))
    return PlanHead(number, base, made_at, made_by, summary, empty, refused, outcome, at, by)


async def newest_verdicts(session: AsyncSession, environment: str | None = None) -> list[StackVerdicts]:
    """What policies said of the newest plan of each stack, by name."""
    nothing: ColumnElement[Any] = literal_column("'[]'::json")
    said = func.json_build_object(
        "verdicts", func.coalesce(PlanRow.body["verdicts"], nothing),
        "remediations", func.coalesce(PlanRow.body["remediations"], nothing),
    )  # fmt: skip
    query = (
        select(StackRow.name, StackRow.owner, StackRow.kind, PlanRow.number, PlanRow.created_at, cast(said, Text))
        .ext(distinct_on(PlanRow.stack))
        .join(StackRow, StackRow.name == PlanRow.stack)
        .order_by(PlanRow.stack, PlanRow.number.desc())
    )
    if environment is not None:
        query = query.where(func.split_part(StackRow.name, "@", 2) == environment)
    return [
        StackVerdicts(name, owner, kind, number, at, *read_said(text))
        for name, owner, kind, number, at, text in await session.execute(query)
    ]


async def newest_bills(session: AsyncSession, limit: int) -> list[PlanBill]:
    """What the newest plans make of what their stacks cost, of those that were estimated."""
    cost = PlanRow.body["cost"]
    told = func.json_build_object("currency", cost["currency"], "totals", cost["totals"])
    query = (
        select(
            StackRow.name, StackRow.owner, StackRow.kind, PlanRow.number, PlanRow.created_at, PlanRow.created_by,
            cast(told, Text),
        )
        .join(StackRow, StackRow.name == PlanRow.stack)
        .where(cost["currency"].as_string() != "")
        .order_by(PlanRow.created_at.desc(), PlanRow.number.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        PlanBill(name, owner, kind, number, at, by, *read_bill(text))
        for name, owner, kind, number, at, by, text in await session.execute(query)
    ]


async def exports(session: AsyncSession, stack: str) -> dict[str, Export]:
    query = select(ExportRow.stack, ExportRow.name, ExportRow.value, ExportRow.sealed).where(ExportRow.stack == stack)
    return {row.name: Export(*row) for row in await session.execute(query.order_by(ExportRow.name))}


async def imported(session: AsyncSession, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Export]:
    """The exports that a graph uses, those that there are, by stack and name."""
    pairs = list(wanted)
    if not pairs:
        return {}
    query = select(ExportRow.stack, ExportRow.name, ExportRow.value, ExportRow.sealed)
    rows = await session.execute(query.where(tuple_(ExportRow.stack, ExportRow.name).in_(pairs)))
    return {(row.stack, row.name): Export(*row) for row in rows}


async def save_exports(session: AsyncSession, stack: str, found: Iterable[Export], keep: Iterable[str]) -> None:
    """Writes these, and takes away those that are not among `keep`."""
    await session.execute(delete(ExportRow).where(ExportRow.stack == stack, ExportRow.name.not_in(list(keep))))
    for export in found:
        values = {"value": export.value, "sealed": export.sealed}
        statement = insert(ExportRow).values(stack=stack, name=export.name, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["stack", "name"], set_=values))


async def consumers(session: AsyncSession, stack: str) -> dict[str, list[str]]:
    """The stacks that use each export of this one."""
    query = select(ConsumerRow.name, ConsumerRow.consumer).where(ConsumerRow.stack == stack)
    found: dict[str, list[str]] = defaultdict(list)
    for name, consumer in await session.execute(query.order_by(ConsumerRow.consumer)):
        found[name].append(consumer)
    return found


async def consumption(session: AsyncSession) -> list[tuple[str, str, str]]:
    """Every use of an export by another stack: whose it is, its name, and who uses it."""
    query = select(ConsumerRow.stack, ConsumerRow.name, ConsumerRow.consumer)
    found = await session.execute(query.order_by(ConsumerRow.stack, ConsumerRow.consumer, ConsumerRow.name))
    return [(row.stack, row.name, row.consumer) for row in found]


async def save_consumption(
    session: AsyncSession, consumer: str, used: Iterable[tuple[str, str]], *, whole: bool
) -> None:
    """Records what a stack uses of others; `whole`: and nothing else any more."""
    pairs = list(used)
    if whole:
        mine = delete(ConsumerRow).where(ConsumerRow.consumer == consumer)
        await session.execute(mine.where(tuple_(ConsumerRow.stack, ConsumerRow.name).not_in(pairs)) if pairs else mine)
    if pairs:
        rows = [{"stack": stack, "name": name, "consumer": consumer} for stack, name in pairs]
        await session.execute(insert(ConsumerRow).on_conflict_do_nothing(), rows)
