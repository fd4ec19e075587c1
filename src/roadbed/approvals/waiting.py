"""How an operation waits for approvals: parked, until those have approved who must, or somebody has refused."""

from __future__ import annotations

from dataclasses import replace

from roadbed.approvals import repository
from roadbed.approvals.domain import Approval, State, ended, remind_after, told
from roadbed.approvals.errors import ApprovalRefused
from roadbed.approvals.gate import ApprovalGate
from roadbed.approvals.telling import Telling
from roadbed.control.errors import Cancelled
from roadbed.control.run import Run
from roadbed.engine.domain import Plan
from roadbed.engine.errors import StalePlan
from roadbed.engine.service import Engine, StackInfo, refuse_if_forbidden
from roadbed.kit.clock import Clock
from roadbed.kit.errors import RoadbedError
from roadbed.kit.ids import new_id
from roadbed.policy.domain import Need
from roadbed.storage.call import Call

STEP, TITLE = "approve", "Waiting for approval"


class Waiting:
    """For the handlers of operations that apply plans."""

    def __init__(self, gate: ApprovalGate, engine: Engine, telling: Telling, clock: Clock) -> None:
        self._gate, self._engine, self._telling, self._clock = gate, engine, telling, clock

    async def approved(self, run: Run, stack: StackInfo, number: int) -> None:
        """Returns when the plan may be applied, at once where nobody is asked; parks the operation otherwise.

        Raises ApprovalRefused, StalePlan for a plan that became stale while it waited, PolicyRefused for one whose
        waiver has ended, and Cancelled.
        """
        async with run.database.call(run.principal) as call:
            plan = await self._engine.get_plan(call, stack, number)
            begun = await self._engine.has_begun(call, stack, number)
            if begun or not await self._gate.needs(call, stack, plan):
                return
        try:
            await run.wait(STEP, TITLE, lambda call: self._look(call, run, stack, number))
        except (RoadbedError, Cancelled) as error:
            await self._end(run, number, error)
            raise

    async def _look(self, call: Call, run: Run, stack: StackInfo, number: int) -> str | None:
        """What it waits for still, in words."""
        plan = await self._engine.get_plan(call, stack, number)
        found = await repository.of_operation(call.session, run.operation.id, number)
        if found is not None and found.state == "refused":
            raise _refusal(found)
        refuse_if_forbidden(plan)
        await self._engine.refuse_if_stale(call, stack, plan)
        needs = await self._gate.needs(call, stack, plan)
        if found is None:
            found = await self._ask(call, run, stack, plan, needs)
        left = await self._gate.left(call, stack, needs, found.votes)
        state: State = "waiting" if left else "approved"
        at = None if left else found.ended_at or self._clock.now()
        await repository.save(call.session, replace(found, needs=needs, state=state, ended_at=at))
        return f"{told(left)}: {found.id}" if left else None

    async def _ask(self, call: Call, run: Run, stack: StackInfo, plan: Plan, needs: tuple[Need, ...]) -> Approval:
        operation = run.operation
        asked = Approval(
            id=new_id("apr"),
            stack=plan.stack,
            plan=plan.number,
            planned_at=plan.created_at,
            digest=plan.digest,
            base=plan.base,
            owner=stack.owner,
            kind=stack.kind,
            operation=operation.id,
            operation_kind=operation.kind,
            title=operation.title,
            asked_by=operation.requested_by,
            planned_by=plan.created_by,
            asked_at=self._clock.now(),
            needs=needs,
            remind=remind_after(await self._gate.rule(call, stack)),
        )
        await repository.add(call.session, asked)
        await self._telling.tell(call, asked, "approval.ask", "approval.asked", {"needs": told(needs)})
        return asked

    async def _end(self, run: Run, number: int, error: Exception) -> None:
        """It waits no more, whatever the reason."""
        state: State = "stale" if isinstance(error, StalePlan) else "cancelled"
        why = error.message if isinstance(error, RoadbedError) else "the operation was cancelled"
        async with run.database.call(run.principal) as call:
            found = await repository.of_operation(call.session, run.operation.id, number)
            if found is None or (done := ended(found, state, why, self._clock.now())) is found:
                return
            await repository.save(call.session, done)
            await self._telling.tell(call, done, "approval.end", "approval.changed", {"state": state, "why": why})


def _refusal(found: Approval) -> ApprovalRefused:
    vote = next(vote for vote in reversed(found.votes) if not vote.approves)
    said = f": {vote.comment}" if vote.comment else ""
    return ApprovalRefused(
        f"{vote.by} refused plan {found.plan} of {found.stack}{said}",
        hint=f"mend it, or talk to {vote.by}, and ask again; see: roadbed approval show {found.id}",
    )
