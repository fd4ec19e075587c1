"""Asking a replica whether it is well."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass

from roadbed.runtimes.domain import Endpoint, HttpGet, Probe, Workload
from roadbed.runtimes.driver import Driver

TIMEOUT_S = 2.0
_STATUS_LINE = 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """`message` says what came instead of a good answer."""

    good: bool
    message: str = ""


GOOD = Answer(True)


@dataclass(frozen=True, slots=True)
class Prober:
    """Asks one instance. Without a probe, a replica that listens is well when it accepts connections."""

    driver: Driver
    id: str
    workload: Workload
    endpoint: Endpoint | None

    async def ask(self, probe: Probe | None) -> Answer:
        if probe is None:
            return await connects(self.endpoint) if self.endpoint else GOOD
        if probe.http is not None and self.endpoint is not None:
            answer = await answers(probe.http, self.endpoint)
            if not answer.good:
                return answer
        return await self._executes(probe.exec) if probe.exec else GOOD

    async def _executes(self, command: tuple[str, ...]) -> Answer:
        code = await self.driver.execute(self.id, self.workload, command, timeout_s=TIMEOUT_S)
        return GOOD if code == 0 else Answer(False, f"`{' '.join(command)}` ended with exit code {code}")


async def connects(endpoint: Endpoint) -> Answer:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    except (OSError, TimeoutError):
        return Answer(False, f"nothing listens on its PORT ({endpoint.port})")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return GOOD


async def answers(get: HttpGet, endpoint: Endpoint) -> Answer:
    """Good is a status from 200 to 399, as in Kubernetes."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            line = await _status_line(get, endpoint)
    except TimeoutError:
        return Answer(False, f"GET {get.path} was not answered within {TIMEOUT_S:g} s")
    except (OSError, ValueError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        return Answer(
            False,
            f"nothing listens on its PORT ({endpoint.port})" if refused else f"GET {get.path} failed: {error}",
        )
    fields = line.split()
    if len(fields) < 2 or not fields[0].startswith(b"HTTP/") or not fields[1].isdigit():
        return Answer(False, f"GET {get.path} was answered with something that is not HTTP")
    status = int(fields[1])
    return GOOD if 200 <= status < 400 else Answer(False, f"GET {get.path} answered {status}")


async def _status_line(get: HttpGet, endpoint: Endpoint) -> bytes:
    reader, writer = await asyncio.open_connection(
        endpoint.host, endpoint.port, limit=_STATUS_LINE, ssl=_unverified() if get.secure else None
    )
    try:
        headers = {"Host": f"{endpoint.host}:{endpoint.port}", "User-Agent": "roadbed-probe"} | dict(get.headers)
        lines = [f"GET {get.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        await writer.drain()
        return await reader.readline()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _unverified() -> ssl.SSLContext:
    """A probe asks whether the replica answers, and knows by its address who it is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
