"""Builds and prunings that are asked for, over REST."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from roadbed.delivery.building import Building
from roadbed.delivery.builds.pruning import Pruning
from roadbed.delivery.builds.schemas import PruneBody
from roadbed.delivery.schemas import AcceptedOut, Label
from roadbed.storage.request import CurrentCall


class BuildBody(BaseModel):
    """`application` names one that its files don't name."""

    source: Annotated[str, Field(min_length=64, max_length=64)]
    environment: Label = "dev"
    application: Label | None = None


def router(building: Building, pruning: Pruning) -> APIRouter:
    routes = APIRouter(tags=["builds"])

    @routes.post("/builds", status_code=202)
    async def build(call: CurrentCall, body: BuildBody) -> AcceptedOut:
        """Builds a source without deploying it."""
        operation = await building.request(call, body.source, body.environment, body.application)
        return AcceptedOut.model_validate({"operation": operation, "unchanged": False})

    @routes.post("/builds/prune", status_code=202)
    async def prune(call: CurrentCall, body: PruneBody) -> AcceptedOut:
        """Removes builds that no release needs; with `dry_run` says which those would be."""
        operation = await pruning.request(
            call, keep=body.keep, older_than_days=body.older_than_days, dry_run=body.dry_run
        )
        return AcceptedOut.model_validate({"operation": operation, "unchanged": False})

    return routes
