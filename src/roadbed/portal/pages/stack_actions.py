"""What one may do to a stack: plan it, look for drift, make its state say what the world shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit, Visit
from roadbed.stacks.domain import Wish

Text = Annotated[str, Query(max_length=1_000)]

_NONE = Wish()


@dataclass(frozen=True, slots=True)
class PlanForm:
    """How a plan is asked for; `error` is what the last answer was refused for."""

    stack: str
    wish: Wish
    error: Problem | None = None

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/stacks/{name}/plan", plan_form, methods=["GET"])
    routes.add_api_route("/stacks/{name}/plan", make_plan, methods=["POST"])
    routes.add_api_route("/stacks/{name}/scan", scan, methods=["POST"])
    routes.add_api_route("/stacks/{name}/refresh", refresh, methods=["POST"])


async def plan_form(visit: CurrentVisit, name: str, target: Text = "", replace: Text = "") -> Response:
    await visit.services.stacks.stack(visit.call, name)
    return _render(visit, PlanForm(name, Wish(targets=tuple(target.split()), replace=tuple(replace.split()))))


async def make_plan(visit: CurrentVisit, name: str) -> Response:
    """Makes the plan, and shows it; or shows the form again as it was filled in, with what is wrong."""
    wish = wish_of(visit.form)
    try:
        plan = await visit.services.stacks.plan(visit.call, name, wish)
    except InvalidInput as error:
        return _render(visit, PlanForm(name, wish, error.problem), status=error.status)
    return visit.go(f"/stacks/{name}/plans/{plan.number}")


async def scan(visit: CurrentVisit, name: str) -> Response:
    operation = await visit.services.stacks.scan(visit.call, name)
    return visit.go(f"/operations/{operation.id}")


async def refresh(visit: CurrentVisit, name: str) -> Response:
    operation = await visit.services.stacks.refresh(visit.call, name)
    return visit.go(f"/operations/{operation.id}")


def wish_of(form: Mapping[str, str]) -> Wish:
    """Selectors stand one on a line."""
    return Wish(
        targets=tuple(form.get("targets", "").split()),
        target_dependents=form.get("target_dependents") == "true",
        replace=tuple(form.get("replace", "").split()),
        refresh=form.get("refresh") == "true",
        destroy=form.get("destroy") == "true",
    )


def plan_command(stack: str, wish: Wish = _NONE) -> str:
    """What makes the same plan on the command line."""
    words = ["roadbed", "plan", stack]
    for target in wish.targets:
        words += ["--target", shell_word(target)]
    words += ["--target-dependents"] if wish.target_dependents else []
    for one in wish.replace:
        words += ["--replace", shell_word(one)]
    words += ["--refresh"] if wish.refresh else []
    words += ["--destroy"] if wish.destroy else []
    return " ".join(words)


def _render(visit: Visit, page: PlanForm, status: int = 200) -> Response:
    head = Head(f"Plan · {page.stack}", "stacks", plan_command(page.stack, page.wish))
    return visit.render("pages/stack/plan_form.html", page, head, status=status)
