"""The first page: what waits for whoever looks, and every application that one may see with how it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.delivery.views import Application
from roadbed.platform.domain import Environment
from roadbed.portal.components.awaiting import Awaiting
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit, Visit

Text = Annotated[str, Query(max_length=200)]

_WORST_FIRST = ("down", "degraded", "deploying", "unknown", "healthy")


@dataclass(frozen=True, slots=True)
class HomePage:
    """`applications` are those that match; `total` counts all: "none at all" and "none found" read differently.

    `awaiting` is what waits for whoever looks.
    """

    applications: tuple[Application, ...]
    total: int
    environments: tuple[str, ...]
    environment: str
    text: str
    troubled: int
    awaiting: Awaiting = field(default_factory=Awaiting)


def home_page(
    found: Sequence[Application], environments: Sequence[Environment], environment: str, text: str
) -> HomePage:
    """What is in trouble stands first; within one health, by name."""
    wanted = text.casefold()
    matching = [
        application
        for application in found
        if wanted in f"{application.application} {application.owner or ''}".casefold()
    ]
    matching.sort(
        key=lambda one: (_WORST_FIRST.index(one.health), one.application, one.environment),
    )
    return HomePage(
        applications=tuple(matching),
        total=len(found),
        environments=tuple(known.name for known in environments),
        environment=environment,
        text=text,
        troubled=sum(one.health in ("down", "degraded") for one in found),
    )


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/", home, methods=["GET"])


async def home(visit: CurrentVisit, environment: Text = "", q: Text = "") -> Response:
    services, call = visit.services, visit.call
    found = await services.applications.applications(call, environment or None)
    page = home_page(found, await services.platform.environments(call), environment, q)
    page = replace(page, awaiting=await _awaiting(visit))
    command = "roadbed apps" + (f" -e {shell_word(environment)}" if environment else "")
    live = ("stack:*", "approval:*", "waiver:*")
    return visit.render("pages/home.html", page, Head("Applications", "applications", command, live))


async def _awaiting(visit: Visit) -> Awaiting:
    approvals = await visit.services.approvals.approvals(visit.call, state="waiting")
    waivers = await visit.services.waivers.awaiting(visit.call)
    now = visit.services.clock.now()
    return Awaiting(
        [view for view in approvals if view.mine],
        [one for one in waivers if one.status(now) == "waiting"],
        [one for one in waivers if one.in_force(now)],
    )
