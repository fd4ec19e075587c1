"""Durable work for tests: service, events and worker over a real database, in this process or in one to be killed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from fakes.access import OWNER, allow
from fakes.audit import FakeAudit
from roadbed.audit.service import Audit
from roadbed.control.domain import Operation, State
from roadbed.control.events import Events
from roadbed.control.service import Operations
from roadbed.control.worker import Worker
from roadbed.kit.access import Authorise, Principal, Target
from roadbed.kit.clock import SystemClock
from roadbed.storage.database import Database
from waiting import until


@dataclass
class Control:
    """Short forms of what tests do all the time, each in a transaction of its own, in the name of `principal`."""

    database: Database
    operations: Operations
    events: Events
    worker: Worker
    audit: FakeAudit
    principal: Principal | None = OWNER
    started: bool = field(default=False)

    async def enqueue(
        self, kind: str, *, lock: str | None = None, target: str = "orders@dev", **options: Any
    ) -> Operation:
        async with self.database.call(self.principal) as call:
            return await self.operations.enqueue(
                call, kind=kind, title=kind, target=Target("stack", target), lock=lock, **{"input": {}, **options}
            )

    async def get(self, id_: str) -> Operation:
        async with self.database.call(self.principal) as call:
            return await self.operations.get(call, id_)

    async def cancel(self, id_: str) -> Operation:
        async with self.database.call(self.principal) as call:
            return await self.operations.cancel(call, id_)

    async def log(self, id_: str) -> list[str]:
        async with self.database.call(self.principal) as call:
            return [line.text for line in await self.operations.log(call, id_)]

    async def state(self, id_: str, *wanted: State) -> Operation:
        """Waits until the operation is in one of these states."""

        async def reached() -> Operation | None:
            operation = await self.get(id_)
            return operation if operation.state in wanted else None

        return cast(Operation, await until(reached, what=f"operation {id_} {wanted}"))

    async def ended(self, id_: str) -> Operation:
        return await self.state(id_, "succeeded", "failed", "cancelled")


def make_control(database: Database, authorise: Authorise = allow) -> Control:
    """Not started, so that handlers can be registered first; `start` is `open_control`'s."""
    audit = FakeAudit()
    events = Events(database)
    operations = Operations(database, authorise, cast(Audit, audit), events, SystemClock())
    return Control(database, operations, events, Worker(operations), audit)


@asynccontextmanager
async def open_control(
    database: Database, *, work: bool = True, authorise: Authorise = allow
) -> AsyncIterator[Control]:
    """Events run inside the block, and the worker if it is to `work`."""
    control = make_control(database, authorise)
    await control.events.start()
    if work:
        await control.worker.start(grace=0)
    try:
        yield control
    finally:
        await control.worker.close()
        await control.events.close()


def steps(operation: Operation) -> Mapping[str, tuple[str, Any]]:
    """Each step's state and result, by name."""
    return {step.name: (step.state, step.result) for step in operation.steps}
