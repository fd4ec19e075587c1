"""Looks for drift by itself: in each environment as often as `environments.yaml` says.

Every server's worker runs this. Who asks for a scan first claims it, in the transaction in which the operation is
accepted; so a stack is looked at once, however many servers there are, and also if one dies just then.
"""

from __future__ import annotations

import logging

from roadbed.control.repeating import repeat
from roadbed.control.service import Operations
from roadbed.engine.states import States
from roadbed.engine.views import StackSummary
from roadbed.kit.access import system
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.platform.domain import DriftPolicy
from roadbed.platform.service import Platform
from roadbed.stacks import repository
from roadbed.stacks.operations import DRIFT, DriftInput, enqueue
from roadbed.stacks.sources import Sources
from roadbed.storage.database import Database

log = logging.getLogger(__name__)

PRINCIPAL = system("drift")
_LOOK_EVERY = 10.0
"""Seconds: the shortest interval that an environment can have."""


class DriftSchedule:
    def __init__(
        self,
        database: Database,
        operations: Operations,
        platform: Platform,
        sources: Sources,
        states: States,
        clock: Clock,
    ) -> None:
        self._database, self._operations, self._clock = database, operations, clock
        self._platform, self._sources, self._states = platform, sources, states

    async def run(self) -> None:
        """Until it is cancelled."""
        await repeat(self.ask, _LOOK_EVERY, "can't see which stacks are due to be looked at", log)

    async def ask(self) -> list[str]:
        """Asks for a scan of every stack that is due: their names."""
        asked = []
        for stack, policy in await self._scheduled():
            try:
                if await self._ask(stack.name, policy):
                    asked.append(stack.name)
            except RoadbedError as error:
                log.warning("can't look for drift in %s: %s", stack.name, error)
        return asked

    async def _scheduled(self) -> list[tuple[StackSummary, DriftPolicy]]:
        async with self._database.call(PRINCIPAL) as call:
            policies = {one.name: one.drift for one in await self._platform.environments(call) if one.drift}
            if not policies:
                return []
            return [
                (stack, policies[stack.environment])
                for stack in await self._states.list(call)
                if stack.environment in policies and stack.resources and stack.applying is None
            ]

    async def _ask(self, name: str, policy: DriftPolicy) -> bool:
        async with self._database.call(PRINCIPAL) as call:
            if not await repository.claim_scan(call.session, name, self._clock.now(), policy.every):
                return False
            stack = await self._sources.resolve(call, name)
            asked = DriftInput(name, stack.info.kind, stack.declared, stack.release, action=policy.action)
            await enqueue(self._operations, call, DRIFT, f"Look for drift in {name}", stack, asked, lock=False)
            return True
