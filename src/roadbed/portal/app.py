"""The portal as one router: every page, the assets, the event stream."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from fastapi.routing import APIRoute
from starlette.types import Scope

from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound, RoadbedError
from roadbed.portal import events, failures, session
from roadbed.portal.assets import DIST, Assets, load_assets
from roadbed.portal.pages import (
    add_resource,
    application,
    application_actions,
    approvals,
    audit,
    blocks,
    catalog,
    costs,
    environments,
    golden_paths,
    home,
    jobs,
    operations,
    palette,
    platform,
    policies,
    resource_actions,
    resource_types,
    stack,
    stack_actions,
    stack_plan,
    stacks,
    waivers,
)
from roadbed.portal.rendering import SECURITY_HEADERS, Templates
from roadbed.portal.services import PortalServices

PAGES = (
    home,
    add_resource,
    application,
    application_actions,
    resource_actions,
    jobs,
    golden_paths,
    operations,
    catalog,
    stacks,
    stack,
    stack_actions,
    stack_plan,
    resource_types,
    blocks,
    costs,
    policies,
    waivers,
    approvals,
    environments,
    platform,
    audit,
    palette,
    session,
    events,
)


PUBLIC = ("/login", "/login/once", "/theme", "/static/")
"""What is answered to nobody in particular; all else needs a session."""


def router(services: PortalServices, *, dist: Path = DIST) -> APIRouter:
    """Include it last: it answers every GET that nothing else does with the portal's 404 page.

    `dist` is the folder of the built assets; without them every page says how to build them.
    """
    assets = load_assets(dist)
    route_class = _route_class(services, assets)
    root = APIRouter(include_in_schema=False)
    if assets is not None:
        root.add_api_route("/static/{file}", _static(assets), methods=["GET"])
    for page in PAGES:
        routes = APIRouter(route_class=route_class)
        page.add_routes(routes)
        root.include_router(routes)
    rest = APIRouter(route_class=route_class)
    rest.add_api_route("/{path:path}", _nothing, methods=["GET"])
    root.include_router(rest)
    return root


def error_page(clock: Clock, *, dist: Path = DIST) -> Callable[[Scope, RoadbedError], Response]:
    """What a browser is shown for an error that comes before any page, such as a database that is away."""
    assets = load_assets(dist)
    templates = Templates(assets, clock) if assets is not None else None

    def show(scope: Scope, error: RoadbedError) -> Response:
        return failures.not_built() if templates is None else failures.page(templates, scope, error)

    return show


def _route_class(services: PortalServices, assets: Assets | None) -> type[APIRoute]:
    """Routes that know the portal's services and answer errors with its pages."""
    templates = Templates(assets, services.clock) if assets is not None else None

    class PortalRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_page(request: Request) -> Response:
                if templates is None:
                    return failures.not_built()
                request.scope["roadbed.portal"] = (services, templates)
                try:
                    return await handle(request)
                except Exception as error:
                    return await failures.answer(request, error)

            return handle_page

    return PortalRoute


def _static(assets: Assets) -> Callable[[str], Coroutine[Any, Any, Response]]:
    """Their names change with their content, so a browser may keep them for ever."""

    async def static(file: str) -> Response:
        path = assets.path(file)
        if path is None:
            return Response(status_code=404)
        headers = {**SECURITY_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(path, headers=headers)

    return static


async def _nothing(path: str) -> Response:
    raise NotFound(f"there is no page at /{path}", hint="the menu leads to everything there is")
