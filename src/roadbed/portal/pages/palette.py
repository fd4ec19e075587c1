"""What the command palette offers for what was typed: applications, pages, golden paths, stacks, resource types."""

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
from roadbed.resource_types.domain import TypeView
from roadbed.stacks.domain import StackView

Text = Annotated[str, Query(max_length=200)]

MOST = 12


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    note: str
    href: str
    icon: str


def choices(
    applications: Sequence[Application],
    templates: Sequence[Template],
    stacks: Sequence[StackView],
    types: Sequence[TypeView],
    text: str,
) -> tuple[Choice, ...]:
    """Every word that was typed must occur. What people go to most comes first."""
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
        *(Choice(one.stack, "stack", f"/stacks/{one.stack}", "square-stack") for one in stacks),
        *(Choice(one.type, "resource type", f"/resource-types/{one.type}", "shapes") for one in types),
    ]
    words = text.casefold().split()
    found = [one for one in offered if all(word in f"{one.label} {one.note}".casefold() for word in words)]
    return tuple(found[:MOST])


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/palette", palette, methods=["GET"])


async def palette(visit: CurrentVisit, q: Text = "") -> Response:
    applications = await visit.services.applications.applications(visit.call)
    templates = await visit.services.golden_paths.templates(visit.call)
    stacks = await visit.services.stacks.stacks(visit.call)
    types = await visit.services.resource_types.types(visit.call)
    return visit.fragment("pages/palette.html", choices(applications, templates, stacks, types, q))
