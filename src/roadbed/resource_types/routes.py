"""Resource types over REST."""

from typing import Annotated

from fastapi import APIRouter, Path

from roadbed.resource_types.schemas import DeclarationBody, DeclarationOut, TypeList, TypeOut, TypeSummaryOut
from roadbed.resource_types.service import ResourceTypes
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=128)]


def router(service: ResourceTypes) -> APIRouter:
    routes = APIRouter(tags=["resource types"])

    @routes.get("/resource-types")
    async def list_types(call: CurrentCall) -> TypeList:
        """What can be declared, plugins' types too."""
        return TypeList(items=[TypeSummaryOut.model_validate(one) for one in await service.types(call)])

    @routes.get("/resource-types/{type}")
    async def read_type(call: CurrentCall, type: Name) -> TypeOut:
        return TypeOut.model_validate(await service.type(call, type))

    @routes.post("/resource-types/{type}/declaration")
    async def write_declaration(call: CurrentCall, type: Name, body: DeclarationBody) -> DeclarationOut:
        """The Python that declares such a resource, and what is wrong with it. Nothing is kept."""
        return DeclarationOut.model_validate(await service.declare(call, type, body.name, body.properties))

    return routes
