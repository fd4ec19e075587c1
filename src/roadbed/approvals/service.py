"""The door to approvals: what waits, approve, refuse, plan again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from roadbed.approvals import repository
from roadbed.approvals.domain import Approval, State, ended, voted
from roadbed.approvals.gate import ApprovalGate
from roadbed.approvals.telling import Telling
from roadbed.approvals.views import ApprovalView
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.engine.errors import StalePlan
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.access import Authorise, Role, may, require_somebody
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, NotFound, RoadbedError
from roadbed.kit.names import StackName
from roadbed.storage.call import Call

Again: TypeAlias = Callable[[Call, Approval, Operation], Awaitable[Operation]]
"""Asks anew for what an operation was to do, in the caller's name and with the caller's rights."""


class Approvals:
    """`again` says for each kind of operation that waits how it is asked for anew."""

    def __init__(
        self,
        authorise: Authorise,
        operations: Operations,
        engine: Engine,
        gate: ApprovalGate,
        telling: Telling,
        clock: Clock,
    ) -> None:
        self._authorise, self._operations, self._engine = authorise, operations, engine
        self._gate, self._telling, self._clock = gate, telling, clock
        self._again: dict[str, Again] = {}

    def plan_again_by(self, kind: str, again: Again) -> None:
        self._again[kind] = again

    async def approvals(
        self, call: Call, *, stack: str | None = None, operation: str | None = None, state: State | None = None
    ) -> Sequence[ApprovalView]:
        """Those that the caller may see, the newest first."""
        require_somebody(call.principal)
        found = await repository.approvals(call.session, stack=stack, operation=operation, state=state)
        seen = [one for one in found if may(self._authorise, call.principal, "approval.view", one.target)]
        return [await self._view(call, one) for one in seen]

    async def approval(self, call: Call, id_: str) -> ApprovalView:
        """Raises NotFound."""
        require_somebody(call.principal)
        found = await repository.approval(call.session, id_)
        self._authorise(call.principal, "approval.view", found.target)
        return await self._view(call, found)

    async def approve(self, call: Call, id_: str, comment: str = "") -> ApprovalView:
        """The caller's approval. With the last one that is missing the apply goes on, with just the plan that was asked
        about. Raises Refused for who may not, Conflict for what is decided, StalePlan where the stack was changed.
        """
        return await self._vote(call, id_, comment, approve=True)

    async def refuse(self, call: Call, id_: str, comment: str = "") -> ApprovalView:
        """One refusal is enough: the operation ends, and nothing is applied."""
        return await self._vote(call, id_, comment, approve=False)

    async def again(self, call: Call, id_: str) -> Operation:
        """Plans anew what was asked for and has ended, or is stale: a new operation, in the caller's name.

        Raises Conflict as long as it can be approved.
        """
        require_somebody(call.principal)
        found = await repository.approval(call.session, id_, lock=True)
        self._authorise(call.principal, "approval.view", found.target)
        view = await self._view(call, found)
        if not view.again:
            hint = f"see: roadbed approval show {id_}"
            raise Conflict(f"{id_} is {found.state}: there is nothing to plan again", hint=hint)
        if found.state == "waiting":
            await self._is_stale(call, found)
        operation = await self._operations.get(call, found.operation)
        return await self._again[found.operation_kind](call, found, operation)

    async def _vote(self, call: Call, id_: str, comment: str, *, approve: bool) -> ApprovalView:
        principal = require_somebody(call.principal)
        found = await repository.approval(call.session, id_, lock=True)
        self._authorise(principal, "approval.view", found.target)
        told = voted(found, principal, approve=approve, comment=comment.strip(), now=self._clock.now())
        self._authorise(principal, f"approval.as_{_lowest(found)}", found.target)
        if approve and await self._stale(call, found):
            raise StalePlan(
                f"plan {found.plan} of {found.stack} is stale: the stack was changed after it was made",
                hint=f"to plan it again: roadbed approval again {found.id}",
            )
        await repository.save_vote(call.session, found.id, told.votes[-1])
        now = await self._counted(call, told)
        await repository.save(call.session, now)
        detail = {"approves": approve, "comment": comment, "state": now.state}
        await self._telling.tell(call, now, "approval.decide", "approval.changed", detail)
        if now.state != "waiting":
            await self._operations.wake(call, now.operation)
        return await self._view(call, now)

    async def _counted(self, call: Call, one: Approval) -> Approval:
        if one.state != "waiting" or await self._gate.left(call, _stack(one), one.needs, one.votes):
            return one
        return replace(one, state="approved", ended_at=self._clock.now())

    async def _is_stale(self, call: Call, one: Approval) -> None:
        """Its operation ends as soon as it is looked at."""
        why = "the stack was changed after the plan was made"
        await repository.save(call.session, ended(one, "stale", why, self._clock.now()))
        await self._operations.wake(call, one.operation)

    async def _stale(self, call: Call, one: Approval) -> bool:
        try:
            plan = await self._engine.get_plan(call, _stack(one), one.plan)
            await self._engine.refuse_if_stale(call, _stack(one), plan)
        except (StalePlan, NotFound):
            return True
        return False

    async def _view(self, call: Call, one: Approval) -> ApprovalView:
        waiting = one.state == "waiting"
        stale = waiting and await self._stale(call, one)
        over = stale or one.state in ("stale", "refused", "cancelled")
        return ApprovalView(
            one,
            left=await self._gate.left(call, _stack(one), one.needs, one.votes) if waiting else (),
            stale=stale,
            decides=waiting and self._decides(call, one),
            again=over and one.operation_kind in self._again,
        )

    def _decides(self, call: Call, one: Approval) -> bool:
        principal = require_somebody(call.principal)
        try:
            voted(one, principal, approve=True, comment="", now=self._clock.now())
        except RoadbedError:
            return False
        return may(self._authorise, principal, f"approval.as_{_lowest(one)}", one.target)


_LADDER: tuple[Role, ...] = ("developer", "operator", "owner")


def _lowest(one: Approval) -> Role:
    """Who has the lowest role that is asked for has a say."""
    asked = {need.role for need in one.needs}
    return next(role for role in _LADDER if role in asked)


def _stack(one: Approval) -> StackInfo:
    return StackInfo(StackName.parse(one.stack), one.owner, one.kind)
