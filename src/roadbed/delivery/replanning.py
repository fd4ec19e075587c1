"""What becomes of the applications in force when a building block is another one: their requests, and their graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.delivery import compiler, repository
from roadbed.delivery.planning import Planning, Wanted
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise, Target, require_somebody, system
from roadbed.kit.errors import RoadbedError
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class Asking:
    """An application in force that asks for a type; `request` is what its provisioners are asked."""

    wanted: Wanted
    request: Mapping[str, Any]

    @property
    def stack(self) -> StackInfo:
        return self.wanted.stack


class Replanning:
    def __init__(self, authorise: Authorise, planning: Planning) -> None:
        self._authorise, self._planning = authorise, planning

    async def asking(self, call: Call, environment: str, type: str | None = None) -> Sequence[Asking]:
        """The applications of an environment whose release in force asks for a type, or for anything.

        Whosever they are: whoever shows them leaves out what the caller may not see. One whose files can't be read any
        more is left out; its next deployment says why.
        """
        self._authorise(call.principal, "environment.view", Target("environment"))
        kind = (await self._planning.environment(call, environment)).kind
        reading = call.as_(system("delivery"))
        found = []
        for record in await repository.applications(call.session, environment):
            stack = StackInfo(record.stack, record.owner, kind)
            try:
                asking = await self._asking(reading, stack)
            except RoadbedError:
                continue
            if asking is not None and (type is None or any(one["type"] == type for one in asking.request["requests"])):
                found.append(asking)
        return found

    async def _asking(self, call: Call, stack: StackInfo) -> Asking | None:
        active = await repository.active_release(call.session, stack.name)
        if active is None:
            return None
        wanted = await self._planning.wanted(call, stack, active.source, active.settings)
        return Asking(wanted, compiler.provision_request(wanted.source, await self._planning.around(call, wanted)))

    async def document(self, call: Call, asking: Asking, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The graph that comes of an answer to the request that is no error."""
        require_somebody(call.principal)
        return await self._planning.assembled(call.as_(system("delivery")), asking.wanted, answer)
