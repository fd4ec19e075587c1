"""The whole shell round a few routes that do what tests need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, FastAPI, Request
from fastapi.responses import PlainTextResponse

from platform_people import People
from roadbed.api.app import create_app
from roadbed.audit import routes as audit_routes
from roadbed.identity import routes as identity_routes
from roadbed.kit.access import Target
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import Conflict, Refused
from roadbed.storage.database import Database
from roadbed.storage.request import CurrentCall


@pytest.fixture
def people(database: Database) -> People:
    return People(database, SystemClock())


def things(people: People) -> APIRouter:
    routes = APIRouter(tags=["things"])

    @routes.post("/things")
    async def make_thing(call: CurrentCall, name: Annotated[str, Body(embed=True, max_length=10)]) -> dict[str, str]:
        target = Target("application", name, owner="group:default/payments", environment="prod")
        people.identity.authorise(call.principal, "application.deploy", target)
        await people.audit.record(call, "application.deploy", target)
        if name == "taken":
            raise Conflict("there is a thing taken already", hint="choose another name")
        return {"name": name}

    @routes.get("/broken")
    async def break_down() -> None:
        raise ZeroDivisionError("secret detail")

    @routes.put("/large")
    async def take(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    return routes


def pages() -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/page")
    async def page() -> PlainTextResponse:
        return PlainTextResponse("page")

    @routes.post("/form")
    async def form(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str((await request.form()).get("name")))

    @routes.post("/refusing")
    async def refusing(request: Request) -> PlainTextResponse:
        request.state.refused = Refused("not on a Friday")
        return PlainTextResponse("no", 403)

    @routes.get("/login")
    async def login(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"log in, {request.state.principal}")

    @routes.get("/static/{file}")
    async def static(file: str) -> PlainTextResponse:
        return PlainTextResponse(file)

    return routes


@pytest.fixture
def app(people: People) -> FastAPI:
    return create_app(
        database=people.database,
        identity=people.identity,
        audit=people.audit,
        routers=[identity_routes.router(people.identity), audit_routes.router(people.audit), things(people)],
        pages=[pages()],
        public_pages=["/login", "/static/"],
        login_page="/login",
        body_limits={"/api/v1/large": 3 * 1024 * 1024},
    )


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        yield client
