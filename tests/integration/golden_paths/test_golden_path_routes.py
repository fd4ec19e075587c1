"""Golden paths and the catalog over HTTP: the shapes that clients rely on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.middleware.base import RequestResponseEndpoint
from starlette.responses import JSONResponse, Response

from golden_paths_kit import Scene
from roadbed.catalog.routes import router as catalog_router
from roadbed.golden_paths.routes import router
from roadbed.kit.errors import RoadbedError


@pytest.fixture
async def http(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.database = scene.control.database
    app.include_router(router(scene.paths), prefix="/api/v1")
    app.include_router(catalog_router(scene.catalog), prefix="/api/v1")

    @app.middleware("http")
    async def authenticate(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.principal = scene.control.principal
        return await proceed(request)

    @app.exception_handler(RoadbedError)
    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, RoadbedError)
        return JSONResponse(error.to_dict(), status_code=error.status)

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://roadbed/api/v1") as client:
        yield client


async def test_a_form_is_described_filled_in_and_run(http: httpx.AsyncClient, scene: Scene, tmp_path: Path) -> None:
    templates = {one["name"]: one for one in (await http.get("/templates")).json()["items"]}
    assert templates["python-api"]["owner"] == "group:default/platform"
    detail = (await http.get("/templates/python-api")).json()
    assert [page["title"] for page in detail["parameters"]] == ["The service", "What it keeps", "Where it runs first"]
    assert [step["id"] for step in detail["steps"]] == ["source", "publish", "register", "deploy"]
    body = {"parameters": {"name": "orders", "owner": "payments"}}
    rehearsed = (await http.post("/templates/python-api/dry-runs", json=body)).json()
    assert "app/api/items.py" in rehearsed["files"]
    accepted = await http.post("/templates/python-api/runs", json=body)
    assert accepted.status_code == 202
    ended = await scene.control.ended(accepted.json()["operation"]["id"])
    assert ended.state == "succeeded"
    source = await http.get("/applications/orders/source")
    assert source.headers["content-type"] == "application/x-git-bundle"
    assert source.content.startswith(b"# v2 git bundle")


async def test_what_is_wrong_is_a_problem_document(http: httpx.AsyncClient) -> None:
    answer = await http.post("/templates/python-api/runs", json={"parameters": {"name": "Orders!"}})
    assert answer.status_code == 422
    said = {problem["detail"] for problem in answer.json()["problems"]}
    assert said == {"name: 'Orders!' has the wrong form", "owner is missing"}
    assert (await http.get("/templates/gone")).status_code == 404
    assert (await http.get("/applications/gone/source")).status_code == 404


async def test_entities_are_found_by_filters_and_shown_with_their_relations(http: httpx.AsyncClient) -> None:
    everything = (await http.get("/catalog/entities")).json()
    assert everything["next"] is None
    filters = {"filter": ["kind=user", "kind=group,metadata.name=platform"]}
    names = [item["metadata"]["name"] for item in (await http.get("/catalog/entities", params=filters)).json()["items"]]
    assert names == ["platform", "admin"]
    platform = (await http.get("/catalog/entities/group/default/platform")).json()
    assert {"type": "hasMember", "targetRef": "user:default/admin"} in platform["relations"]
    assert platform["status"] == {"source": "platform:catalog/org.yaml", "deployments": []}
    assert (await http.get("/catalog/entities/group/default/gone")).status_code == 404
    assert (await http.get("/catalog/entities", params={"filter": "=a"})).status_code == 422
