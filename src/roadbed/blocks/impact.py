"""What a version of a building block would do to the stacks that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from roadbed.blocks.domain import StackImpact
from roadbed.delivery.replanning import Asking, Replanning
from roadbed.engine.domain import Step
from roadbed.engine.foresight import Foresight
from roadbed.kit.access import require_somebody, system
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.platform.service import Platform
from roadbed.platform.snapshots import BlockFolder
from roadbed.storage.call import Call

Resources: TypeAlias = Mapping[str, Mapping[str, Any]]
"""What is declared, by URN."""


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
        return len(asking), [one for one in found if one.steps or one.problems]

    async def _impact(
        self, call: Call, asking: Asking, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> StackImpact:
        """What differs because of the block; what the stack would do anyhow, or could not do before, is left out."""
        stack = asking.stack
        found = StackImpact(str(stack.name), stack.name.environment, stack.owner)
        try:
            declared, steps = await self._planned(call, asking, after)
        except InvalidInput as error:
            worked = await self._works(call, asking, before)
            return replace(found, problems=error.problems or (error.problem,)) if worked else found
        return replace(
            found, steps=_because_of(_differing(await self._declared(call, asking, before), declared), steps)
        )

    async def _planned(
        self, call: Call, asking: Asking, answer: Mapping[str, Any]
    ) -> tuple[Resources, tuple[Step, ...]]:
        """What a stack would declare and do with an answer of its provisioners. Raises InvalidInput."""
        document = await self._document(call, asking, answer)
        steps = await self._foresight.steps(call.as_(system("blocks")), asking.stack, document)
        return _resources(document["resources"]), steps

    async def _works(self, call: Call, asking: Asking, answer: Mapping[str, Any]) -> bool:
        try:
            await self._planned(call, asking, answer)
        except InvalidInput:
            return False
        return True

    async def _declared(self, call: Call, asking: Asking, answer: Mapping[str, Any]) -> Resources:
        """Nothing, where nothing could be declared."""
        try:
            return _resources((await self._document(call, asking, answer))["resources"])
        except InvalidInput:
            return {}

    async def _document(self, call: Call, asking: Asking, answer: Mapping[str, Any]) -> dict[str, Any]:
        if error := answer.get("error"):
            raise InvalidInput(error["message"], problems=tuple(_failures(error)))
        return await self._replanning.document(call, asking, answer)


def _failures(error: Mapping[str, Any]) -> Iterator[Problem]:
    """For the block's owner: of a program that fails its own line, not the sentence for whoever asked."""
    for one in error.get("problems") or (error,):
        told = one.get("failure") or one
        yield Problem(told["message"], told.get("hint"), told.get("file"), told.get("line"), told.get("column"))


def _differing(old: Resources, new: Resources) -> set[str]:
    """The URNs of what is declared otherwise."""
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


def _resources(resources: Sequence[Mapping[str, Any]]) -> Resources:
    told = ("source", "declared_by")
    return {one["urn"]: {key: value for key, value in one.items() if key not in told} for one in resources}
