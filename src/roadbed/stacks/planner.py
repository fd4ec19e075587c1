"""Makes plans for stacks and has them applied: for whoever asks, a person or the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.engine.domain import Judged, Observed, Plan
from roadbed.engine.service import Engine, PlanRequest, refuse_if_forbidden
from roadbed.kit.access import Authorise, require_somebody
from roadbed.sdk.graph import VERSION
from roadbed.stacks import repository
from roadbed.stacks.domain import PlanState, Wish
from roadbed.stacks.operations import APPLY, ApplyInput, enqueue
from roadbed.stacks.sources import Resolved, Sources
from roadbed.storage.call import Call


class StackPlanner:
    def __init__(
        self, authorise: Authorise, audit: Audit, operations: Operations, sources: Sources, engine: Engine
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._sources, self._engine = sources, engine

    async def plan(
        self, call: Call, stack: Resolved, wish: Wish, observed: Mapping[str, Observed] | None = None
    ) -> Plan:
        """Looks at the world when that is wished for, unless what was `observed` is given."""
        principal = require_somebody(call.principal)
        self._authorise(principal, "stack.plan", stack.info.target)
        request = await self._request(call, stack, wish)
        if wish.refresh and observed is None:
            observed = await self._engine.observe(principal, stack.info)
        plan = await self._engine.plan(call, request, observed or {})
        await repository.add_plan(call.session, stack.name, PlanState(plan.number, wish, stack.release))
        return plan

    async def has_unapplied(self, call: Call, stack: Resolved) -> bool:
        """Whether its program declares something that nobody has applied yet."""
        self._authorise(call.principal, "stack.plan", stack.info.target)
        return await self._engine.changes(call, await self._request(call, stack, Wish()))

    async def check(self, call: Call, stack: Resolved) -> Judged:
        """What policies say of what its program declares."""
        self._authorise(call.principal, "stack.plan", stack.info.target)
        return await self._engine.check(call, await self._request(call, stack, Wish()))

    async def enqueue_apply(self, call: Call, stack: Resolved, plan: Plan, state: PlanState) -> Operation:
        """With the lock that the stack's deployments take.

        Raises at once what its apply would: PolicyRefused, StalePlan, PlanChanged.
        """
        self._authorise(call.principal, "stack.apply", stack.info.target)
        refuse_if_forbidden(plan)
        await self._engine.refuse_if_stale(call, stack.info, plan)
        asked = ApplyInput(
            stack.name,
            stack.info.kind,
            stack.declared,
            state.release,
            plan=plan.number,
            changes=len(plan.changing),
            ends=state.wish.ends_stack,
        )
        verb = "Destroy" if state.wish.ends_stack else f"Apply plan {plan.number} to"
        operation = await enqueue(self._operations, call, APPLY, f"{verb} {stack.name}", stack, asked)
        await repository.set_operation(call.session, stack.name, plan.number, operation.id)
        detail = {"plan": plan.number, "operation": operation.id}
        await self._audit.record(call, "stack.apply", stack.info.target, detail=detail)
        return operation

    async def _request(self, call: Call, stack: Resolved, wish: Wish) -> PlanRequest:
        return PlanRequest(
            stack.info,
            await self._document(call, stack, wish),
            targets=wish.targets,
            target_dependents=wish.target_dependents,
            replace=wish.replace,
            refresh=wish.refresh,
            destroy=wish.destroy,
        )

    async def _document(self, call: Call, stack: Resolved, wish: Wish) -> Mapping[str, Any]:
        """Nothing is declared of a stack that is to end: its program need not even be there any more."""
        if wish.destroy:
            return {"version": VERSION, "stack": stack.name, "resources": []}
        return await self._sources.document(call, stack)
