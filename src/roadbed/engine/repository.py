"""The engine's SQL: stacks, state, plans. What an apply writes goes by `rows.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TypeAlias

from psycopg import AsyncConnection
from sqlalchemy import Text, bindparam, cast, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.engine import bodies
from roadbed.engine.domain import Plan, Recorded, Stack
from roadbed.engine.tables import (
    OUTCOMES,
    ConsumerRow,
    ExportRow,
    HistoryRow,
    JournalRow,
    PlanRow,
    ResourceRow,
    StackRow,
)
from roadbed.kit.names import group_reference

Thing: TypeAlias = tuple[str, str, str | None]
"""Its type, its provider's own id, and the URN of what configures that provider."""


async def stack(session: AsyncSession, name: str, *, lock: bool = False) -> Stack | None:
    columns = (StackRow.name, StackRow.owner, StackRow.kind, StackRow.serial, StackRow.applying)
    query = select(*columns).where(StackRow.name == name)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return Stack(row.name, row.owner, row.kind, row.serial, row.applying) if row else None


async def ensure_stack(session: AsyncSession, name: str, owner: str | None, kind: str) -> Stack:
    statement = insert(StackRow).values(name=name, owner=owner, kind=kind, serial=0, plans=0, applying=None)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[StackRow.name], set_={"owner": owner, "kind": kind})
    )
    found = await stack(session, name, lock=True)
    assert found is not None  # noqa: S101 - the line above made it
    return found


_LOCK_TEAM = text("SELECT pg_advisory_xact_lock(hashtextextended(:team, 0))")


async def lock_team(session: AsyncSession, owner: str, environment: str) -> None:
    """Until the transaction ends, nobody else who asks for this lock has it: what a team holds there stays the same."""
    await session.execute(_LOCK_TEAM, {"team": f"team {group_reference(owner)} in {environment}"})


async def delete_stack(session: AsyncSession, name: str) -> None:
    """Forgets a stack that has no resources left, with all that is told of it."""
    for table in (JournalRow, PlanRow, HistoryRow, ExportRow):
        await session.execute(delete(table).where(table.stack == name))
    await session.execute(delete(ConsumerRow).where(ConsumerRow.consumer == name))
    await session.execute(delete(StackRow).where(StackRow.name == name))


async def stacks_of(session: AsyncSession, owner: str, environment: str) -> list[Stack]:
    """Those of a group in an environment, by name."""
    columns = (StackRow.name, StackRow.owner, StackRow.kind, StackRow.serial, StackRow.applying)
    query = select(*columns).where(func.split_part(StackRow.name, "@", 2) == environment, StackRow.owner.is_not(None))
    found = [Stack(*row) for row in await session.execute(query.order_by(StackRow.name))]
    wanted = group_reference(owner)
    return [one for one in found if one.owner is not None and group_reference(one.owner) == wanted]


async def next_plan_number(session: AsyncSession, name: str) -> int:
    statement = update(StackRow).where(StackRow.name == name).values(plans=StackRow.plans + 1)
    return (await session.scalars(statement.returning(StackRow.plans))).one()


async def advance(session: AsyncSession, name: str, applying: int | None, at: datetime | None = None) -> None:
    """The state is about to change, or has changed: every plan made for it before is stale."""
    statement = update(StackRow).where(StackRow.name == name)
    changed = {"updated_at": at} if at else {}
    await session.execute(statement.values(serial=StackRow.serial + 1, applying=applying, **changed))


async def resources(session: AsyncSession, name: str) -> dict[str, Recorded]:
    """The state by key, in the order of URNs."""
    query = select(cast(ResourceRow.document, Text)).where(ResourceRow.stack == name)
    found = await session.scalars(query.order_by(func.convert_to(ResourceRow.urn, "UTF8"), ResourceRow.deposed))
    return bodies.read_rows(found)


_SAVE_PLAN = text("""
    INSERT INTO plans (stack, number, base, digest, body, outline, created_at, created_by)
    VALUES (:stack, :number, :base, :digest, CAST(:body AS json), :outline, :created_at, :created_by)
""").bindparams(bindparam("body", type_=Text), bindparam("outline", type_=JSONB))


async def save_plan(session: AsyncSession, plan: Plan) -> None:
    columns = ("stack", "number", "base", "digest", "created_at", "created_by")
    values = {column: getattr(plan, column) for column in columns}
    documents = {"body": bodies.write_plan(plan), "outline": bodies.outline(plan)}
    await session.execute(_SAVE_PLAN, {**values, **documents})


async def resources_of(session: AsyncSession, stacks: Collection[str]) -> dict[str, dict[str, Recorded]]:
    """The states of several stacks: by stack, then by key."""
    query = select(ResourceRow.stack, cast(ResourceRow.document, Text)).where(ResourceRow.stack.in_(stacks))
    documents: dict[str, list[str]] = {name: [] for name in stacks}
    for name, document in await session.execute(query):
        documents[name].append(document)
    return {name: bodies.read_rows(found) for name, found in documents.items()}


async def holders(session: AsyncSession, things: Collection[Thing]) -> dict[Thing, str]:
    """The URNs of the resources that are these very things, in whatever stack."""
    document = ResourceRow.document
    identity, provider = document["id"].as_string(), document["options"]["provider"].as_string()
    query = select(ResourceRow.type, identity, provider, ResourceRow.urn).where(
        ResourceRow.type.in_({thing[0] for thing in things}), identity.in_({thing[1] for thing in things})
    )
    found = {(row[0], row[1], row[2]): row[3] for row in await session.execute(query)}
    return {thing: found[thing] for thing in things if thing in found}


async def plan(session: AsyncSession, stack: str, number: int) -> Plan | None:
    head = (PlanRow.stack, PlanRow.number, PlanRow.base, PlanRow.digest, PlanRow.created_at, PlanRow.created_by)
    query = select(*head, cast(PlanRow.body, Text)).where(PlanRow.stack == stack, PlanRow.number == number)
    row = (await session.execute(query)).one_or_none()
    return bodies.read_plan(bodies.Head(*row[:-1]), row[-1]) if row else None


async def succeeded(session: AsyncSession, stack: str, plan: int) -> frozenset[str]:
    """The effects of this plan that have ended well: what an apply that is taken up again leaves out."""
    query = select(JournalRow.effect).where(JournalRow.stack == stack, JournalRow.plan == plan)
    return frozenset(await session.scalars(query.where(JournalRow.event == "succeeded")))


async def begun(session: AsyncSession, stack: str, plan: int) -> Iterable[str]:
    """The effects of this plan that may have begun and are not known to have ended."""
    ended = select(JournalRow.effect).where(
        JournalRow.stack == stack, JournalRow.plan == plan, JournalRow.event.in_(OUTCOMES)
    )
    query = select(JournalRow.effect).where(JournalRow.stack == stack, JournalRow.plan == plan)
    return (await session.scalars(query.where(JournalRow.effect.not_in(ended)))).all()


async def raw(session: AsyncSession) -> AsyncConnection:
    """The session's own connection, in its transaction, for COPY."""
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, AsyncConnection)  # noqa: S101 - `Database` speaks psycopg
    return driver
