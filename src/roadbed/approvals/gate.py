"""Whether a plan may be applied: asked by the engine as an apply begins, whoever asks for that and however.

It looks at the rules of now: the environment's, and those of the policies whose findings stand; and at the roles that
who approved has now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from roadbed.approvals import repository
from roadbed.approvals.domain import Approval, Holds, Vote, missing, needs_of, told
from roadbed.engine.domain import Plan
from roadbed.engine.errors import NotApproved
from roadbed.engine.stack_info import StackInfo
from roadbed.kit.access import Authorise, Principal, Role, Target, may, require_somebody, system
from roadbed.kit.errors import NotFound, Unauthenticated
from roadbed.platform.domain import ApprovalRule
from roadbed.platform.service import Platform
from roadbed.policy.domain import Need
from roadbed.storage.call import Call

PRINCIPAL = system("approvals")
HEALER = "system:drift"
"""It brings back what people applied, and does so only where nobody has declared anything since (ADR 39)."""


class ApprovalGate:
    """`principal` gives an account's principal, with the groups and roles of now."""

    def __init__(
        self, authorise: Authorise, platform: Platform, principal: Callable[[Call, str], Awaitable[Principal]]
    ) -> None:
        self._authorise, self._platform, self._principal = authorise, platform, principal

    async def check(self, call: Call, stack: StackInfo, plan: Plan) -> None:
        """Raises NotApproved for a plan that those have not approved who must."""
        require_somebody(call.principal)
        if not (needs := await self.needs(call, stack, plan)):
            return
        found = await repository.of_plan(call.session, plan.stack, plan.number, plan.created_at)
        votes = found.votes if found is not None and _is_for(found, plan) else ()
        if left := await self.left(call, stack, needs, votes):
            raise NotApproved(
                f"plan {plan.number} of {plan.stack} waits for {told(left)}",
                hint=f"see: roadbed approval show {found.id}" if found else "apply it, and it is asked for",
            )

    async def needs(self, call: Call, stack: StackInfo, plan: Plan) -> tuple[Need, ...]:
        """Who must approve a plan before it is applied. Nobody, where it changes nothing or heals."""
        principal = require_somebody(call.principal)
        if plan.empty or _heals(principal, plan):
            return ()
        return needs_of(stack.name.environment, await self.rule(call, stack), plan.verdicts)

    async def rule(self, call: Call, stack: StackInfo) -> ApprovalRule | None:
        require_somebody(call.principal)
        platform = call.as_(PRINCIPAL)
        return (await self._platform.environment(platform, stack.name.environment)).approvals

    async def left(
        self, call: Call, stack: StackInfo, needs: Sequence[Need], votes: Sequence[Vote]
    ) -> tuple[Need, ...]:
        """What is still missing, by the roles of now."""
        require_somebody(call.principal)
        return missing(needs, votes, await self._holds(call, stack, votes))

    async def _holds(self, call: Call, stack: StackInfo, votes: Sequence[Vote]) -> Holds:
        people = {vote.by: await self._person(call, vote.by) for vote in votes if vote.approves}
        target = Target("approval", "*", stack.owner, stack.name.environment, {"kind": stack.kind})

        def holds(by: str, role: Role) -> bool:
            who = people.get(by)
            return who is not None and may(self._authorise, who, f"approval.as_{role}", target)

        return holds

    async def _person(self, call: Call, ref: str) -> Principal | None:
        """None for an account that is no more, or is disabled."""
        kind, _, name = ref.partition(":")
        if kind != "user":
            return None
        try:
            return await self._principal(call.as_(PRINCIPAL), name)
        except (NotFound, Unauthenticated):
            return None


def _heals(principal: Principal, plan: Plan) -> bool:
    """By the platform itself, what it planned itself; and never where data would be lost."""
    by_itself = str(principal) == HEALER and plan.created_by == HEALER
    return by_itself and not any(step.loses_data for step in plan.steps)


def _is_for(found: Approval, plan: Plan) -> bool:
    return found.digest == plan.digest and found.state in ("waiting", "approved")
