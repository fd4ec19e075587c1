"""The release that a deployment makes: its beginning, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.control.events import Events
from roadbed.control.run import Run
from roadbed.delivery import repository
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.basis import Basis
from roadbed.delivery.deployment.planned import Planned
from roadbed.delivery.domain import Release
from roadbed.engine.service import StackInfo
from roadbed.kit.clock import Clock
from roadbed.kit.names import StackName
from roadbed.storage.call import Call

RELEASE = ("release", "Making the release")
FINISH = ("finish", "Putting the release in force")


class Releasing:
    def __init__(self, builds: Builds, events: Events, clock: Clock, *, sandboxed: bool) -> None:
        self._builds, self._events, self._clock, self._sandboxed = builds, events, clock, sandboxed

    async def make(self, run: Run, asked: DeploymentInput, basis: Basis, planned: Planned, build: str) -> int:
        """The number of the release, which isn't in force yet."""

        async def make(call: Call) -> int:
            number = await repository.next_release_number(call.session, asked.stack)
            release = Release(
                stack=str(asked.stack),
                number=number,
                status="deploying",
                source=basis.source,
                origin=basis.origin,
                build=build,
                settings=basis.settings,
                plan=planned.number,
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

        number: int = await run.transaction(*RELEASE, make)
        return number

    async def put_in_force(
        self, run: Run, stack: StackInfo, basis: Basis, planned: Planned, release: int, build: str
    ) -> Mapping[str, Any]:
        """What came of it, with what is to be known of the changes and of the build."""

        async def finish(call: Call) -> dict[str, Any]:
            now = self._clock.now()
            await repository.end_release(call.session, stack.name, release, "active", "serving", now)
            await repository.set_operation(call.session, stack.name, run.operation.id, now)
            await self._tell(call, stack.name, stack.owner)
            notes = await self._builds.notes(call, build, run.operation.created_at, basis.built)
            return {"release": f"v{release}", "status": "succeeded", "notes": [*planned.notes, *notes]}

        ended: Mapping[str, Any] = await run.transaction(*FINISH, finish, cancellable=False)
        return ended

    async def fail(self, run: Run, stack: StackInfo, release: int, why: str, *, first: bool) -> None:
        """Whatever was in force before it still is, unless it was the `first`."""

        async def end(call: Call) -> None:
            await repository.end_release(call.session, stack.name, release, "failed", why, self._clock.now())
            await self._tell(call, stack.name, stack.owner)

        title = "Noting that the release failed" if first else "Leaving the release before in force"
        await run.transaction("fail", title, end, cancellable=False)

    async def forget_unreleased(self, run: Run, stack: StackName) -> None:
        """An application whose first deployment failed before it made a release has nothing: it isn't one yet."""
        async with run.database.call(run.principal) as call:
            if await repository.remove_unreleased(call.session, stack):
                await self._tell(call, stack, run.operation.owner)

    async def _tell(self, call: Call, stack: StackName, owner: str | None) -> None:
        await self._events.emit(call, "release.changed", f"stack:{stack}", {"owner": owner})
