"""The application factory: capabilities' routers under `/api/v1`, pages beside them, the guards round both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from roadbed import __version__
from roadbed.api import health
from roadbed.api.authentication import Authentication
from roadbed.api.bodies import MEGABYTE, BodyLimit
from roadbed.api.browser import KnownHosts, SameOrigin, SecurityHeaders
from roadbed.api.errors import MEDIA_TYPE, ErrorPage, Problems, handle
from roadbed.api.refusals import Refusals
from roadbed.api.settings import ApiSettings
from roadbed.api.texts import NoNul
from roadbed.audit.service import Audit
from roadbed.identity.service import Identity
from roadbed.storage.database import Database

PREFIX = "/api/v1"
PUBLIC = frozenset({f"{PREFIX}/health", f"{PREFIX}/login", f"{PREFIX}/login/once"})
"""The paths of the API that nobody in particular may ask for."""

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "exit_code": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "file": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "instance": {"type": "string"},
        "problems": {"type": "array", "items": {"type": "object"}},
    },
}
_ERRORS: dict[int | str, dict[str, Any]] = {
    answer: {"description": "What went wrong", "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    for answer in (422, "default")
}


def create_app(
    *,
    database: Database,
    identity: Identity,
    audit: Audit,
    routers: Sequence[APIRouter],
    pages: Sequence[APIRouter] = (),
    public_pages: Collection[str] = (),
    login_page: str | None = None,
    error_page: ErrorPage | None = None,
    body_limits: Mapping[str, int] | None = None,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[Any]] | None = None,
    settings: ApiSettings | None = None,
    version: str = __version__,
) -> FastAPI:
    """The whole server as an ASGI application.

    `routers` are put under `/api/v1`; `pages` (the portal) are left where they are, after them. Of `public_pages`, an
    entry that ends in a slash stands for everything below it. `error_page` makes what a browser is shown while the
    database is away. `body_limits` maps the whole path of a route that takes
    more than the settings allow, or a shell pattern of such paths, to its own limit, in bytes.
    """
    settings = settings or ApiSettings()
    guards = [
        Middleware(SecurityHeaders),
        Middleware(Problems, refusals=Refusals(database, audit), error_page=error_page),
        Middleware(KnownHosts, hosts=settings.hosts),
        Middleware(NoNul, binary=body_limits or ()),
        Middleware(
            Authentication,
            database=database,
            identity=identity,
            public={*PUBLIC, *public_pages},
            login_page=login_page,
        ),
        Middleware(SameOrigin),
        Middleware(BodyLimit, default=settings.max_body_mb * MEGABYTE, limits=body_limits or {}),
    ]
    app = FastAPI(
        title="Roadbed",
        summary="An internal developer platform: one graph and one loop.",
        version=version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=guards,
        exception_handlers={HTTPException: handle, RequestValidationError: handle},
        generate_unique_id_function=_operation_id,
        responses=_ERRORS,
    )
    app.state.database = database
    app.include_router(health.router(version), prefix=PREFIX)
    for router in routers:
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(HTTPBearer(auto_error=False))])
    for router in pages:
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    """`tokens-create_token`: what generated clients name their functions after."""
    return f"{route.tags[0]}-{route.name}" if route.tags else route.name
