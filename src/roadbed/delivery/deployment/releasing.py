"""The release that a deployment makes: its beginning, and how it ends."""

from __future__ import annotations

from roadbed.control.events import Events
from roadbed.control.run import Run
from roadbed.delivery import repository
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.basis import Basis
from roadbed.delivery.domain import Release
from roadbed.engine.service import StackInfo
from roadbed.kit.clock import Clock
from roadbed.kit.names import StackName
from roadbed.storage.call import Call


class Releasing:
    def __init__(self, events: Events, clock: Clock, *, sandboxed: bool) -> None:
        self._events, self._clock, self._sandboxed = events, clock, sandboxed

    async def make(self, call: Call, run: Run, asked: DeploymentInput, basis: Basis, *, build: str, plan: int) -> int:
        """The number of the release, which isn't in force yet."""
        number = await repository.next_release_number(call.session, asked.stack)
        release = Release(
            stack=str(asked.stack),
            number=number,
            status="deploying",
            source=basis.source,
            origin=basis.origin,
            build=build,
            settings=basis.settings,
            plan=plan,
            created_at=self._clock.now(),
            created_by=run.operation.requested_by,
            operation=run.operation.id,
            message=asked.message,
            rollback_of=asked.rollback_to,
            sandboxed=self._sandboxed,
        )
        await repository.add_release(call.session, release)
        await self._tell(call, asked.stack, basis.owner)
        return number

    async def put_in_force(self, call: Call, run: Run, stack: StackInfo, release: int) -> None:
        now = self._clock.now()
        await repository.end_release(call.session, stack.name, release, "active", "serving", now)
        await repository.set_operation(call.session, stack.name, run.operation.id, now)
        await self._tell(call, stack.name, stack.owner)

    async def fail(self, call: Call, stack: StackInfo, release: int, why: str) -> None:
        """Whatever was in force before it still is."""
        await repository.end_release(call.session, stack.name, release, "failed", why, self._clock.now())
        await self._tell(call, stack.name, stack.owner)

    async def forget_unreleased(self, run: Run, stack: StackName) -> None:
        """An application whose first deployment failed before it made a release has nothing: it isn't one yet."""
        async with run.database.call(run.principal) as call:
            if await repository.remove_unreleased(call.session, stack):
                await self._tell(call, stack, run.operation.owner)

    async def _tell(self, call: Call, stack: StackName, owner: str | None) -> None:
        await self._events.emit(call, "release.changed", f"stack:{stack}", {"owner": owner})
