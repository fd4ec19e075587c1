"""The REST routes of applications."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from roadbed.control.domain import Operation
from roadbed.delivery.application_plans import ApplicationPlans
from roadbed.delivery.schemas import (
    AcceptedOut,
    ApplicationDetailOut,
    ApplicationOut,
    ConfigBody,
    ConfigValueOut,
    DeployBody,
    Digest,
    ExplanationOut,
    Label,
    ListOut,
    LogLineOut,
    PlanBody,
    ReleaseOut,
    ReplicaOut,
    RestartBody,
    RollbackBody,
    ScaleBody,
)
from roadbed.delivery.service import Applications
from roadbed.engine.schemas import CheckOut, PlanOut, check_out, plan_out
from roadbed.runtimes.logs import LogRecord
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]
Environment = Annotated[Label, Query()]


def router(service: Applications, plans: ApplicationPlans) -> APIRouter:
    routes = APIRouter(tags=["applications"])
    _reading(routes, service)
    _planning(routes, plans)
    _changing(routes, service)
    return routes


def _reading(routes: APIRouter, service: Applications) -> None:
    @routes.get("/applications")
    async def list_applications(call: CurrentCall, environment: Label | None = None) -> ListOut[ApplicationOut]:
        return ListOut[ApplicationOut].model_validate({"items": await service.applications(call, environment)})

    @routes.get("/applications/{name}")
    async def get_application(call: CurrentCall, name: Name, environment: Environment = "dev") -> ApplicationDetailOut:
        return ApplicationDetailOut.model_validate(await service.application(call, name, environment))

    @routes.get("/applications/{name}/replicas")
    async def list_replicas(call: CurrentCall, name: Name, environment: Environment = "dev") -> ListOut[ReplicaOut]:
        return ListOut[ReplicaOut].model_validate({"items": await service.replicas(call, name, environment)})

    @routes.get("/applications/{name}/releases")
    async def list_releases(call: CurrentCall, name: Name, environment: Environment = "dev") -> ListOut[ReleaseOut]:
        """The newest first."""
        return ListOut[ReleaseOut].model_validate({"items": await service.releases(call, name, environment)})

    @routes.get("/applications/{name}/config")
    async def list_config(call: CurrentCall, name: Name, environment: Environment = "dev") -> ListOut[ConfigValueOut]:
        return ListOut[ConfigValueOut].model_validate({"items": await service.config(call, name, environment)})

    @routes.get("/applications/{name}/logs", response_class=StreamingResponse)
    async def read_logs(
        call: CurrentCall,
        name: Name,
        *,
        environment: Environment = "dev",
        n: Annotated[int, Query(ge=0, le=10_000)] = 100,
        follow: bool = False,
        workload: Label | None = None,
    ) -> StreamingResponse:
        """One JSON object a line: the last `n` lines of all replicas by time, then what follows."""
        lines = await service.logs(call, name, environment, n=n, follow=follow, workload=workload)
        return StreamingResponse(_ndjson(lines), media_type="application/x-ndjson")


def _planning(routes: APIRouter, service: ApplicationPlans) -> None:
    @routes.post("/applications/{name}/plans")
    async def make_plan(call: CurrentCall, name: Name, body: PlanBody, *, all: bool = True) -> PlanOut:
        """What a deployment of that source would change; `all=false` leaves out what stays as it is."""
        plan = await service.plan(call, name, body.environment, body.source, body.needs)
        return plan_out(plan, all=all)

    @routes.post("/applications/{name}/checks")
    async def check_application(call: CurrentCall, name: Name, body: PlanBody) -> CheckOut:
        """What policies say of that source; nothing is stored."""
        judged = await service.check(call, name, body.environment, body.source)
        return check_out(f"{name}@{body.environment}", judged)

    @routes.get("/applications/{name}/explanation")
    async def explain(
        call: CurrentCall, name: Name, environment: Environment = "dev", source: Digest | None = None
    ) -> ExplanationOut:
        """Why the source in force, or another one, is compiled to what it is. No secret is shown."""
        return ExplanationOut.model_validate(await service.explanation(call, name, environment, source))


def _changing(routes: APIRouter, service: Applications) -> None:
    @routes.post("/applications/{name}/deployments", status_code=202)
    async def deploy(call: CurrentCall, name: Name, body: DeployBody) -> AcceptedOut:
        operation = await service.deploy(
            call,
            name,
            body.environment,
            body.source,
            body.message,
            needs=body.needs,
            delete_data=body.delete_data,
            final_backups=body.final_backups,
        )
        return _accepted(operation)

    @routes.post("/applications/{name}/rollback", status_code=202)
    async def roll_back(call: CurrentCall, name: Name, body: RollbackBody) -> AcceptedOut:
        return _accepted(await service.rollback(call, name, body.environment, body.release))

    @routes.post("/applications/{name}/restart", status_code=202)
    async def restart(call: CurrentCall, name: Name, body: RestartBody) -> AcceptedOut:
        return _accepted(await service.restart(call, name, body.environment, body.workload))

    @routes.post("/applications/{name}/scale", status_code=202)
    async def scale(call: CurrentCall, name: Name, body: ScaleBody) -> AcceptedOut:
        return _accepted(await service.scale(call, name, body.environment, body.replicas))

    @routes.patch("/applications/{name}/config", status_code=202)
    async def configure(call: CurrentCall, name: Name, body: ConfigBody) -> AcceptedOut:
        return _accepted(
            await service.configure(call, name, body.environment, set=body.set, unset=body.unset, secret=body.secret)
        )

    @routes.delete("/applications/{name}", status_code=202)
    async def destroy(
        call: CurrentCall, name: Name, environment: Environment = "dev", *, final_backups: bool = True
    ) -> AcceptedOut:
        """What holds data is backed up before, unless `final_backups` is false."""
        return _accepted(await service.destroy(call, name, environment, final_backups=final_backups))


def _accepted(operation: Operation | None) -> AcceptedOut:
    return AcceptedOut.model_validate({"operation": operation, "unchanged": operation is None})


async def _ndjson(lines: AsyncIterator[LogRecord]) -> AsyncIterator[str]:
    async for line in lines:
        yield LogLineOut.model_validate(line).model_dump_json() + "\n"
