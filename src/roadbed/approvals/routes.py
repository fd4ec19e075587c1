"""Approvals over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from roadbed.approvals.domain import State
from roadbed.approvals.schemas import AgainOut, ApprovalOut, ApprovalsOut, DecisionBody, approval_out
from roadbed.approvals.service import Approvals
from roadbed.storage.request import CurrentCall

Identifier = Annotated[str, Path(max_length=64)]
Name = Annotated[str, Query(max_length=128)]


def router(service: Approvals) -> APIRouter:
    routes = APIRouter(tags=["approvals"])

    @routes.get("/approvals")
    async def list_approvals(
        call: CurrentCall, stack: Name | None = None, operation: Name | None = None, state: State | None = None
    ) -> ApprovalsOut:
        """What was asked to be approved, the newest first."""
        found = await service.approvals(call, stack=stack, operation=operation, state=state)
        return ApprovalsOut(items=[approval_out(view) for view in found])

    @routes.get("/approvals/{id}")
    async def read_approval(call: CurrentCall, id: Identifier) -> ApprovalOut:
        return approval_out(await service.approval(call, id))

    @routes.post("/approvals/{id}/approve")
    async def approve(call: CurrentCall, id: Identifier, body: DecisionBody) -> ApprovalOut:
        """With the last approval that is missing, the plan is applied as it is stored."""
        return approval_out(await service.approve(call, id, body.comment))

    @routes.post("/approvals/{id}/refuse")
    async def refuse(call: CurrentCall, id: Identifier, body: DecisionBody) -> ApprovalOut:
        """The operation ends, and nothing is applied."""
        return approval_out(await service.refuse(call, id, body.comment))

    @routes.post("/approvals/{id}/again", status_code=202)
    async def plan_again(call: CurrentCall, id: Identifier) -> AgainOut:
        """A new plan of what was asked for, and a new question; for one that has ended or is stale."""
        return AgainOut.model_validate({"operation": await service.again(call, id)})

    return routes
