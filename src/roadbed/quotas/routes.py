"""Quotas over REST."""

from typing import Annotated

from fastapi import APIRouter, Query

from roadbed.quotas.schemas import StandingListOut, standing_out
from roadbed.quotas.service import Quotas
from roadbed.storage.request import CurrentCall

Text = Annotated[str, Query(max_length=200)]


def router(service: Quotas) -> APIRouter:
    routes = APIRouter(tags=["quotas"])

    @routes.get("/quotas")
    async def list_quotas(
        call: CurrentCall, team: Text | None = None, environment: Text | None = None
    ) -> StandingListOut:
        """How much teams have of what they may have, by team and environment."""
        return StandingListOut(items=[standing_out(one) for one in await service.standings(call, team, environment)])

    @routes.get("/budgets")
    async def list_budgets(
        call: CurrentCall, team: Text | None = None, environment: Text | None = None
    ) -> StandingListOut:
        """How much teams spend by the month of what they may spend, by team and environment."""
        return StandingListOut(items=[standing_out(one) for one in await service.budgets(call, team, environment)])

    return routes
