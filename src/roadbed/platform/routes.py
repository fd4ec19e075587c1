"""Environments over REST."""

from fastapi import APIRouter

from roadbed.platform.schemas import EnvironmentOut, EnvironmentPage
from roadbed.platform.service import Platform
from roadbed.storage.request import CurrentCall


def router(service: Platform) -> APIRouter:
    routes = APIRouter(tags=["platform"])

    @routes.get("/environments")
    async def list_environments(call: CurrentCall) -> EnvironmentPage:
        """The environments that there are, in their declared order."""
        found = await service.environments(call)
        return EnvironmentPage(items=[EnvironmentOut.model_validate(one) for one in found])

    return routes
