"""Approvals: what waits for whom, and one of them with its plan, its votes and its decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.approvals.views import ApprovalView
from roadbed.engine.domain import Plan
from roadbed.kit.errors import NotFound
from roadbed.portal.components.plan_tree import PlanTree, plan_tree
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """`mine` wait for who looks; `views` are the others that wait, or all with `every`."""

    mine: Sequence[ApprovalView]
    views: Sequence[ApprovalView]
    every: bool


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """`plan` is None where it went with its stack."""

    view: ApprovalView
    plan: Plan | None
    tree: PlanTree | None

    @property
    def path(self) -> str:
        return f"/approvals/{self.view.approval.id}"

    @property
    def plan_path(self) -> str:
        one = self.view.approval
        return f"/stacks/{one.stack}/plans/{one.plan}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/approvals", approvals, methods=["GET"])
    routes.add_api_route("/approvals/{id}", approval, methods=["GET"])
    for action in (approve, refuse, again):
        routes.add_api_route(f"/approvals/{{id}}/{action.__name__}", action, methods=["POST"])


async def approvals(visit: CurrentVisit, show: Text = "") -> Response:
    every = show == "all"
    found = await visit.services.approvals.approvals(visit.call, state=None if every else "waiting")
    mine = [view for view in found if view.mine]
    page = ApprovalsPage(mine, [view for view in found if not view.mine], every)
    command = "roadbed approval list" + (" --all" if every else "")
    return visit.render("pages/approvals.html", page, Head("Approvals", "approvals", command, ("approval:*",)))


async def approval(visit: CurrentVisit, id: str) -> Response:
    view = await visit.services.approvals.approval(visit.call, id)
    one = view.approval
    try:
        plan = await visit.services.stacks.get_plan(visit.call, one.stack, one.plan)
    except NotFound:
        plan = None
    page = ApprovalPage(view, plan, plan_tree(plan, None) if plan else None)
    live = (f"approval:{id}", f"stack:{one.stack}", f"operation:{one.operation}")
    return visit.render("pages/approval.html", page, Head(one.title, "approvals", f"roadbed approval show {id}", live))


async def approve(visit: CurrentVisit, id: str) -> Response:
    await visit.services.approvals.approve(visit.call, id, visit.form.get("comment", ""))
    return visit.go(f"/approvals/{id}")


async def refuse(visit: CurrentVisit, id: str) -> Response:
    await visit.services.approvals.refuse(visit.call, id, visit.form.get("comment", ""))
    return visit.go(f"/approvals/{id}")


async def again(visit: CurrentVisit, id: str) -> Response:
    operation = await visit.services.approvals.again(visit.call, id)
    return visit.go(f"/operations/{operation.id}")
