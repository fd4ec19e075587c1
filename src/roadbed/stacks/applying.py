"""The handler of `stack.apply`: applies a plan that was made for a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.approvals.waiting import Waiting
from roadbed.control.run import Run, StepRun
from roadbed.delivery.destruction import Destructions
from roadbed.delivery.watcher import StepWatcher
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.clock import Clock
from roadbed.stacks.operations import APPLY, STEPS, ApplyInput
from roadbed.storage.call import Call


class Applies:
    """Its result is `{"stack", "plan", "status", "summary", "duration_s"}`; `status` is succeeded, unchanged or
    destroyed.
    """

    def __init__(self, engine: Engine, destructions: Destructions, waiting: Waiting, clock: Clock) -> None:
        self._engine, self._destructions, self._waiting, self._clock = engine, destructions, waiting, clock

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = ApplyInput.from_dict(run.operation.input)
        info = asked.info(run.operation.owner)
        titles = dict(STEPS[APPLY])
        await self._waiting.approved(run, info, asked.plan)
        done = await run.step(
            "apply", titles["apply"], lambda step: self._apply(run, step, info, asked), cancellable=False
        )
        if asked.ends:
            done["status"] = "destroyed"
            if asked.declared == "application":
                await run.transaction(
                    "forget", "Forgetting the application", lambda call: self._forget(call, info), cancellable=False
                )
        began = run.operation.started_at or run.operation.created_at
        duration = round((self._clock.now() - began).total_seconds(), 3)
        return {"stack": asked.stack, "plan": asked.plan, **done, "duration_s": duration}

    async def _apply(self, run: Run, step: StepRun, info: StackInfo, asked: ApplyInput) -> dict[str, Any]:
        watcher = StepWatcher(step, total=asked.changes)
        plan = await self._engine.apply(run.principal, info, asked.plan, watcher, release=asked.release)
        return {"status": "unchanged" if plan.empty else "succeeded", "summary": plan.summary}

    async def _forget(self, call: Call, info: StackInfo) -> None:
        await self._destructions.forget(call, info)
