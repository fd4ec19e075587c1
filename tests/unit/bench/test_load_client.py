"""The load client counts every request that was not answered in whole, and sends none twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from bench.main_job.load import Target, run

from waiting import until

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=1\r\nabc\r\n0\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

Answer = Callable[[int], bytes | None]
"""What is sent back to the request with this number; None closes the connection without a word."""


class Server:
    """Counts connections and requests; answers as it is told."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.connections = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"POST"):
                    head += await reader.readexactly(7)
                self.requests.append(head)
                answer = self._answer(len(self.requests))
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
                if answer.endswith(b"cut"):
                    break
        writer.close()


async def measured(server: Server, connections: int, until_: Callable[[], bool]) -> dict[str, dict[str, int]]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    target = Target("127.0.0.1", port, "orders.dev.localhost", "/", "/items", b'{"a":1}')
    stop = asyncio.Event()
    running = asyncio.create_task(run(target, connections=connections, rate=500, patience=20, stop=stop))
    await until(until_, what="enough requests")
    stop.set()
    result: dict[str, dict[str, int]] = await running
    listening.close()
    return result


@pytest.mark.parametrize("answer", [OK, CHUNKED], ids=["with a length", "in chunks"])
async def test_answers_keep_the_connection_and_nothing_is_lost(answer: bytes) -> None:
    server = Server(lambda _: answer)
    result = await measured(server, 4, lambda: len(server.requests) >= 40)
    assert server.connections == 4
    assert result["GET"]["lost"] == result["POST"]["lost"] == 0
    assert result["GET"]["answered"] + result["POST"]["answered"] == len(server.requests)
    assert b"Host: orders.dev.localhost" in server.requests[0]
    assert any(request.endswith(b'{"a":1}') and b"POST /items" in request for request in server.requests)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "IncompleteReadError"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "status 502"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", "IncompleteReadError"),
        (b"SMTP\r\n\r\ncut", "not HTTP"),
    ],
)
async def test_each_bad_answer_is_a_loss_and_never_sent_again(bad: bytes | None, reason: str) -> None:
    server = Server(lambda number: bad if number == 5 else OK)
    result = await measured(server, 1, lambda: len(server.requests) >= 10)
    assert result["GET"]["lost"] == 1
    assert reason in str(result["GET"]["reasons"])
    assert result["GET"]["answered"] + 1 == len(server.requests)


async def test_a_server_that_says_it_closes_costs_nothing() -> None:
    server = Server(lambda _: CLOSING)
    result = await measured(server, 1, lambda: len(server.requests) >= 5)
    assert result["GET"]["lost"] == 0
    assert server.connections == len(server.requests)


async def test_nobody_listening_is_a_loss() -> None:
    listening = await asyncio.start_server(_never, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    stop = asyncio.Event()
    target = Target("127.0.0.1", port, "x", "/", "/", b"")
    running = asyncio.create_task(run(target, connections=2, rate=50, patience=20, stop=stop))
    asyncio.get_running_loop().call_later(0.2, stop.set)
    result = await running
    assert result["GET"]["answered"] == 0
    assert result["GET"]["lost"] > 0
    assert "ConnectionRefusedError" in str(result["GET"]["reasons"])


async def _never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    raise AssertionError("nobody connects")
