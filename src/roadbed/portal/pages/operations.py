"""Background work: the list, and one operation with its steps ticking and its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from roadbed.approvals.views import ApprovalView
from roadbed.control.domain import LogLine, Operation, State
from roadbed.kit.clock import isoformat
from roadbed.kit.pagination import Page
from roadbed.portal.components.log import Line
from roadbed.portal.formatting import plain
from roadbed.portal.layout import Head
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import CurrentVisit, local_path

Text = Annotated[str | None, Query(max_length=200)]

STATES: tuple[State, ...] = ("running", "waiting", "queued", "succeeded", "failed", "cancelled")
_LINES = 1000


@dataclass(frozen=True, slots=True)
class OperationsPage:
    operations: Sequence[Operation]
    next: str | None
    state: str | None
    target: str | None

    @property
    def states(self) -> tuple[State, ...]:
        return STATES


@dataclass(frozen=True, slots=True)
class OperationPage:
    """`where` leads to what the operation is about, `outcome` to what came of it; None where there is nothing."""

    operation: Operation
    lines: Sequence[LogLine]
    where: str | None
    outcome: str | None
    approvals: Sequence[ApprovalView] = ()

    @property
    def after(self) -> int:
        return self.lines[-1].sequence if self.lines else 0

    @property
    def log_lines(self) -> list[Line]:
        return [Line(line.at, line.step or "", "stdout", line.text) for line in self.lines]

    @property
    def finished(self) -> int:
        """Steps that are over and done: of a failed operation, what was skipped is not."""
        over = ("succeeded", "skipped") if self.operation.state == "succeeded" else ("succeeded",)
        return sum(step.state in over for step in self.operation.steps)


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/operations", operations, methods=["GET"])
    routes.add_api_route("/operations/{id}", operation, methods=["GET"])
    routes.add_api_route("/operations/{id}/log", log, methods=["GET"])
    routes.add_api_route("/operations/{id}/cancel", cancel, methods=["POST"])


async def operations(visit: CurrentVisit, state: Text = None, target: Text = None, cursor: Text = None) -> Response:
    chosen = next((known for known in STATES if known == state), None)
    found: Page[Operation] = await visit.services.operations.list(
        visit.call, state=chosen, target=target or None, cursor=cursor, limit=30
    )
    page = OperationsPage(found.items, found.next, chosen, target)
    head = Head("Operations", "operations", "roadbed ops", ("operation:*",))
    return visit.render("pages/operations.html", page, head)


async def operation(visit: CurrentVisit, id: str) -> Response:
    found = await visit.services.operations.get(visit.call, id)
    lines = await visit.services.operations.log(visit.call, id, 0, _LINES)
    asked = await visit.services.approvals.approvals(visit.call, operation=id)
    page = OperationPage(found, lines, target_path(found), outcome_path(found), asked)
    head = Head(found.title, "operations", f"roadbed ops show {id}", (f"operation:{id}",))
    return visit.render("pages/operation.html", page, head)


async def log(visit: CurrentVisit, id: str, after: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The lines after a sequence number, as `assets/src/log.ts` reads them."""
    ended = (await visit.services.operations.get(visit.call, id)).ended
    lines = await visit.services.operations.log(visit.call, id, after, _LINES)
    body = {
        "lines": [
            {"at": isoformat(line.at), "who": line.step or "", "stream": "stdout", "text": plain(line.text)}
            for line in lines
        ],
        "after": lines[-1].sequence if lines else after,
        "ended": ended,
    }
    return JSONResponse(body, headers={**SECURITY_HEADERS, "Cache-Control": "no-store"})


async def cancel(visit: CurrentVisit, id: str) -> Response:
    await visit.services.operations.cancel(visit.call, id)
    following = visit.form.get("next")
    return visit.go(local_path(following) if following else f"/operations/{id}")


def target_path(operation: Operation) -> str | None:
    """What is done to a stack leads to the stack: a module is no application."""
    of_stack = operation.kind.startswith("stack.")
    return f"/stacks/{operation.target}" if of_stack else stack_path(operation.target)


def stack_path(target: str) -> str | None:
    """`orders@dev` → its application's page."""
    name, separator, environment = target.partition("@")
    return f"/applications/{name}?environment={environment}" if separator else None


def outcome_path(operation: Operation) -> str | None:
    """Where what a deploy or a golden path made is shown."""
    result = operation.result or {}
    if operation.state != "succeeded" or "application" not in result or operation.kind == "destruction":
        return None
    return f"/applications/{result['application']}?environment={result.get('environment', 'dev')}"
