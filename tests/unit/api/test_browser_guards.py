"""Which hosts are ours, which origins, and what every answer carries."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from roadbed.api.browser import HEADERS, KnownHosts, SameOrigin, SecurityHeaders, UnknownHost
from roadbed.kit.errors import Refused


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("ok", headers={"Cache-Control": "max-age=60"})(scope, receive, send)


async def ask(app: KnownHosts | SameOrigin | SecurityHeaders, method: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8080") as client:
        return await client.request(method, "/", headers=headers)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:8080",
        "orders.dev.localhost:80",
        "roadbed.corp",
        "a.b.example.com",
    ],
)
async def test_our_hosts(host: str) -> None:
    app = KnownHosts(answer, ["Roadbed.corp", "*.example.com"])
    assert (await ask(app, "GET", host=host)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "notlocalhost",
        ".localhost",
        "example.com",
        "127.0.0.1.evil",
        "127.0.0.2",
        "",
        "::1",
        "localhost:80@evil",
    ],
)
async def test_other_hosts_are_refused(host: str) -> None:
    with pytest.raises(UnknownHost):
        await ask(KnownHosts(answer, ["*.example.com"]), "GET", host=host)


@pytest.mark.parametrize("origin", ["http://localhost:8080", "https://LOCALHOST:8080"])
async def test_forms_of_our_own_pages_pass(origin: str) -> None:
    assert (await ask(SameOrigin(answer), "POST", origin=origin)).status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:9090", "http://orders.dev.localhost:8080", "null", "", "x"])
async def test_changes_that_other_pages_ask_for_are_refused(origin: str) -> None:
    with pytest.raises(Refused):
        await ask(SameOrigin(answer), "DELETE", origin=origin)
    assert (await ask(SameOrigin(answer), "GET", origin=origin)).status_code == 200


async def test_programs_name_no_origin() -> None:
    assert (await ask(SameOrigin(answer), "POST")).status_code == 200


async def test_every_answer_is_guarded_and_a_route_has_the_last_word() -> None:
    headers = (await ask(SecurityHeaders(answer), "GET")).headers
    assert {name.lower() for name in HEADERS} <= set(headers)
    assert headers["cache-control"] == "max-age=60"
    assert "unsafe" not in headers["content-security-policy"]
