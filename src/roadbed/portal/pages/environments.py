"""The environments that the platform team offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.delivery.views import Application
from roadbed.platform.domain import Environment
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit


@dataclass(frozen=True, slots=True)
class EnvironmentCard:
    environment: Environment
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class EnvironmentsPage:
    cards: tuple[EnvironmentCard, ...]


def environments_page(known: Sequence[Environment], applications: Sequence[Application]) -> EnvironmentsPage:
    return EnvironmentsPage(
        tuple(
            EnvironmentCard(environment, tuple(one for one in applications if one.environment == environment.name))
            for environment in known
        )
    )


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/environments", environments, methods=["GET"])


async def environments(visit: CurrentVisit) -> Response:
    known = await visit.services.platform.environments(visit.call)
    page = environments_page(known, await visit.services.applications.applications(visit.call))
    return visit.render(
        "pages/environments.html", page, Head("Environments", "environments", "roadbed apps", ("stack:*",))
    )
