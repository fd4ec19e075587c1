"""What a version of a building block would do to the stacks that ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.blocks.domain import StackImpact
from roadbed.delivery.replanning import Asking, Replanning
from roadbed.engine.domain import Step
from roadbed.engine.foresight import Foresight
from roadbed.kit.access import require_somebody, system
from roadbed.kit.errors import InvalidInput
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import BlockFolder
from roadbed.storage.call import Call


class Impacts:
    def __init__(self, platform: Platform, replanning: Replanning, foresight: Foresight) -> None:
        self._platform, self._replanning, self._foresight = platform, replanning, foresight

    async def of(self, call: Call, block: BlockFolder, environment: str) -> tuple[int, list[StackImpact]]:
        """How many stacks of an environment ask for the block, and what becomes of those that would change."""
        require_somebody(call.principal)
        asking = await self._replanning.asking(call, environment, block.name)
        used = await self._platform.building_blocks.folders(call.session, environment)
        then = [*(one for one in used if one.name != block.name), block]
        requests = [one.request for one in asking]
        before = await self._platform.provision_all(call, requests, used)
        after = await self._platform.provision_all(call, requests, then)
        different = [pair for pair in zip(asking, before, after, strict=True) if _made(pair[1]) != _made(pair[2])]
        found = [await self._impact(call, one, old, new) for one, old, new in different]
        return len(asking), [one for one in found if one.steps or one.error]

    async def _impact(
        self, call: Call, asking: Asking, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> StackImpact:
        """What differs because of the block; what the stack would do anyhow is left out."""
        stack = asking.stack
        named = str(stack.name), stack.name.environment, stack.owner
        try:
            document = await self._replanning.document(call, asking, after)
            steps = await self._foresight.steps(call.as_(system("blocks")), stack, document)
        except InvalidInput as error:
            return StackImpact(*named, error=error.message)
        differing = await self._differing(call, asking, before, document)
        return StackImpact(*named, steps=_because_of(differing, steps))

    async def _differing(
        self, call: Call, asking: Asking, before: Mapping[str, Any], document: Mapping[str, Any]
    ) -> set[str]:
        """The URNs of what is declared otherwise; all of them where nothing could be declared before."""
        new = _resources(document["resources"])
        try:
            old = _resources((await self._replanning.document(call, asking, before))["resources"])
        except InvalidInput:
            old = {}
        return {urn for urn in old.keys() | new.keys() if old.get(urn) != new.get(urn)}


def _because_of(differing: set[str], steps: Sequence[Step]) -> tuple[Step, ...]:
    """Those of what differs, and of what uses that. Steps come after those that they depend on."""
    reached = set(differing)
    for step in steps:
        if step.action != "none" and reached.intersection(step.depends_on):
            reached.add(step.urn)
    return tuple(step for step in steps if step.action != "none" and step.urn in reached)


def _made(answer: Mapping[str, Any]) -> Any:
    """What an answer comes to, without the lines of the program that made it."""
    if error := answer.get("error"):
        return error["message"]
    return _resources(answer["graph"]["resources"]), answer["outputs"]


def _resources(resources: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    told = ("source", "declared_by")
    return {one["urn"]: {key: value for key, value in one.items() if key not in told} for one in resources}
