"""The platform's own state over REST."""

from fastapi import APIRouter

from roadbed.doctor.schemas import CheckList, PlatformStatusOut
from roadbed.doctor.service import Doctor
from roadbed.storage.request import CurrentCall


def router(service: Doctor) -> APIRouter:
    routes = APIRouter(tags=["platform"])

    @routes.get("/status")
    async def get_status(call: CurrentCall) -> PlatformStatusOut:
        return PlatformStatusOut.model_validate(await service.status(call))

    @routes.get("/doctor")
    async def run_doctor(call: CurrentCall) -> CheckList:
        """What is missing, what is isolated and what not, and how to mend it."""
        return CheckList.model_validate({"items": await service.doctor(call)})

    return routes
