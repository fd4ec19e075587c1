"""Sources and builds over REST."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from roadbed.delivery.builds.schemas import BuildOut, BuildPage, SourceOut
from roadbed.delivery.builds.service import Builds
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.storage.request import CurrentCall


def router(service: Builds) -> APIRouter:
    routes = APIRouter(tags=["builds"])

    @routes.put("/sources")
    async def upload_source(call: CurrentCall, request: Request) -> SourceOut:
        """Keeps a source tree: a tar.gz of at most 100 MB in the body. The digest names its content."""
        return SourceOut.model_validate(await service.accept(call, request.stream()))

    @routes.get("/builds")
    async def list_builds(
        call: CurrentCall,
        *,
        limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT)] = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> BuildPage:
        """Builds, the newest first."""
        return BuildPage.model_validate(await service.list(call, limit=limit, cursor=cursor))

    @routes.get("/builds/{digest}")
    async def get_build(call: CurrentCall, digest: str) -> BuildOut:
        """A build, with the versions that it installed."""
        return BuildOut.model_validate(await service.get(call, digest))

    return routes
