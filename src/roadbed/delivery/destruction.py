"""The end of an application in one environment: a plan that deletes everything, applied like any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.approvals.waiting import Waiting
from roadbed.control.events import Events
from roadbed.control.run import Run, StepRun
from roadbed.delivery import repository
from roadbed.delivery.planning import Planning
from roadbed.delivery.watcher import StepWatcher
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.names import StackName
from roadbed.storage.call import Call

STEPS = (("plan", "Planning"), ("apply", "Deleting"), ("forget", "Forgetting the application"))


class Destructions:
    """The handler of `destruction` operations. Their input is `{"stack": "orders@dev", "kind": "development"}`;
    with `"final_backups": false` nothing is kept of what held data.
    """

    def __init__(self, planning: Planning, engine: Engine, events: Events, waiting: Waiting) -> None:
        self._planning, self._engine, self._events, self._waiting = planning, engine, events, waiting

    async def run(self, run: Run) -> Mapping[str, Any]:
        name = StackName.parse(run.operation.input["stack"])
        stack = StackInfo(name, run.operation.owner, run.operation.input["kind"])
        plan = await run.transaction("plan", "Planning", lambda call: self._plan(call, stack))
        await self._waiting.approved(run, stack, plan["number"])
        await run.step("apply", "Deleting", lambda step: self._apply(run, step, stack, plan), cancellable=False)
        await run.transaction(
            "forget", "Forgetting the application", lambda call: self.forget(call, stack), cancellable=False
        )
        return {"application": name.owner, "environment": name.environment, "status": "destroyed"}

    async def _plan(self, call: Call, stack: StackInfo) -> dict[str, int]:
        plan = await self._planning.plan_end(call, stack)
        return {"number": plan.number, "changes": len(plan.changing)}

    async def _apply(self, run: Run, step: StepRun, stack: StackInfo, plan: Mapping[str, int]) -> None:
        watcher = StepWatcher(step, total=plan["changes"])
        kept = run.operation.input.get("final_backups", True)
        await self._engine.apply(run.principal, stack, plan["number"], watcher, final_backups=kept)

    async def forget(self, call: Call, stack: StackInfo) -> None:
        """Forgets the application, once nothing of it is left."""
        await self._engine.forget(call, stack)
        await repository.remove(call.session, stack.name)
        await self._events.emit(call, "release.changed", f"stack:{stack.name}", {"owner": stack.owner})
