"""A rotation: new credentials for a resource, a deployment that rolls them out, and the end of the old ones.

Until the last step the old credentials let in as well, so no request is lost while replicas are exchanged. Whatever
fails before leaves them in force; killed anywhere, it is taken up after the last step recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.control.run import Run, StepRun
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.handler import STEPS, Deployments
from roadbed.delivery.planning import Planning
from roadbed.engine.rotating import Rotating
from roadbed.engine.service import StackInfo

ROTATION = "rotation"
ROTATION_STEPS = (
    ("issue", "Making new credentials"),
    *STEPS,
    ("revoke", "Ending the old credentials"),
)


class Rotations:
    """The handler of `rotation` operations. Their input is a `DeploymentInput` with what it `rotates`."""

    def __init__(self, planning: Planning, rotating: Rotating, deployments: Deployments) -> None:
        self._planning, self._rotating, self._deployments = planning, rotating, deployments

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked, titles = DeploymentInput.from_dict(run.operation.input), dict(ROTATION_STEPS)
        await run.step("issue", titles["issue"], lambda step: self._issue(run, step, asked))
        deployed = await self._deployments.run(run)
        await run.step("revoke", titles["revoke"], lambda step: self._revoke(run, step, asked), cancellable=False)
        return {**deployed, "rotated": list(asked.rotates)}

    async def _issue(self, run: Run, step: StepRun, asked: DeploymentInput) -> None:
        stack = await self._stack(run, asked)
        for urn in asked.rotates:
            await self._rotating.issue(run.principal, stack, urn, step.log)

    async def _revoke(self, run: Run, step: StepRun, asked: DeploymentInput) -> None:
        stack = await self._stack(run, asked)
        for urn in asked.rotates:
            await self._rotating.revoke(run.principal, stack, urn, step.log)

    async def _stack(self, run: Run, asked: DeploymentInput) -> StackInfo:
        async with run.database.call(run.principal) as call:
            kind = (await self._planning.environment(call, asked.environment)).kind
        return StackInfo(asked.stack, run.operation.owner, kind)
