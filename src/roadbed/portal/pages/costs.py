"""What runs costs by the month, by stack, team, environment and application; the last plans; how teams stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.portal.components.cost_report import CostsView, costs_view
from roadbed.portal.layout import Head
from roadbed.portal.standings import all_standings
from roadbed.portal.visit import CurrentVisit
from roadbed.quotas.domain import Standing


@dataclass(frozen=True, slots=True)
class CostsPage:
    found: CostsView
    standings: Sequence[Standing]


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/costs", costs, methods=["GET"])


async def costs(visit: CurrentVisit) -> Response:
    report = await visit.services.costs.report(visit.call)
    page = CostsPage(costs_view(report), await all_standings(visit))
    return visit.render("pages/costs.html", page, Head("Costs", "costs", "roadbed cost", ("stack:*",)))
