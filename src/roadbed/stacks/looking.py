"""The handlers of `stack.refresh` and `stack.drift`: what looks at the world and changes nothing in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from roadbed.control.run import Run, StepRun
from roadbed.engine.domain import Observed
from roadbed.engine.editing import StateEditor
from roadbed.engine.errors import StalePlan
from roadbed.engine.service import Engine, StackInfo
from roadbed.engine.state.drift import DriftReport, compare
from roadbed.engine.states import States
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound
from roadbed.platform.domain import DriftAction
from roadbed.stacks import repository
from roadbed.stacks.domain import PlanState, Wish
from roadbed.stacks.operations import DriftInput, StackInput
from roadbed.stacks.planner import StackPlanner
from roadbed.stacks.sources import Resolved, Sources
from roadbed.storage.call import Call

_TRIES = 3
"""A scan holds no lock: one during which the stack was changed is made again."""


class Refreshes:
    """Holds the stack's lock. Its result is `{"stack", "status", "changed", "gone", "unreadable"}`."""

    def __init__(self, engine: Engine, states: States, editor: StateEditor) -> None:
        self._engine, self._states, self._editor = engine, states, editor

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = StackInput.from_dict(run.operation.input)
        info = asked.info(run.operation.owner)
        counts = await run.step("refresh", "Reading what there is", lambda step: self._refresh(run, info))
        return {"stack": asked.stack, "status": "succeeded", **counts}

    async def _refresh(self, run: Run, info: StackInfo) -> Mapping[str, int]:
        async with run.database.call(run.principal) as call:
            serial = await _serial(self._states, call, info)
        observed = await self._engine.observe(run.principal, info)
        async with run.database.call(run.principal) as call:
            return dict(await self._editor.refresh(call, info, observed, serial))


class Drifts:
    """Its result is `{"stack", "status", "read", "changed", "gone", "unreadable", "plan", "operation"}`.

    `status` is `drifted` or `clean`; `plan` and `operation` are what was made of a drift where the schedule says so.
    """

    def __init__(self, engine: Engine, states: States, sources: Sources, planner: StackPlanner, clock: Clock) -> None:
        self._engine, self._states, self._clock = engine, states, clock
        self._sources, self._planner = sources, planner

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = DriftInput.from_dict(run.operation.input)
        info = asked.info(run.operation.owner)
        found = await run.step("read", "Reading what there is", lambda step: self._read(run, step, info, asked))
        made: Mapping[str, Any] = {"plan": found.pop("plan"), "operation": None}
        if asked.action == "heal" and made["plan"] is not None:
            made = await run.transaction("heal", "Healing", lambda call: self._heal(run, call, asked, made["plan"]))
        return {"stack": asked.stack, **found, **made}

    async def _read(self, run: Run, step: StepRun, info: StackInfo, asked: DriftInput) -> dict[str, Any]:
        report, observed = await self._scan(run, info)
        plan = await self._plan(run, asked, report, observed) if report.changed or report.gone else None
        report = replace(report, plan=plan)
        async with run.database.call(run.principal) as call:
            await self._states.save_drift(call, info, report)
        counts = {"changed": report.changed, "gone": report.gone, "unreadable": report.unreadable}
        await step.log(f"{report.read} read: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
        return {"status": "drifted" if report.items else "clean", "read": report.read, **counts, "plan": plan}

    async def _scan(self, run: Run, info: StackInfo) -> tuple[DriftReport, Mapping[str, Observed]]:
        for _ in range(_TRIES):
            async with run.database.call(run.principal) as call:
                serial = await _serial(self._states, call, info)
                state = await self._engine.resources(call, info)
            observed = await self._engine.observe(run.principal, info)
            await run.check_cancelled()
            async with run.database.call(run.principal) as call:
                if await _serial(self._states, call, info) == serial:
                    report = DriftReport(
                        stack=str(info.name),
                        at=self._clock.now(),
                        by=run.operation.requested_by,
                        serial=serial,
                        read=len(observed),
                        items=compare(state, observed),
                    )
                    return report, observed
        raise StalePlan(
            f"{info.name} was changed each time that it was read", hint="look again when nothing changes it"
        )

    async def _plan(
        self, run: Run, asked: DriftInput, report: DriftReport, observed: Mapping[str, Observed]
    ) -> int | None:
        """A plan that takes the drift back, where the environment wants one: the one that waits for just that."""
        wanted: tuple[DriftAction, ...] = ("plan", "heal")
        if asked.action not in wanted:
            return None
        async with run.database.call(run.principal) as call:
            stack = await self._sources.resolve(call, asked.stack)
            if (waiting := await self._waiting(call, stack, report)) is not None:
                return waiting
            return (await self._planner.plan(call, stack, _WISH, observed)).number

    async def _waiting(self, call: Call, stack: Resolved, report: DriftReport) -> int | None:
        """The plan that the last scan made of the same drift, while nobody has decided on it and nothing was edited."""
        before = await self._states.drift(call, stack.info)
        if before.plan is None or before.stale or before.items != report.items:
            return None
        made = await repository.plan(call.session, stack.name, before.plan)
        undecided = made is not None and made.operation is None and not made.discarded
        return before.plan if undecided and not await self._planner.has_unapplied(call, stack) else None

    async def _heal(self, run: Run, call: Call, asked: DriftInput, number: int) -> dict[str, Any]:
        """Applies the plan, unless it would do more than heal: what people have edited waits for people."""
        stack: Resolved = await self._sources.resolve(call, asked.stack)
        if await self._planner.has_unapplied(call, stack):
            await run.log(
                f"not healed: the program of {asked.stack} was edited and not applied; plan {number} has both"
            )
            return {"plan": number, "operation": None}
        plan = await self._engine.get_plan(call, stack.info, number)
        operation = await self._planner.enqueue_apply(call, stack, plan, PlanState(number, _WISH, stack.release))
        return {"plan": number, "operation": operation.id}


_WISH = Wish(refresh=True)


async def _serial(states: States, call: Call, info: StackInfo) -> int:
    found = await states.find(call, info.name)
    if found is None:
        raise NotFound(f"{info.name} has no state yet", hint="apply a plan to it first")
    return found.serial
