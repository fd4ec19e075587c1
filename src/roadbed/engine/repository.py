"""The engine's SQL: stacks, state, plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.engine.domain import Change, Plan, Recorded, Source, Stack, Step
from roadbed.engine.tables import JournalRow, PlanRow, ResourceRow, StackRow
from roadbed.policy.domain import Verdict


async def stack(session: AsyncSession, name: str, *, lock: bool = False) -> Stack | None:
    query = select(StackRow).where(StackRow.name == name)
    row = (await session.scalars(query.with_for_update() if lock else query)).one_or_none()
    return Stack(row.name, row.owner, row.kind, row.serial, row.applying) if row else None


async def ensure_stack(session: AsyncSession, name: str, owner: str | None, kind: str) -> Stack:
    statement = insert(StackRow).values(name=name, owner=owner, kind=kind, serial=0, plans=0, applying=None)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[StackRow.name], set_={"owner": owner, "kind": kind})
    )
    found = await stack(session, name, lock=True)
    assert found is not None  # noqa: S101 - the line above made it
    return found


async def delete_stack(session: AsyncSession, name: str) -> None:
    """Forgets a stack that has no resources left, with its plans and its journal."""
    for table in (JournalRow, PlanRow):
        await session.execute(delete(table).where(table.stack == name))
    await session.execute(delete(StackRow).where(StackRow.name == name))


async def next_plan_number(session: AsyncSession, name: str) -> int:
    statement = update(StackRow).where(StackRow.name == name).values(plans=StackRow.plans + 1)
    return (await session.scalars(statement.returning(StackRow.plans))).one()


async def advance(session: AsyncSession, name: str, applying: int | None) -> None:
    """The state is about to change, or has changed: every plan made for it before is stale."""
    statement = update(StackRow).where(StackRow.name == name)
    await session.execute(statement.values(serial=StackRow.serial + 1, applying=applying))


async def resources(session: AsyncSession, name: str) -> dict[str, Recorded]:
    rows = await session.scalars(select(ResourceRow).where(ResourceRow.stack == name).order_by(ResourceRow.urn))
    return {row.urn: _recorded(row) for row in rows}


async def count_resources(session: AsyncSession) -> int:
    return (await session.scalars(select(func.count()).select_from(ResourceRow))).one()


def _recorded(row: ResourceRow) -> Recorded:
    return Recorded(
        urn=row.urn,
        type=row.type,
        name=row.name,
        id=row.id,
        properties=row.properties,
        depends_on=frozenset(row.depends_on),
        outputs=row.outputs,
        sealed=row.sealed,
        release=row.release,
        source=Source(**row.source) if row.source else None,
        broken=row.broken,
    )


def resource_values(stack: str, resource: Recorded, at: datetime) -> dict[str, Any]:
    """The row of a resource."""
    return {
        "urn": resource.urn,
        "stack": stack,
        "type": resource.type,
        "name": resource.name,
        "id": resource.id,
        "properties": dict(resource.properties),
        "depends_on": sorted(resource.depends_on),
        "outputs": dict(resource.outputs),
        "sealed": dict(resource.sealed),
        "release": resource.release,
        "source": asdict(resource.source) if resource.source else None,
        "broken": resource.broken,
        "updated_at": at,
    }


async def save_plan(session: AsyncSession, plan: Plan) -> None:
    body = {"steps": [_step_body(step) for step in plan.steps], "verdicts": [asdict(item) for item in plan.verdicts]}
    session.add(
        PlanRow(
            stack=plan.stack,
            number=plan.number,
            base=plan.base,
            digest=plan.digest,
            body=body,
            created_at=plan.created_at,
            created_by=plan.created_by,
        )
    )
    await session.flush()


def _step_body(step: Step) -> dict[str, Any]:
    return {**asdict(step), "depends_on": sorted(step.depends_on)}


async def plan(session: AsyncSession, stack: str, number: int) -> Plan | None:
    row = await session.get(PlanRow, (stack, number))
    if row is None:
        return None
    return Plan(
        stack=row.stack,
        number=row.number,
        base=row.base,
        digest=row.digest,
        steps=tuple(_step(body) for body in row.body["steps"]),
        verdicts=tuple(Verdict(**body) for body in row.body["verdicts"]),
        created_at=row.created_at,
        created_by=row.created_by,
    )


def _step(body: Mapping[str, Any]) -> Step:
    return Step(
        **{
            **body,
            "changes": tuple(Change(**change) for change in body["changes"]),
            "depends_on": frozenset(body["depends_on"]),
            "source": Source(**body["source"]) if body["source"] else None,
        }
    )


async def succeeded(session: AsyncSession, stack: str, plan: int) -> frozenset[str]:
    """The URNs whose step of this plan has ended well: what an apply that is taken up again leaves out."""
    query = select(JournalRow.urn).where(
        JournalRow.stack == stack, JournalRow.plan == plan, JournalRow.outcome == "succeeded"
    )
    return frozenset(await session.scalars(query))
