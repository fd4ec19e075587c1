"""Golden paths over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from roadbed.control.schemas import OperationOut
from roadbed.golden_paths.schemas import DryRunOut, RunAccepted, RunIn, TemplateDetailOut, TemplateList, TemplateOut
from roadbed.golden_paths.service import GoldenPaths
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]


def router(service: GoldenPaths) -> APIRouter:
    routes = APIRouter(tags=["golden paths"])

    @routes.get("/templates")
    async def list_templates(call: CurrentCall) -> TemplateList:
        return TemplateList(items=[TemplateOut.of(template) for template in await service.templates(call)])

    @routes.get("/templates/{name}")
    async def read_template(call: CurrentCall, name: Name) -> TemplateDetailOut:
        return TemplateDetailOut.of(await service.template(call, name))

    @routes.post("/templates/{name}/runs", status_code=202)
    async def run_template(call: CurrentCall, name: Name, body: RunIn) -> RunAccepted:
        """Follow the operation; its result is the template's output."""
        operation = await service.run(call, name, body.parameters)
        return RunAccepted(operation=OperationOut.model_validate(operation))

    @routes.post("/templates/{name}/dry-runs")
    async def rehearse_template(call: CurrentCall, name: Name, body: RunIn) -> DryRunOut:
        """What a run would make, without making it."""
        return DryRunOut.of(await service.dry_run(call, name, body.parameters))

    @routes.get("/applications/{application}/source", response_class=Response)
    async def download_source(call: CurrentCall, application: Name) -> Response:
        """The source that a golden path made, as a git bundle: `git clone` reads it."""
        content = await service.bundle(call, application)
        return Response(content, media_type="application/x-git-bundle")

    return routes
