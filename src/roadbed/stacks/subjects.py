"""What a waiver can be for: the stacks, resources and applications that the caller may see."""

from __future__ import annotations

from collections.abc import Sequence

from roadbed.engine.service import Engine
from roadbed.engine.states import States
from roadbed.engine.views import StackVerdicts
from roadbed.kit.access import require_somebody
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.stacks.sources import Resolved, Sources
from roadbed.storage.call import Call
from roadbed.waivers.domain import Subject
from roadbed.waivers.service import Found
from roadbed.workload.reader import nearest

_PLANS = 5
"""How many of the newest plans may name a resource that there isn't yet."""


class WaiverSubjects:
    def __init__(self, sources: Sources, states: States, engine: Engine) -> None:
        self._sources, self._states, self._engine = sources, states, engine

    async def find(self, call: Call, subject: Subject) -> Found:
        require_somebody(call.principal)
        if subject.stack is None:
            return await self._application(call, subject.name)
        stack = await self._sources.resolve(call, str(subject.stack))
        if subject.scope == "resource":
            await self._check_resource(call, stack, subject.name)
        return Found(stack.info.owner, stack.info.kind)

    async def _application(self, call: Call, name: str) -> Found:
        """One group owns all of its stacks, or the waiver would be another group's to decide on, too."""
        known = await self._states.verdicts(call)  # also of those of which nothing was applied yet
        stacks = [one for one in known if StackName.parse(one.name).owner == name]
        if not stacks:
            owners = {StackName.parse(one.name).owner for one in known}
            raise NotFound(f"there is no application {name!r}", hint=nearest(name, owners))
        return Found(_one_owner(name, stacks), None)

    async def _check_resource(self, call: Call, stack: Resolved, urn: str) -> None:
        """One of the state, or one that a plan wants: what is refused has not come to be."""
        state = await self._engine.resources(call, stack.info)
        known = {row.urn for row in state.values()}
        if urn not in known:
            known |= await self._planned(call, stack)
        if urn not in known:
            raise NotFound(f"{stack.name} has no resource {urn!r}", hint=nearest(urn, known))

    async def _planned(self, call: Call, stack: Resolved) -> set[str]:
        heads = await self._states.plans(call, stack.info, _PLANS)
        plans = [await self._engine.get_plan(call, stack.info, head.number) for head in heads]
        return {step.urn for plan in plans for step in plan.steps}


def _one_owner(name: str, stacks: Sequence[StackVerdicts]) -> str | None:
    owners = {one.owner for one in stacks}
    if len(owners) > 1:
        places = ", ".join(one.name for one in stacks)
        raise NotFound(f"{name} is owned by different groups in {places}", hint="ask for one of them")
    return owners.pop()
