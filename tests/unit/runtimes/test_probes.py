"""Probes against a server that answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from roadbed.runtimes import probes
from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.drivers.process.ports import free_port
from roadbed.runtimes.workloads import HttpGet


@asynccontextmanager
async def server(answer: bytes, *, hold: bool = False) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    asked: list[bytes] = []
    end = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if hold:
            await end.wait()
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Endpoint("127.0.0.1", port), asked
    finally:
        end.set()
        listening.close()
        await listening.wait_closed()


@pytest.mark.parametrize(
    ("answer", "good", "message"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True, ""),
        (b"HTTP/1.0 302 Found\r\n\r\n", True, ""),
        (b"HTTP/1.1 503 Unavailable\r\n\r\n", False, "GET /up answered 503"),
        (b"220 mail\r\n", False, "GET /up was answered with something that is not HTTP"),
        (b"", False, "GET /up was answered with something that is not HTTP"),
        (b"x" * 5000, False, "GET /up failed"),
    ],
)
async def test_http(answer: bytes, good: bool, message: str) -> None:
    async with server(answer) as (endpoint, asked):
        found = await probes.answers(HttpGet("/up", {"X-Probe": "1"}), endpoint)
    assert found.good == good
    assert found.message.startswith(message)
    assert asked[0].startswith(b"GET /up HTTP/1.1\r\n")
    assert b"X-Probe: 1\r\n" in asked[0]


async def test_an_answer_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "TIMEOUT_S", 0.1)
    async with server(b"", hold=True) as (endpoint, _):
        found = await probes.answers(HttpGet("/up"), endpoint)
    assert found == probes.Answer(False, "GET /up was not answered within 0.1 s")


@pytest.mark.parametrize("ask", [probes.connects, lambda endpoint: probes.answers(HttpGet(), endpoint)])
async def test_nobody_there(ask: Callable[[Endpoint], Awaitable[probes.Answer]]) -> None:
    port = free_port()
    assert await ask(Endpoint("127.0.0.1", port)) == probes.Answer(
        False, f"nothing listens on its PORT ({port})", refused=True
    )


async def test_whoever_accepts_connections_is_well() -> None:
    async with server(b"") as (endpoint, _):
        assert (await probes.connects(endpoint)).good
