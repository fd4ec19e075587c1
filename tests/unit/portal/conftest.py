"""The portal over a platform in memory, with assets that nobody had to build."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from fakes.portal import CODE, World, app

BROWSER = {"Accept": "text/html"}
ASSETS = ("main.js", "events-worker.js", "app.css", "icons.svg", "favicon.svg")


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    manifest = {name: name.replace(".", "-0123ABCD.") for name in ASSETS}
    for file in manifest.values():
        (folder / file).write_text("/* built */")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="session")
def portal(dist: Path) -> tuple[FastAPI, World]:
    """Made once: its routes and templates take long, and hold nothing but the world behind them."""
    world = World(pace=0)
    return app(world, dist), world


@pytest.fixture
async def world(portal: tuple[FastAPI, World]) -> AsyncIterator[World]:
    """As on its first morning."""
    _, world = portal
    world.begin_anew()
    yield world
    for task in list(world.tasks):
        task.cancel()


@pytest.fixture
async def visitor(portal: tuple[FastAPI, World], world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not logged in."""
    transport = httpx.ASGITransport(app=portal[0])
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=BROWSER) as client:
        yield client


@pytest.fixture(scope="session")
async def reader(dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who only reads: one for all tests, since making the portal anew takes a while."""
    world = World(sessions={"hers"})
    transport = httpx.ASGITransport(app=app(world, dist))
    cookies = {"roadbed_session": "hers"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", cookies=cookies, headers=BROWSER
    ) as client:
        yield client


@pytest.fixture(scope="session")
async def first_day(dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The same on a platform where nothing has happened yet."""
    world = World.empty()
    world.sessions.add("hers")
    transport = httpx.ASGITransport(app=app(world, dist))
    cookies = {"roadbed_session": "hers"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", cookies=cookies, headers=BROWSER
    ) as client:
        yield client


@pytest.fixture
async def ada(visitor: httpx.AsyncClient) -> httpx.AsyncClient:
    """Somebody who logged in by her one-time link."""
    await visitor.get("/login/once", params={"code": CODE})
    token = visitor.cookies["roadbed_login"]
    answer = await visitor.post("/login/once", data={"code": CODE, "token": token})
    assert answer.status_code == 303
    return visitor
