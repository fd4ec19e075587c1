"""What is in force of an application: from which its stack can be declared anew at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.delivery import repository
from roadbed.delivery.planning import Planning, application_target
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise, may, require_somebody, visible_owners
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class Deployed:
    """An application in an environment. `release` is the number of the one in force, None before the first."""

    stack: StackInfo
    release: int | None
    description: str


class InForce:
    def __init__(self, authorise: Authorise, planning: Planning) -> None:
        self._authorise, self._planning = authorise, planning

    async def find(self, call: Call, name: StackName) -> Deployed | None:
        """None also for one that the caller may not see: to them there is none."""
        require_somebody(call.principal)
        kind = (await self._planning.environment(call, name.environment)).kind
        record = await repository.application(call.session, name)
        if record is None:
            return None
        target = application_target(name, record.owner, kind)
        if not may(self._authorise, call.principal, "application.view", target):
            return None
        active = await repository.active_release(call.session, name)
        info = StackInfo(name, record.owner, kind)
        return Deployed(info, active.number if active else None, record.description or "")

    async def stacks(self, call: Call) -> frozenset[str]:
        """The stacks of all applications that the caller may see."""
        visible = visible_owners(self._authorise, call.principal, "application.view", "application")
        records = await repository.applications(call.session)
        return frozenset(str(record.stack) for record in records if visible is None or record.owner in visible)

    async def document(self, call: Call, stack: StackInfo) -> Mapping[str, Any]:
        """The graph document of the release in force, compiled anew. Raises NotFound when there is none."""
        self._authorise(call.principal, "stack.plan", stack.target)
        active = await repository.active_release(call.session, stack.name)
        if active is None:
            raise NotFound(f"{stack.name} has no release in force", hint="deploy it first: roadbed deploy")
        wanted = await self._planning.wanted(call, stack, active.source, active.settings)
        return await self._planning.document(call, wanted)
