"""The SQL of durable work and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.control.domain import Event, LogLine, Operation, State, Step, StepState
from roadbed.control.errors import OperationNotFound, Superseded
from roadbed.control.tables import EventRow, LogRow, OperationRow, StepRow
from roadbed.storage.database import Database

KEEP_EVENTS = 10_000
_KEEP_EVENTS_FOR = timedelta(hours=24)


class OperationRepository:
    """Within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, row: OperationRow, steps: Sequence[tuple[str, str]]) -> Operation:
        self._session.add(row)
        await self._session.flush()
        if steps:
            rows = [
                {"operation": row.id, "name": name, "position": position, "title": title, "state": "waiting"}
                for position, (name, title) in enumerate(steps)
            ]
            await self._session.execute(insert(StepRow), rows)
        return await self.get(row.id)

    async def get(self, id_: str) -> Operation:
        return (await self.load([await self.row(id_)]))[0]

    async def row(self, id_: str, *, lock: bool = False) -> OperationRow:
        """Raises OperationNotFound. `lock` keeps others from changing it until the transaction ends."""
        query = select(OperationRow).where(OperationRow.id == id_).execution_options(populate_existing=True)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            raise OperationNotFound(f"there is no operation {id_}", hint="`roadbed ops` lists them")
        return row

    async def list(
        self, *, before: str | None, limit: int, target: str | None, kind: str | None, state: State | None
    ) -> Sequence[OperationRow]:
        """Newest first; `before` is the id of the last one that is known. `load` adds the steps."""
        query = select(OperationRow).order_by(OperationRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(OperationRow.id < before)
        for column, value in ((OperationRow.target, target), (OperationRow.kind, kind), (OperationRow.state, state)):
            if value is not None:
                query = query.where(column == value)
        return (await self._session.scalars(query)).all()

    async def log(self, id_: str, after: int, limit: int) -> Sequence[LogLine]:
        query = select(LogRow).where(LogRow.operation == id_, LogRow.sequence > after)
        rows = await self._session.scalars(query.order_by(LogRow.sequence).limit(limit))
        return [LogLine(row.sequence, row.at, row.step, row.text) for row in rows]

    async def last_sequence(self, id_: str) -> int:
        query = select(func.coalesce(func.max(LogRow.sequence), 0)).where(LogRow.operation == id_)
        return await self._session.scalar(query) or 0

    async def claim(self, row: OperationRow, now: datetime) -> None:
        """Makes the caller its only writer: everybody with an earlier attempt is superseded."""
        row.attempt += 1
        row.state = "running"
        row.started_at = row.started_at or now
        await self._session.flush()

    async def hold(self, id_: str, attempt: int) -> None:
        """Raises Superseded unless this attempt is the operation's, and keeps it so until the transaction ends."""
        query = select(OperationRow.id).where(OperationRow.id == id_, OperationRow.attempt == attempt)
        if await self._session.scalar(query.with_for_update(read=True)) is None:
            raise Superseded(id_)

    async def end(
        self,
        id_: str,
        state: State,
        now: datetime,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        """Steps that never ran are skipped; one that was under way ended as the operation did."""
        values = {"state": state, "ended_at": now, "result": result, "error": error}
        await self._session.execute(update(OperationRow).where(OperationRow.id == id_).values(values))
        unfinished = StepRow.state.in_(("waiting", "running"))
        left = case((StepRow.state == "waiting", "skipped"), else_="failed" if state == "failed" else "skipped")
        await self._session.execute(
            update(StepRow).where(StepRow.operation == id_, unfinished).values(state=left, ended_at=now)
        )

    async def park(self, id_: str, step: str, message: str) -> None:
        """It waits for somebody; so does the step, and says for whom."""
        values = {"state": "waiting", "pauses": OperationRow.pauses + 1}
        await self._session.execute(update(OperationRow).where(OperationRow.id == id_).values(values))
        await self._session.execute(update(StepRow).where(_step(id_, step)).values(message=message))

    async def start_step(self, id_: str, name: str, title: str, now: datetime) -> None:
        """One that was not announced stands before those that are still to come."""
        fresh = {"title": title, "state": "running", "started_at": now, "ended_at": None}
        fresh |= {"done": 0, "total": 0, "message": None}
        known = update(StepRow).where(_step(id_, name)).values(fresh).returning(StepRow.name)
        if (await self._session.execute(known)).first() is None:
            await self._session.execute(
                insert(StepRow).values(operation=id_, name=name, position=await self._make_room(id_), **fresh)
            )

    async def _make_room(self, id_: str) -> int:
        """The position before the steps that wait, which move up."""
        coming = (StepRow.operation == id_, StepRow.state == "waiting")
        first = await self._session.scalar(select(func.min(StepRow.position)).where(*coming))
        if first is None:
            behind = select(func.coalesce(func.max(StepRow.position) + 1, 0)).where(StepRow.operation == id_)
            return await self._session.scalar(behind) or 0
        await self._session.execute(update(StepRow).where(*coming).values(position=StepRow.position + 1))
        return first

    async def end_step(
        self, id_: str, name: str, state: StepState, now: datetime, *, result: Any = None, message: str | None = None
    ) -> None:
        values: dict[str, Any] = {"state": state, "ended_at": now, "result": result}
        if message is not None:
            values["message"] = message
        await self._session.execute(update(StepRow).where(_step(id_, name)).values(values))

    async def write_progress(self, id_: str, name: str, done: int, total: int, message: str | None) -> None:
        values = {"done": done, "total": total, "message": message}
        await self._session.execute(update(StepRow).where(_step(id_, name)).values(values))

    async def add_log(self, id_: str, lines: Sequence[LogLine]) -> None:
        rows = [
            {"operation": id_, "sequence": line.sequence, "at": line.at, "step": line.step, "text": line.text}
            for line in lines
        ]
        await self._session.execute(insert(LogRow), rows)

    async def load(self, rows: Sequence[OperationRow]) -> Sequence[Operation]:
        """The operations of these rows, in the same order."""
        query = select(StepRow).where(StepRow.operation.in_([row.id for row in rows])).order_by(StepRow.position)
        steps: dict[str, list[Step]] = {row.id: [] for row in rows}
        for step in await self._session.scalars(query.execution_options(populate_existing=True)):
            steps[step.operation].append(_step_of(step))
        return [_operation_of(row, tuple(steps[row.id])) for row in rows]


class EventRepository:
    """Reads and prunes the outbox, each time in a transaction of its own. `outbox.py` writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last_id(self) -> int:
        async with self._database.session() as session:
            return await session.scalar(select(func.coalesce(func.max(EventRow.id), 0))) or 0

    async def first_id(self) -> int:
        async with self._database.session() as session:
            return await session.scalar(select(func.coalesce(func.min(EventRow.id), 0))) or 0

    async def last(self) -> Event:
        """The newest event. There must be one."""
        async with self._database.session() as session:
            row = (await session.scalars(select(EventRow).order_by(EventRow.id.desc()).limit(1))).one()
            return Event(row.id, row.at, row.type, row.subject, row.data)

    async def since(self, after: int, limit: int) -> Sequence[Event]:
        columns = (EventRow.id, EventRow.at, EventRow.type, EventRow.subject, EventRow.data)
        query = select(*columns).where(EventRow.id > after).order_by(EventRow.id).limit(limit)
        async with self._database.session() as session:
            return [Event(*row) for row in await session.execute(query)]

    async def prune(self) -> None:
        newest = select(func.max(EventRow.id) - KEEP_EVENTS).scalar_subquery()
        too_old = EventRow.at < func.now() - _KEEP_EVENTS_FOR
        async with self._database.session() as session:
            await session.execute(delete(EventRow).where((EventRow.id <= newest) | too_old))


def _step(id_: str, name: str) -> Any:
    return (StepRow.operation == id_) & (StepRow.name == name)


def _step_of(row: StepRow) -> Step:
    state: Any = row.state
    return Step(
        row.name,
        row.title,
        state,
        row.started_at,
        row.ended_at,
        row.done,
        row.total,
        row.message,
        row.result,
    )


def _operation_of(row: OperationRow, steps: tuple[Step, ...]) -> Operation:
    state: Any = row.state
    return Operation(
        id=row.id,
        kind=row.kind,
        title=row.title,
        target=row.target,
        owner=row.owner,
        state=state,
        requested_by=row.requested_by,
        input=row.input,
        lock=row.lock,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        steps=steps,
        result=row.result,
        error=row.error,
        cancel_requested=row.cancel_requested,
        attempt=row.attempt - row.pauses,
    )
