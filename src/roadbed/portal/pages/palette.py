"""What the command palette offers for what was typed: pages, applications, golden paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.delivery.views import Application
from roadbed.golden_paths.domain import Template
from roadbed.portal.layout import NAVIGATION
from roadbed.portal.visit import CurrentVisit

Text = Annotated[str, Query(max_length=200)]

MOST = 12


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    note: str
    href: str
    icon: str


def choices(applications: Sequence[Application], templates: Sequence[Template], text: str) -> tuple[Choice, ...]:
    """Every word that was typed must occur. Applications come first, then pages, then golden paths."""
    offered = [
        *(
            Choice(
                one.application,
                one.environment,
                f"/applications/{one.application}?environment={one.environment}",
                "box",
            )
            for one in applications
        ),
        *(Choice(link.label, "page", link.href, link.icon) for _, links in NAVIGATION for link in links),
        *(Choice(f"New: {one.title}", "golden path", f"/golden-paths/{one.name}", "signpost") for one in templates),
    ]
    words = text.casefold().split()
    found = [one for one in offered if all(word in f"{one.label} {one.note}".casefold() for word in words)]
    return tuple(found[:MOST])


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/palette", palette, methods=["GET"])


async def palette(visit: CurrentVisit, q: Text = "") -> Response:
    applications = await visit.services.applications.applications(visit.call)
    templates = await visit.services.golden_paths.templates(visit.call)
    return visit.fragment("pages/palette.html", choices(applications, templates, q))
