"""Every route of the platform as it is composed: without credentials none answers, but for the few that are public."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app_routes import filled_in, routes_of
from composed import composed
from roadbed.storage.database import Database

PUBLIC = {
    "/api/v1/health": "says no more than that the server lives",
    "/api/v1/login": "is how one gets in",
    "/api/v1/login/once": "is how one gets in",
    "/login": "is how one gets in",
    "/login/once": "is how one gets in",
    "/theme": "sets a cookie of the asker's own, and nothing else",
    "/static/{file}": "are the same files for all",
}
"""Path → why nobody in particular may ask for it."""


@pytest.fixture(scope="module")
def platform_app(tmp_path_factory: pytest.TempPathFactory, shared_database: Database) -> FastAPI:
    return composed(tmp_path_factory.mktemp("home"), shared_database).app


@pytest.fixture(scope="module")
async def nobody(platform_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(platform_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:7070") as client:
        yield client


async def test_no_route_answers_nobody(platform_app: FastAPI, nobody: httpx.AsyncClient) -> None:
    found = routes_of(platform_app)
    assert {path for _, path in found} >= PUBLIC.keys(), "what is said to be public isn't there"
    answers = {
        (method, path): (await nobody.request(method, filled_in(path))).status_code
        for method, path in found
        if path not in PUBLIC
    }
    assert len(answers) > 60
    assert {route: status for route, status in answers.items() if status != 401} == {}


async def test_a_browser_is_sent_to_the_login(platform_app: FastAPI, nobody: httpx.AsyncClient) -> None:
    for method, path in routes_of(platform_app):
        if method != "GET" or path in PUBLIC or path.startswith("/api/"):
            continue
        answer = await nobody.get(filled_in(path), headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login?next="), path


@pytest.mark.parametrize("path", sorted(PUBLIC))
async def test_what_is_public_is_not_refused(nobody: httpx.AsyncClient, path: str) -> None:
    answers = {(await nobody.request(method, filled_in(path))).status_code for method in ("GET", "POST")}
    assert answers - {401, 403}, (path, answers)
