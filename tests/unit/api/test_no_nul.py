"""A NUL is refused wherever a text comes in, and nothing that only looks like one is."""

from __future__ import annotations

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from roadbed.api.texts import NoNul
from roadbed.kit.errors import InvalidInput

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    await Response(await request.body())(scope, receive, send)


async def ask(url: str, body: bytes = b"", content_type: str = JSON) -> bytes:
    transport = httpx.ASGITransport(NoNul(echo, binary={"/sources"}))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return (await client.post(url, content=body, headers={"content-type": content_type})).content


@pytest.mark.parametrize("url", ["/a%00b", "/audit?action=%00", "/operations?a=b&target=x%00"])
async def test_in_the_address(url: str) -> None:
    with pytest.raises(InvalidInput, match="NUL"):
        await ask(url)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rb'{"username": "ad\u0000min"}', JSON),
        (rb'{"a": "\\\u0000"}', JSON),
        (b'{"a": "\0"}', JSON),
        ('{"a": "b"}'.encode("utf-16"), JSON),
        (rb'{"a": "\u0000"}', ""),
        (b"username=ad%00min", FORM),
    ],
)
async def test_in_the_body(body: bytes, content_type: str) -> None:
    with pytest.raises(HTTPException, match="NUL"):
        await ask("/login", body, content_type)


@pytest.mark.parametrize(
    ("url", "body", "content_type"),
    [
        ("/a%2500", b"", JSON),
        ("/login", rb'{"a": "\\u0000", "b": "\\u0001"}', JSON),
        ("/login", b"a=%2500", FORM),
        ("/sources", b"\0\0", "application/gzip"),
    ],
)
async def test_what_is_none_passes(url: str, body: bytes, content_type: str) -> None:
    assert await ask(url, body, content_type) == body
