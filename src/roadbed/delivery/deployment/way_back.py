"""The way back of a deployment whose apply failed or was cancelled: what was in force before is in force whole."""

from __future__ import annotations

from typing import Any

from roadbed.control.run import Run
from roadbed.delivery import repository
from roadbed.delivery.deployment.applying import Applying
from roadbed.delivery.deployment.basis import Basis
from roadbed.delivery.deployment.planned import Planned
from roadbed.delivery.deployment.releasing import Releasing
from roadbed.delivery.domain import Settings
from roadbed.delivery.planning import Planning
from roadbed.engine.errors import NotApproved, PolicyRefused, StalePlan
from roadbed.engine.service import StackInfo
from roadbed.kit.errors import RoadbedError
from roadbed.storage.call import Call

_NOTHING_BEGUN = (PolicyRefused, NotApproved, StalePlan)
"""What an apply is refused by before it does anything: other applies of the team may have taken what is left."""


class WayBack:
    def __init__(self, planning: Planning, applying: Applying, releasing: Releasing) -> None:
        self._planning, self._applying, self._releasing = planning, applying, releasing

    async def go(self, run: Run, stack: StackInfo, basis: Basis, release: int, error: Exception) -> None:
        """`release` failed with `error`. Raises nothing else: what the user must hear of is that failure."""
        await self._releasing.fail(run, stack, release, str(error), first=basis.active is None)
        if isinstance(error, _NOTHING_BEGUN):
            return
        try:
            await self._restore(run, stack, basis)
        except RoadbedError as problem:
            await run.log(f"the release before could not be brought back whole: {problem}")

    async def _restore(self, run: Run, stack: StackInfo, basis: Basis) -> None:
        """Takes back the rollouts that had ended well before another failed.

        Before there was a release, nothing that this one began to run stays. Infrastructure stays in both cases, as the
        state says.
        """
        planned = Planned.from_dict(
            await run.transaction(
                "plan back", "Planning the way back", lambda call: self._plan(call, stack, basis), cancellable=False
            )
        )
        if planned.changes:
            await self._applying.back(run, stack, planned, basis.active)

    async def _plan(self, call: Call, stack: StackInfo, basis: Basis) -> dict[str, Any]:
        active = await repository.active_release(call.session, stack.name)
        if active is None:
            needed = Settings(needs=basis.settings.needs)
            wanted = await self._planning.wanted(call, stack, basis.source, needed, back=True, rollouts=False)
        else:
            wanted = await self._planning.wanted(call, stack, active.source, active.settings, back=True)
        return Planned.of(await self._planning.plan(call, wanted)).to_dict()
