"""The steps of a deployment, from what is asked to what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.approvals.waiting import Waiting
from roadbed.control.errors import Cancelled
from roadbed.control.events import Events
from roadbed.control.run import Run, StepRun
from roadbed.delivery.building import variables
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.deployment.applying import APPLY, Applying
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.basis import READ, Basis, Reading
from roadbed.delivery.deployment.planned import Planned, lines, makes_a_release, refuse
from roadbed.delivery.deployment.releasing import FINISH, RELEASE, Releasing
from roadbed.delivery.deployment.way_back import WayBack
from roadbed.delivery.planning import Planning
from roadbed.delivery.urls import public_url
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

PLAN, CHECK, BUILD = ("plan", "Planning"), ("check", "Checking policies"), ("build", "Building")
STEPS = (READ, PLAN, CHECK, BUILD, RELEASE, APPLY, FINISH)


class Deployments:
    """The handler of `deployment` operations."""

    def __init__(
        self,
        planning: Planning,
        builds: Builds,
        engine: Engine,
        events: Events,
        secrets: Secrets,
        clock: Clock,
        waiting: Waiting,
        *,
        sandboxed: bool,
    ) -> None:
        self._planning, self._builds, self._engine, self._waiting = planning, builds, engine, waiting
        self._secrets, self._clock, self._sandboxed = secrets, clock, sandboxed
        self._reading = Reading(planning, builds, clock)
        self._applying = Applying(engine)
        self._releasing = Releasing(builds, events, clock, sandboxed=sandboxed)
        self._way_back = WayBack(planning, self._applying, self._releasing)

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = DeploymentInput.from_dict(run.operation.input)
        try:
            return await self._deploy(run, asked)
        except (RoadbedError, Cancelled):
            await self._releasing.forget_unreleased(run, asked.stack)
            raise

    async def _deploy(self, run: Run, asked: DeploymentInput) -> Mapping[str, Any]:
        basis = await self._reading.step(run, asked)
        stack = basis.stack(asked.stack)
        planned = await self._plan(run, asked, stack, basis)
        await self._check(run, asked, stack, planned)
        if basis.active is not None and not makes_a_release(basis, planned):
            if planned.told:
                await self._waiting.approved(run, stack, planned.number)
                await self._applying.step(run, stack, planned, basis.active)
            return await self._result(run, stack, {"release": f"v{basis.active}", "status": "unchanged"})
        build = await self._build(run, stack, basis)
        await self._waiting.approved(run, stack, planned.number)
        release = await self._releasing.make(run, asked, basis, planned, build)
        try:
            await self._applying.step(run, stack, planned, release)
        except (RoadbedError, Cancelled) as error:
            await self._way_back.go(run, stack, basis, release, error)
            raise
        ended = await self._releasing.put_in_force(run, stack, basis, planned, release, build)
        return await self._result(run, stack, ended)

    async def _plan(self, run: Run, asked: DeploymentInput, stack: StackInfo, basis: Basis) -> Planned:
        async def plan(call: Call) -> dict[str, Any]:
            back = asked.rollback_to is not None
            wanted = await self._planning.wanted(call, stack, basis.source, basis.settings, back=back)
            return Planned.of(await self._planning.plan(call, wanted)).to_dict()

        return Planned.from_dict(await run.transaction(*PLAN, plan))

    async def _check(self, run: Run, asked: DeploymentInput, stack: StackInfo, planned: Planned) -> None:
        async def check(step: StepRun) -> None:
            async with run.database.call(run.principal) as call:
                plan = await self._engine.get_plan(call, stack, planned.number)
            for line in lines(plan):
                await step.log(line)
            refuse(plan, delete_data=asked.delete_data)

        await run.step(*CHECK, check)

    async def _build(self, run: Run, stack: StackInfo, basis: Basis) -> str:
        """The digest of the build; empty for an application without workloads."""

        async def build(step: StepRun) -> str:
            if not basis.builds:
                await step.log("Nothing to build: there is no workload")
                return ""
            look = variables(run, stack.name, basis.settings, self._secrets)
            return (await self._builds.ensure(run, step, basis.source, look)).digest

        digest: str = await run.step(*BUILD, build)
        return digest

    async def _result(self, run: Run, stack: StackInfo, ended: Mapping[str, Any]) -> dict[str, Any]:
        async with run.database.call(run.principal) as call:
            resources = await self._engine.resources(call, stack)
        began = run.operation.started_at or run.operation.created_at
        return {
            "application": stack.name.owner,
            "environment": stack.name.environment,
            **ended,
            "url": public_url(resources),
            "duration_s": round((self._clock.now() - began).total_seconds(), 3),
            "sandboxed": self._sandboxed,
        }
