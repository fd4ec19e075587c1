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
from roadbed.delivery.deployment.applying import Applying
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.deployment.basis import Basis, Reading
from roadbed.delivery.deployment.planned import Planned, lines, makes_a_release, refuse
from roadbed.delivery.deployment.releasing import Releasing
from roadbed.delivery.deployment.way_back import WayBack
from roadbed.delivery.planning import Planning
from roadbed.delivery.urls import public_url
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

STEPS = (
    ("read", "Reading the application"),
    ("plan", "Planning"),
    ("check", "Checking policies"),
    ("build", "Building"),
    ("release", "Making the release"),
    ("apply", "Applying"),
    ("finish", "Putting the release in force"),
)
_TITLES = dict(STEPS)


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
        self._releasing = Releasing(events, clock, sandboxed=sandboxed)
        self._way_back = WayBack(planning, self._applying, self._releasing)

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = DeploymentInput.from_dict(run.operation.input)
        try:
            return await self._deploy(run, asked)
        except (RoadbedError, Cancelled):
            await self._releasing.forget_unreleased(run, asked.stack)
            raise

    async def _deploy(self, run: Run, asked: DeploymentInput) -> Mapping[str, Any]:
        read = await run.transaction("read", _TITLES["read"], lambda call: self._read(call, run, asked))
        basis = Basis.from_dict(read)
        stack = basis.stack(asked.stack)
        made = await run.transaction("plan", _TITLES["plan"], lambda call: self._plan(call, asked, stack, basis))
        planned = Planned.from_dict(made)
        await run.step("check", _TITLES["check"], lambda step: self._check(run, step, asked, stack, planned))
        if basis.active is not None and not makes_a_release(basis, planned):
            if planned.told:
                await self._waiting.approved(run, stack, planned.number)
                await self._apply(run, stack, planned, basis.active)
            return await self._result(run, stack, {"release": f"v{basis.active}", "status": "unchanged"})
        build = await run.step("build", _TITLES["build"], lambda step: self._build(run, step, stack, basis))
        await self._waiting.approved(run, stack, planned.number)
        release = await run.transaction(
            "release",
            _TITLES["release"],
            lambda call: self._releasing.make(call, run, asked, basis, build=build, plan=planned.number),
        )
        try:
            await self._apply(run, stack, planned, release)
        except (RoadbedError, Cancelled) as error:
            await self._way_back.go(run, stack, basis, release, error)
            raise
        ended = await run.transaction(
            "finish",
            _TITLES["finish"],
            lambda call: self._finish(call, run, stack, basis, planned, release, build),
            cancellable=False,
        )
        return await self._result(run, stack, ended)

    async def _read(self, call: Call, run: Run, asked: DeploymentInput) -> dict[str, Any]:
        return (await self._reading.basis(call, run, asked)).to_dict()

    async def _plan(self, call: Call, asked: DeploymentInput, stack: StackInfo, basis: Basis) -> dict[str, Any]:
        back = asked.rollback_to is not None
        wanted = await self._planning.wanted(call, stack, basis.source, basis.settings, back=back)
        return Planned.of(await self._planning.plan(call, wanted)).to_dict()

    async def _check(self, run: Run, step: StepRun, asked: DeploymentInput, stack: StackInfo, planned: Planned) -> None:
        async with run.database.call(run.principal) as call:
            plan = await self._engine.get_plan(call, stack, planned.number)
        for line in lines(plan):
            await step.log(line)
        refuse(plan, delete_data=asked.delete_data)

    async def _build(self, run: Run, step: StepRun, stack: StackInfo, basis: Basis) -> str:
        """The digest of the build; empty for an application without workloads."""
        if not basis.builds:
            await step.log("Nothing to build: there is no workload")
            return ""
        look = variables(run, stack.name, basis.settings, self._secrets)
        return (await self._builds.ensure(run, step, basis.source, look)).digest

    async def _apply(self, run: Run, stack: StackInfo, planned: Planned, release: int) -> None:
        await self._applying.step(run, "apply", _TITLES["apply"], stack, planned, release)

    async def _finish(
        self, call: Call, run: Run, stack: StackInfo, basis: Basis, planned: Planned, release: int, build: str
    ) -> dict[str, Any]:
        await self._releasing.put_in_force(call, run, stack, release)
        notes = await self._builds.notes(call, build, run.operation.created_at, basis.built)
        return {"release": f"v{release}", "status": "succeeded", "notes": [*planned.notes, *notes]}

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
