"""A load client that never retries: `python -m bench.main_job.load HOST:PORT …`, a process of its own.

It holds connections open and sends a request on each at a steady pace. A request is lost when its answer is not a
whole one with a status below 400: refused, reset, cut short, late, or an error. Only then, or when the server said
that it would close, is a connection opened anew, for the next request. Runs until its standard input is closed, then
prints what came of it as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

KEPT_LOSSES = 50


class BadAnswerError(Exception):
    """An answer that can't be read, or says that the request failed."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go: the address that is connected to, the name that is asked for."""

    address: str
    port: int
    host: str
    get: str
    post: str
    body: bytes

    def request(self, method: str) -> bytes:
        path, body = (self.get, b"") if method == "GET" else (self.post, self.body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Accept: */*"]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Tally:
    """What came of all requests of one method."""

    answered: int = 0
    lost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    losses: list[dict[str, Any]] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def lose(self, error: BaseException) -> None:
        self.lost += 1
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self.reasons[reason] += 1
        if len(self.losses) < KEPT_LOSSES:
            self.losses.append({"at": time.time(), "reason": reason})

    def to_dict(self) -> dict[str, Any]:
        ordered = sorted(self.latencies)
        quantiles = {f"p{share}_ms": _quantile(ordered, share) for share in (50, 99, 100)}
        counts = {"answered": self.answered, "lost": self.lost, "reasons": dict(self.reasons)}
        return counts | {"losses": self.losses} | quantiles


class Connection:
    """One keep-alive connection, and the requests that go over it one after the other."""

    def __init__(self, target: Target, method: str, tally: Tally, *, patience: float) -> None:
        self._target = target
        self._request = target.request(method)
        self._tally = tally
        self._patience = patience
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self) -> None:
        """One request, once."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                stays = await self._exchange()
        except (OSError, EOFError, TimeoutError, ValueError, BadAnswerError) as error:
            self._tally.lose(error)
            await self.close()
            return
        self._tally.answered += 1
        self._tally.latencies.append((time.perf_counter() - began) * 1000)
        if not stays:
            await self.close()

    async def close(self) -> None:
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _exchange(self) -> bool:
        """Whether the connection may be used again."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._target.address, self._target.port)
        self._writer.write(self._request)
        await self._writer.drain()
        status, headers = await _head(self._reader)
        await _body(self._reader, headers)
        if status >= 400:
            raise BadAnswerError(f"status {status}")
        return headers.get("connection", "").lower() != "close"


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1."):
        raise BadAnswerError(f"not HTTP: {lines[0][:40]!r}")
    headers = (line.partition(":") for line in lines[1:] if line)
    return int(parts[1]), {name.strip().lower(): value.strip() for name, _, value in headers}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> None:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        await reader.readexactly(int(headers.get("content-length", "0")))
        return
    while size := int((await reader.readline()).split(b";")[0], 16):
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")


async def run(target: Target, *, connections: int, rate: float, patience: float, stop: asyncio.Event) -> dict[str, Any]:
    """Every other connection sends GET, the rest POST, `rate` requests a second on each, until `stop`."""
    tallies = {"GET": Tally(), "POST": Tally()}
    methods = [("GET", "POST")[number % 2] for number in range(connections)]
    began = time.time()
    clients = (
        _keep_sending(
            Connection(target, method, tallies[method], patience=patience), 1 / rate, number / connections / rate, stop
        )
        for number, method in enumerate(methods)
    )
    await asyncio.gather(*clients)
    facts = {"connections": connections, "seconds": round(time.time() - began, 3)}
    return facts | {method: tally.to_dict() for method, tally in tallies.items()}


async def _keep_sending(connection: Connection, interval: float, offset: float, stop: asyncio.Event) -> None:
    """At a steady pace: after a slow answer the next request goes at once, but none is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time() + offset
    while not stop.is_set():
        await _wait(stop, due - loop.time())
        if not stop.is_set():
            await connection.send()
            due = max(due + interval, loop.time())
    await connection.close()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), max(seconds, 0.0))


def _quantile(ordered: list[float], share: int) -> float | None:
    return round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 2) if ordered else None


async def _until_stdin_closes(stop: asyncio.Event) -> None:
    await asyncio.to_thread(sys.stdin.read)
    stop.set()


async def main(arguments: argparse.Namespace) -> None:
    address, _, port = arguments.address.rpartition(":")
    host = arguments.host or arguments.address
    target = Target(address, int(port), host, arguments.get, arguments.post, arguments.body.encode())
    stop = asyncio.Event()
    closing = asyncio.create_task(_until_stdin_closes(stop))
    result = await run(
        target, connections=arguments.connections, rate=arguments.rate, patience=arguments.patience, stop=stop
    )
    await closing
    print(json.dumps(result))


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.main_job.load", description=__doc__)
    parser.add_argument("address", help="what to connect to: 127.0.0.1:8080")
    parser.add_argument("--host", help="the Host header")
    parser.add_argument("--get", default="/", help="path of GET requests")
    parser.add_argument("--post", default="/", help="path of POST requests")
    parser.add_argument("--body", default="{}", help="JSON that each POST sends")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rate", type=float, default=4.0, help="requests a second on each connection")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds after which an answer is too late")
    return parser


if __name__ == "__main__":
    asyncio.run(main(parser().parse_args()))
