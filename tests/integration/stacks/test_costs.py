"""What runs costs now, over REST: of each resource of a stack, and of all stacks by environment and owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from fakes.access import allow
from roadbed.delivery import block_cost_routes
from roadbed.delivery.block_costs import BlockCosts
from roadbed.estimates.service import Estimates
from roadbed.kit.errors import NotFound
from roadbed.platform.service import Platform
from roadbed.stacks import cost_routes
from roadbed.stacks.costs import Costs
from stacks_kit import Scene

PROGRAM = "Resource('test:Thing', 'a', value=3)\nResource('test:Thing', 'b')\n"
THINGS = 'types:\n  test:Thing: {storage: {property: value, unit: GiB}, source: ours, date: "2026-01-31"}\n'


@pytest.fixture
async def client(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    platform = Platform(scene.root.parent, allow)
    estimates = Estimates(allow, platform)
    app = FastAPI()
    app.state.database = scene.control.database
    app.include_router(cost_routes.router(Costs(allow, estimates, scene.states, scene.stacks._engine, platform)))
    app.include_router(block_cost_routes.router(BlockCosts(estimates, platform)))

    @app.middleware("http")
    async def as_owner(request: Request, following: Any) -> Response:
        request.state.principal = scene.control.principal
        answer: Response = await following(request)
        return answer

    sheet = scene.root / "prices.yaml"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("types:\n", THINGS, 1), encoding="utf-8")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_what_runs_costs_by_resource_stack_environment_and_owner(scene: Scene, client: httpx.AsyncClient) -> None:
    scene.module("network", PROGRAM)
    await scene.apply("network@dev")
    one = (await client.get("/stacks/network@dev/cost")).json()
    costs = {each["urn"].partition("#")[0]: each["cost"] for each in one["resources"]}
    assert costs["network@dev/a"] == {"low": 0.24, "high": 0.24, "unknown": []}
    assert costs["network@dev/b"] == {"low": None, "high": None, "unknown": ["it says no value"]}
    assert (one["currency"], one["location"], one["total"]["cost"]["low"]) == ("USD", "world", 0.24)
    report = (await client.get("/costs")).json()
    (stack,), (environment,), (total,) = report["items"], report["environments"], report["total"]
    assert stack["stack"] == "network@dev"
    assert environment["name"] == "dev"
    assert total["total"]["cost"] == {"low": 0.24, "high": 0.24, "unknown": ["network@dev/b#test:Thing"]}
    assert len(report["owners"]) == len(report["applications"]) == 1
    assert report["plans"] == []
    with pytest.raises(NotFound, match="there is no environment 'dve'"):
        await client.get("/costs?environment=dve")


async def test_a_sheet_that_can_not_be_read_is_told_of_each_stack(scene: Scene, client: httpx.AsyncClient) -> None:
    scene.module("network", PROGRAM)
    await scene.apply("network@dev")
    (scene.root / "prices.yaml").write_text("kind: Prices\n")
    report = (await client.get("/costs")).json()
    assert report["items"][0]["problem"].startswith("prices.yaml:1:1: ")
    assert report["items"][0]["total"] is None
    assert report["total"] == []


async def test_building_blocks_cost_what_they_would_make(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/building-block-costs?environment=dev")).json()["items"]
    found = {one["type"]: one for one in answer if one["class"] == "*"}
    assert found["postgres"]["currency"] == "USD"
    assert found["postgres"]["total"]["cost"]["low"] == pytest.approx(1.963126)
    assert found["redis"]["total"]["cost"]["low"] == pytest.approx(0.415606)
    assert found["s3"]["total"]["cost"]["low"] is None
