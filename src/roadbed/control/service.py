"""The door of durable work: accepting it, following it, cancelling it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from roadbed.audit.service import Audit
from roadbed.control import principals
from roadbed.control.domain import ENDED, Event, LogLine, Operation, State
from roadbed.control.errors import OperationEnded
from roadbed.control.events import Events, Subscription
from roadbed.control.queue import JobQueue
from roadbed.control.recorder import emit_changed
from roadbed.control.repository import OperationRepository
from roadbed.control.run import Handler
from roadbed.control.tables import OperationRow
from roadbed.control.visibility import sees
from roadbed.kit.access import Authorise, Principal, Target, may
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Unauthenticated
from roadbed.kit.ids import new_id
from roadbed.kit.pagination import Page, clamp
from roadbed.storage.call import Call
from roadbed.storage.database import Database

MAX_LOG_PAGE = 5_000


class Operations:
    """`handlers` do the work, one for each kind; register all of them before a worker starts."""

    def __init__(self, database: Database, authorise: Authorise, audit: Audit, events: Events, clock: Clock) -> None:
        self.database = database
        self.events = events
        self.clock = clock
        self.queue = JobQueue(database.url)
        self.handlers: dict[str, Handler] = {}
        self._authorise = authorise
        self._audit = audit

    def register(self, kind: str, handler: Handler) -> None:
        """`kind` is what `enqueue` will ask for: `application.deploy`."""
        if kind in self.handlers:
            raise ValueError(f"there is a handler for {kind!r} already")
        self.handlers[kind] = handler

    async def enqueue(
        self,
        call: Call,
        *,
        kind: str,
        title: str,
        target: Target,
        input: Mapping[str, Any],
        lock: str | None = None,
        steps: Sequence[tuple[str, str]] = (),
    ) -> Operation:
        """Accepts work in the caller's transaction: it is done if that commits, by any worker, in the caller's name.

        Operations with the same `lock` are done one at a time, in the order in which they were accepted. `steps`
        announces the names and titles of those that are known; more may come. The service that asks has authorised
        the work; asked here is only that somebody asks, who may then follow it.
        """
        id_, principal = new_id("op"), self._somebody(call)
        row = OperationRow(
            id=id_,
            kind=kind,
            title=title,
            target=target.name,
            target_type=target.type,
            owner=target.owner,
            environment=target.environment,
            environment_kind=target.attributes.get("kind"),
            state="queued",
            requested_by=str(principal),
            principal=principals.to_json(principal),
            input=dict(input),
            lock=lock,
            job=await self.queue.put(call.session, id_, lock),
            attempt=0,
            created_at=self.clock.now(),
            cancel_requested=False,
        )
        operation = await OperationRepository(call.session).add(row, steps)
        await emit_changed(self.events, call, operation)
        await self._audit.record(call, "operation.create", target, detail={"operation": id_, "kind": kind})
        return operation

    async def get(self, call: Call, id_: str) -> Operation:
        """Raises OperationNotFound, also for what the caller may not see."""
        self._somebody(call)
        repository = OperationRepository(call.session)
        row = await repository.row(id_)
        self._authorise(call.principal, "operation.view", _target_of(row))
        return (await repository.load([row]))[0]

    async def list(
        self,
        call: Call,
        *,
        target: str | None = None,
        kind: str | None = None,
        state: State | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Operation]:
        """What the caller may see, newest first."""
        self._somebody(call)
        size = clamp(limit)
        repository = OperationRepository(call.session)
        seen: list[OperationRow] = []
        while len(seen) <= size:
            batch = await repository.list(before=cursor, limit=size + 1, target=target, kind=kind, state=state)
            seen += [row for row in batch if self._sees(call.principal, row)]
            if len(batch) <= size:
                break
            cursor = batch[-1].id
        page = await repository.load(seen[:size])
        return Page(page, page[-1].id if len(seen) > size else None)

    async def log(self, call: Call, id_: str, after: int = 0, limit: int | None = None) -> Sequence[LogLine]:
        """The lines behind the one numbered `after`, at most `limit` (5,000)."""
        await self.get(call, id_)
        return await OperationRepository(call.session).log(id_, after, min(limit or MAX_LOG_PAGE, MAX_LOG_PAGE))

    async def cancel(self, call: Call, id_: str) -> Operation:
        """Ends a queued operation at once; asks one that has begun to end, and takes up a parked one to do so.

        Raises OperationEnded for one that has ended.
        """
        self._somebody(call)
        repository = OperationRepository(call.session)
        row = await repository.row(id_, lock=True)
        target = _target_of(row)
        self._authorise(call.principal, "operation.cancel", target)
        if row.state in ENDED:
            raise OperationEnded(f"the operation {id_} has ended already ({row.state})")
        row.cancel_requested = True
        await call.session.flush()
        if row.state == "waiting":
            await self._put_in(call, row)
        elif row.state == "queued" and row.attempt == 0 and await self.queue.take_out(call.session, row.job):
            await repository.end(id_, "cancelled", self.clock.now())
        operation = await repository.get(id_)
        await emit_changed(self.events, call, operation, cancel=True)
        await self._audit.record(call, "operation.cancel", target)
        return operation

    async def wake(self, call: Call, id_: str) -> bool:
        """Has a parked operation looked at again, in the name of who asked for it. False for one that isn't parked.

        In the caller's transaction. Whoever decides what it waits for asks whether the caller may.
        """
        self._somebody(call)
        repository = OperationRepository(call.session)
        row = await repository.row(id_, lock=True)
        if row.state != "waiting":
            return False
        await self._put_in(call, row)
        await emit_changed(self.events, call, await repository.get(id_))
        return True

    async def _put_in(self, call: Call, row: OperationRow) -> None:
        row.state = "queued"
        row.job = await self.queue.put(call.session, row.id, row.lock)
        await call.session.flush()

    async def follow(self, call: Call, id_: str, after: int = 0) -> AsyncIterator[Operation | LogLine]:
        """The operation at once and whenever it changed, and each line of its log behind `after`; ends after it ended.

        Authorises now and at each look. What it yields comes from transactions of its own: `call` may be over by then.
        """
        subscription = self.events.subscribe(subject=f"operation:{id_}")
        await self.get(call, id_)
        return self._follow(call.principal, id_, after, subscription)

    async def watch(self, call: Call, after: int | None = None) -> AsyncIterator[Event]:
        """The events that the caller may see: from now on, or all that came after the one numbered `after`."""
        return self._watch(self._somebody(call), self.events.subscribe(after))

    async def _watch(self, principal: Principal, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        async for event in events:
            if sees(self._authorise, principal, event):
                yield event

    async def _follow(
        self, principal: Principal | None, id_: str, after: int, wakes: Subscription
    ) -> AsyncIterator[Operation | LogLine]:
        known: Operation | None = None
        while True:
            async with self.database.call(principal) as call:
                operation = await self.get(call, id_)
                lines = await OperationRepository(call.session).log(id_, after, MAX_LOG_PAGE)
            for line in lines:
                yield line
                after = line.sequence
            if len(lines) == MAX_LOG_PAGE:
                continue
            if operation != known:
                yield operation
                known = operation
            if operation.ended or not await wakes.some():
                return

    def _somebody(self, call: Call) -> Principal:
        """Who calls. Everybody may see what they asked for themselves; nobody may not, and isn't told what exists."""
        principal = call.principal
        self._authorise(principal, "operation.view", Target("operation", attributes={"user": str(principal)}))
        if principal is None:
            raise Unauthenticated("nobody is logged in", hint="roadbed login")
        return principal

    def _sees(self, principal: Principal | None, row: OperationRow) -> bool:
        return may(self._authorise, principal, "operation.view", _target_of(row))


def _target_of(row: OperationRow) -> Target:
    attributes = {"user": row.requested_by}
    if row.environment_kind is not None:
        attributes["kind"] = row.environment_kind
    return Target("operation", row.id, row.owner, row.environment, attributes)
