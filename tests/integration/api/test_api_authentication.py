"""Every route wants to know who asks, but for the few that are listed."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from app_routes import filled_in, routes_of
from platform_people import PASSWORD, People
from roadbed.api.app import PUBLIC
from roadbed.identity.credentials import csrf_token
from roadbed.identity.sessions import SESSION_COOKIE
from roadbed.kit.access import Principal

PUBLIC_HERE = PUBLIC | {"/login", "/static/{file}"}


async def test_each_route_that_is_not_public_answers_nobody(app: FastAPI, client: httpx.AsyncClient) -> None:
    found = routes_of(app)
    assert {("GET", "/page"), ("POST", "/form"), ("GET", "/api/v1/openapi.json"), ("GET", "/api/v1/audit")} <= set(
        found
    )
    for method, path in found:
        answer = await client.request(method, filled_in(path))
        assert (answer.status_code == 401) == (path not in PUBLIC_HERE), (method, path, answer.status_code)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/login/", "/api/v1//login", "/api/v1/health/x", "/static"])
async def test_what_is_near_a_public_path_is_not_public(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("header", ["Bearer rbt_x", "Bearer ", "Basic cm9vdDpyb290", "rbt_x", "Bearer é"])
async def test_a_wrong_credential_is_no_credential(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/whoami", headers=[(b"Authorization", header.encode())])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["exit_code"] == 5


async def test_from_login_to_whoami_to_revoked(client: httpx.AsyncClient, people: People) -> None:
    await people.person("ada", "developer", "group:default/payments")
    login = (await client.post("/api/v1/login", json={"username": "ada", "password": PASSWORD})).json()
    assert login["user"] == "ada"
    client.headers["Authorization"] = f"Bearer {login['token']}"
    assert (await client.get("/api/v1/whoami")).json() == {
        "name": "ada",
        "kind": "user",
        "groups": [],
        "grants": [{"role": "developer", "scope": "group:default/payments"}],
    }
    code = (await client.post("/api/v1/login/codes")).json()
    assert code["path"] == f"/login/once?code={code['code']}"
    again = await client.post("/api/v1/login/once", json={"code": code["code"]})
    assert again.json()["user"] == "ada"
    assert (await client.post("/api/v1/login/once", json={"code": code["code"]})).status_code == 401
    (mine,) = [t for t in (await client.get("/api/v1/tokens")).json()["items"] if t["id"] in login["token"]]
    assert (await client.delete(f"/api/v1/tokens/{mine['id']}")).status_code == 204
    assert (await client.get("/api/v1/whoami")).status_code == 401


async def test_too_many_wrong_passwords(client: httpx.AsyncClient) -> None:
    body = {"username": "ada", "password": "a wrong password"}
    statuses = [(await client.post("/api/v1/login", json=body)).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    assert int((await client.post("/api/v1/login", json=body)).headers["retry-after"]) > 0


async def cookie_of(client: httpx.AsyncClient, people: People, principal: Principal) -> str:
    async with people.database.call(principal) as call:
        cookie = await people.identity.sessions.open(call)
    client.cookies.set(SESSION_COOKIE, cookie)
    return csrf_token(cookie)


async def test_a_cookie_reads_but_changes_only_with_its_csrf_token(client: httpx.AsyncClient, people: People) -> None:
    csrf = await cookie_of(client, people, await people.person("ada"))
    assert (await client.get("/api/v1/whoami")).json()["name"] == "ada"
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": csrf_token("another session")}):
        assert (await client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)).status_code == 403
    made = await client.post("/api/v1/tokens", json={"name": "x"}, headers={"X-CSRF-Token": csrf})
    assert made.status_code == 201


async def test_a_form_may_carry_the_csrf_token_itself(client: httpx.AsyncClient, people: People) -> None:
    csrf = await cookie_of(client, people, await people.person("ada"))
    assert (await client.post("/form", data={"name": "orders"})).status_code == 403
    answer = await client.post("/form", data={"name": "orders", "csrf": csrf})
    assert (answer.status_code, answer.text) == (200, "orders")
    large = await client.post("/form", data={"name": "x" * 300_000, "csrf": csrf})
    assert large.status_code == 413


async def test_another_origin_changes_nothing_even_with_everything_right(
    client: httpx.AsyncClient, people: People
) -> None:
    csrf = await cookie_of(client, people, await people.person("ada"))
    headers = {"X-CSRF-Token": csrf, "Origin": "http://orders.dev.localhost:8080"}
    assert (await client.post("/api/v1/tokens", json={"name": "x"}, headers=headers)).status_code == 403
    body = {"username": "ada", "password": PASSWORD}
    assert (await client.post("/api/v1/login", json=body, headers={"Origin": "http://evil.example"})).status_code == 403


async def test_a_browser_is_sent_to_log_in_and_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page?tab=1", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fpage%3Ftab%3D1")
    for headers in ({"Accept": "application/json"}, {"Accept": "text/html", "HX-Request": "true"}):
        assert (await client.get("/page", headers=headers)).status_code == 401
    assert (await client.get("/login")).text == "log in, None"
    assert (await client.get("/static/app.js")).text == "app.js"


async def test_an_ended_session_is_no_session(client: httpx.AsyncClient) -> None:
    client.cookies.set(SESSION_COOKIE, "0" * 64)
    assert (await client.get("/api/v1/whoami")).status_code == 401


async def test_other_hosts_are_not_ours(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/health", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
