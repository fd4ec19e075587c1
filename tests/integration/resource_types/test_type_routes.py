"""Resource types over REST: the shapes of the answers, for whoever may see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import JSONResponse, Response

from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal
from roadbed.kit.errors import RoadbedError
from roadbed.providers.driver import Provider
from roadbed.providers.registry import Registry
from roadbed.resource_types.routes import router
from roadbed.resource_types.service import ResourceTypes
from roadbed.storage.database import Database
from type_pages import PROVIDERS

VIEWER = Principal("user", "ada", frozenset({"group:default/payments"}), (Grant("viewer", "group:default/payments"),))
NOBODY = Principal("user", "eve", frozenset(), ())


def providers() -> Registry:
    """Every built-in type; nothing can be made of them."""
    return Registry([cast(Provider, SimpleNamespace(name=one.name, types=one.types)) for one in PROVIDERS])


@pytest.fixture
async def http(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.database = database
    app.include_router(router(ResourceTypes(Authoriser().authorise, providers())))

    @app.middleware("http")
    async def authenticate(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.principal = NOBODY if "nobody" in request.headers else VIEWER
        return await proceed(request)

    @app.exception_handler(RoadbedError)
    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, RoadbedError)
        return JSONResponse(error.to_dict(), status_code=error.status)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_every_type_is_listed(http: httpx.AsyncClient) -> None:
    items = (await http.get("/resource-types")).json()["items"]
    assert [item["type"] for item in items] == sorted(name for one in PROVIDERS for name in one.types)
    assert {item["typed"] for item in items if item["type"] == "file:File"} == {"roadbed.sdk.types.file.File"}


async def test_a_type_says_all_that_is_to_know(http: httpx.AsyncClient) -> None:
    found = (await http.get("/resource-types/postgres:Server")).json()
    by_name: dict[str, Any] = {one["name"]: one for one in found["properties"]}
    assert by_name["port"] == {
        "name": "port",
        "shape": "integer ≥ 1 and ≤ 65535",
        "required": False,
        "secret": False,
        "replaces": True,
        "default": 5432,
        "description": "The port to connect to.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 5432},
    }
    assert by_name["password"]["secret"]
    assert [one["name"] for one in found["outputs"] if one["secret"]] == ["password"]
    assert "server = postgres.Server(" in found["example"]


async def test_a_declaration_is_written_and_judged(http: httpx.AsyncClient) -> None:
    properties = {
        "host": "db",
        "port": 70_000,
        "password": {"$secret": "KEY"},
        "username": {"$python": "role.username"},
    }
    body = {"name": "db", "properties": properties}
    found = (await http.post("/resource-types/postgres:Server/declaration", json=body)).json()
    assert 'password=secret("KEY")' in found["code"]
    assert "username=role.username" in found["code"]
    (problem,) = found["problems"]
    assert (problem["property"], problem["missing"]) == ("port", False)
    assert "greater than the maximum" in problem["message"]


@pytest.mark.parametrize("body", [{"nme": "x"}, {"name": "x" * 200}, {"properties": []}])
async def test_wrong_bodies(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await http.post("/resource-types/file:File/declaration", json=body)).status_code == 422


@pytest.mark.parametrize("path", ["", "/file:File", "/file:File/declaration"])
async def test_who_has_no_role_sees_none(http: httpx.AsyncClient, path: str) -> None:
    if path.endswith("declaration"):
        answer = await http.post(f"/resource-types{path}", headers={"nobody": "1"}, json={})
    else:
        answer = await http.get(f"/resource-types{path}", headers={"nobody": "1"})
    assert answer.status_code in (403, 404)


async def test_an_unknown_type_names_the_nearest(http: httpx.AsyncClient) -> None:
    answer = await http.get("/resource-types/postgres:Databse")
    assert (answer.status_code, "postgres:Database" in answer.json()["hint"]) == (404, True)


@pytest.mark.parametrize("given", ["hunter 2", {"$secret": "hunter 2"}, ["hunter 2"], {"$python": "hunter 2"}])
async def test_what_may_be_a_secret_itself_is_not_written(http: httpx.AsyncClient, given: Any) -> None:
    body = {"name": "token", "properties": {"input": given}}
    answer = await http.post("/resource-types/core:Secret/declaration", json=body)
    assert "input=..." in answer.json()["code"]
    assert "hunter" not in answer.text
