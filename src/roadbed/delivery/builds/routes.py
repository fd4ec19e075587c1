"""Sources and builds over REST."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import PlainTextResponse

from roadbed.delivery.builds.schemas import BuildOut, BuildPage, FetchBody, OriginQuery, SourceOut
from roadbed.delivery.builds.service import Builds
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.storage.request import CurrentCall

Digest = Annotated[str, Path(max_length=64)]


def router(service: Builds) -> APIRouter:
    routes = APIRouter(tags=["builds"])
    _sources(routes, service)
    _builds(routes, service)
    return routes


def _sources(routes: APIRouter, service: Builds) -> None:
    @routes.put("/sources")
    async def upload_source(call: CurrentCall, request: Request, said: Annotated[OriginQuery, Query()]) -> SourceOut:
        """Keeps a source tree: a tar.gz of at most 100 MB in the body. The digest names its content."""
        origin = said.origin()
        return SourceOut.of(await service.accept(call, request.stream(), origin), origin)

    @routes.post("/sources")
    async def fetch_source(call: CurrentCall, body: FetchBody) -> SourceOut:
        """Keeps a revision of a git repository, which the platform fetches."""
        source, origin = await service.fetch(call, body.url, body.ref)
        return SourceOut.of(source, origin, await service.said_by(call, source.digest))


def _builds(routes: APIRouter, service: Builds) -> None:
    @routes.get("/builds")
    async def list_builds(
        call: CurrentCall,
        *,
        limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT)] = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> BuildPage:
        """Builds, the newest first."""
        page = await service.list(call, limit=limit, cursor=cursor)
        return BuildPage(items=[BuildOut.of(view) for view in page.items], next=page.next)

    @routes.get("/builds/{digest}")
    async def get_build(call: CurrentCall, digest: Digest) -> BuildOut:
        """A build by its digest, or the first six of its digits or more: with the versions that it installed."""
        return BuildOut.of(await service.get(call, digest))

    @routes.get("/builds/{digest}/log", response_class=PlainTextResponse)
    async def get_build_log(call: CurrentCall, digest: Digest) -> str:
        """What was said while it was made."""
        return await service.log(call, digest)
