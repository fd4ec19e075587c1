"""The REST routes of an application's resources, and of the building blocks that they are made of."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from roadbed.delivery.resource_schemas import (
    AskedResourceOut,
    BlockOut,
    CheckedOut,
    ConnectBody,
    ConnectionOut,
    ProposalOut,
    ResourceApplyBody,
    ResourceChangeBody,
)
from roadbed.delivery.resources import Resources
from roadbed.delivery.schemas import AcceptedOut, Label, ListOut
from roadbed.engine.schemas import plan_out
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]
ResourceName = Annotated[str, Path(max_length=200)]
Environment = Annotated[Label, Query()]


def router(service: Resources) -> APIRouter:
    routes = APIRouter(tags=["resources"])
    _reading(routes, service)
    _changing(routes, service)
    return routes


def _reading(routes: APIRouter, service: Resources) -> None:
    @routes.get("/building-blocks")
    async def list_blocks(call: CurrentCall, environment: Label | None = None) -> ListOut[BlockOut]:
        """What can be asked for, by type; in one environment, or anywhere."""
        return ListOut[BlockOut].model_validate({"items": await service.blocks(call, environment)})

    @routes.post("/building-blocks/check")
    async def check_request(call: CurrentCall, body: ResourceChangeBody) -> CheckedOut:
        """Whether what is to be added is offered there; for an application that isn't deployed yet."""
        change = body.change()
        await service.check(call, body.environment, change)
        return CheckedOut(name=change.resource, type=change.type)

    @routes.get("/applications/{name}/resources")
    async def list_resources(
        call: CurrentCall, name: Name, environment: Environment = "dev"
    ) -> ListOut[AskedResourceOut]:
        """All that the release in force asks for, wherever that is said."""
        return ListOut[AskedResourceOut].model_validate({"items": await service.resources(call, name, environment)})

    @routes.get("/applications/{name}/resources/{resource}")
    async def get_resource(
        call: CurrentCall, name: Name, resource: ResourceName, environment: Environment = "dev"
    ) -> AskedResourceOut:
        return AskedResourceOut.model_validate(await service.resource(call, name, environment, resource))


def _changing(routes: APIRouter, service: Resources) -> None:
    @routes.post("/applications/{name}/resources/plans")
    async def plan_change(call: CurrentCall, name: Name, body: ResourceChangeBody, *, all: bool = True) -> ProposalOut:
        """What a change would do, and what it writes into `roadbed.yaml`. Nothing is changed."""
        found = await service.plan(call, name, body.environment, body.change())
        return ProposalOut(
            name=found.name,
            declared=None if found.declared is None else dict(found.declared),
            file=found.file,
            diff=found.diff,
            lines=found.lines,
            loses_data=found.loses_data,
            plan=plan_out(found.plan, all=all),
        )

    @routes.post("/applications/{name}/resources/changes", status_code=202)
    async def change_resources(call: CurrentCall, name: Name, body: ResourceApplyBody) -> AcceptedOut:
        """Does it as a setting, which stands until the application's files say the same."""
        operation = await service.change(
            call,
            name,
            body.environment,
            body.change(),
            delete_data=body.delete_data,
            final_backups=body.final_backups,
        )
        return AcceptedOut.model_validate({"operation": operation})

    @routes.post("/applications/{name}/resources/{resource}/rotation", status_code=202)
    async def rotate(call: CurrentCall, name: Name, resource: ResourceName, body: ConnectBody) -> AcceptedOut:
        """Exchanges a resource's credentials. The old ones end once everything that used them has the new ones."""
        operation = await service.rotate(call, name, body.environment, resource)
        return AcceptedOut.model_validate({"operation": operation})

    @routes.post("/applications/{name}/resources/{resource}/connection")
    async def connect(
        call: CurrentCall, response: Response, name: Name, resource: ResourceName, body: ConnectBody
    ) -> ConnectionOut:
        """What opens a resource, in the clear. Who asks is noted in the audit log."""
        response.headers["Cache-Control"] = "no-store"
        return ConnectionOut.model_validate(await service.connection(call, name, body.environment, resource))
