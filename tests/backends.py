"""Tiny HTTP servers, each a process of its own, and a client that never retries: for tests of the gateway."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_SERVER = """
import asyncio, sys

async def serve(reader, writer):
    try:
        while line := await reader.readline():
            length = 0
            while (header := await reader.readline()) not in (b"\\r\\n", b""):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            await reader.readexactly(length)
            await asyncio.sleep(0.005)
            body = sys.argv[1].encode()
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


@dataclass
class TinyServer:
    """Answers every request with its name after 5 ms, and keeps connections alive."""

    name: str
    port: int
    process: Process

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def tiny_server(name: str) -> AsyncIterator[TinyServer]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVER, name, stdout=PIPE, stderr=DEVNULL, stdin=DEVNULL
    )
    assert process.stdout is not None
    server = TinyServer(name, int(await process.stdout.readline()), process)
    try:
        yield server
    finally:
        await server.kill()


@dataclass
class Load:
    """`connections` keep-alive connections that send `methods` in turn, without a pause, and never retry.

    `answers` counts by who answered; `lost` says what went wrong with every request that was not answered with 200.
    """

    host: str
    port: int
    connections: int = 10
    methods: tuple[str, ...] = ("GET", "POST")
    answers: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Load:
        self._tasks = [asyncio.create_task(self._run()) for _ in range(self.connections)]
        return self

    async def __aexit__(self, *exception: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def sent(self) -> int:
        return self.answers.total() + len(self.lost)

    async def _run(self) -> None:
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                while True:
                    for method in self.methods:
                        await self._request(method, reader, writer)
            except (OSError, EOFError, ValueError) as error:
                self.lost.append(repr(error))
            finally:
                writer.close()

    async def _request(self, method: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b"x" * 64 if method == "POST" else b""
        head = f"{method} / HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        status = await reader.readline()
        if not status:
            raise EOFError(f"{method}: the connection was closed")
        length = 0
        while (header := await reader.readline()) != b"\r\n":
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        answer = (await reader.readexactly(length)).decode()
        if status.split()[1] == b"200":
            self.answers[answer] += 1
        else:
            self.lost.append(f"{method}: {status!r} {answer}")


async def fetch(port: int, host: str, path: str = "/", method: str = "GET") -> tuple[int, str]:
    """Status and body of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body
