"""Asking a replica whether it is well."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.workloads import HttpGet, Probe, Workload

TIMEOUT_S = 2.0
_SILENCE_S = 5.0
_STATUS_LINE = 1024
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """`message` says what came instead of a good answer. `refused`: nothing listens on a port that it was given."""

    good: bool
    message: str = ""
    refused: bool = False


GOOD = Answer(True)


@dataclass(frozen=True, slots=True)
class Prober:
    """Asks one instance. `endpoints` are its ports' by name."""

    driver: Driver
    id: str
    workload: Workload
    endpoints: Mapping[str, Endpoint]

    async def ready(self, *, at_first: bool = False) -> Answer:
        """Good when all containers run and their readiness probes succeed.

        Where the first has none, and something is to listen, it is ready when it accepts connections, and `at_first`
        when it takes care of one: some listen before they have loaded what they serve.
        """
        if answer := self._not_running():
            return answer
        for name, one in self.workload.lasting().items():
            if one.readiness and not (answer := self._of(name, await self._ask(name, one.readiness))).good:
                return answer
        main = self._main()
        if main is None or self.workload.first.readiness:
            return GOOD
        return await (serves if at_first else connects)(main, self._place(main))

    async def healthy(self, container: str) -> Answer:
        """What the probe says that tells whether it is well."""
        probe = self.workload.containers[container].health
        return GOOD if probe is None else self._of(container, await self._ask(container, probe))

    async def alive(self, container: str) -> Answer:
        """What its liveness probe says."""
        probe = self.workload.containers[container].liveness
        return GOOD if probe is None else self._of(container, await self._ask(container, probe))

    def down(self) -> frozenset[str]:
        """Those of several containers that should run and don't."""
        status = self.driver.inspect(self.id) if len(self.workload.containers) > 1 else None
        return status.down if status is not None else frozenset()

    def _not_running(self) -> Answer | None:
        down = self.down()
        return Answer(False, f"container {min(down)} does not run") if down else None

    def _of(self, container: str, answer: Answer) -> Answer:
        if answer.good or len(self.workload.containers) == 1:
            return answer
        return replace(answer, message=f"container {container}: {answer.message}")

    async def _ask(self, container: str, probe: Probe) -> Answer:
        endpoint = self._endpoint(probe.http) if probe.http is not None else None
        if probe.http is not None and endpoint is not None:
            answer = await answers(probe.http, endpoint, self._place(endpoint))
            if not answer.good:
                return replace(answer, refused=answer.refused and endpoint in self.endpoints.values())
        return await self._executes(container, probe.exec) if probe.exec else GOOD

    def _endpoint(self, get: HttpGet) -> Endpoint | None:
        """The service port of this number or target, else that very port; the main one where none is named."""
        for port in self.workload.routed_ports:
            if get.port is not None and get.port in (port.number, port.target) and port.name in self.endpoints:
                return self.endpoints[port.name]
        return self._main() if get.port is None else Endpoint(_LOOPBACK, get.port)

    def _main(self) -> Endpoint | None:
        port = self.workload.main_port
        return self.endpoints.get(port.name) if port is not None else None

    def _place(self, endpoint: Endpoint) -> str:
        return f"its PORT ({endpoint.port})" if endpoint == self._main() else f"port {endpoint.port}"

    async def _executes(self, container: str, command: tuple[str, ...]) -> Answer:
        code = await self.driver.execute(self.id, self.workload, container, command, timeout_s=TIMEOUT_S)
        return GOOD if code == 0 else Answer(False, f"`{' '.join(command)}` ended with exit code {code}")


async def connects(endpoint: Endpoint, place: str = "that port") -> Answer:
    """`place` is how the answer calls where it asked."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    except (OSError, TimeoutError):
        return Answer(False, f"nothing listens on {place}", refused=True)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return GOOD


async def serves(endpoint: Endpoint, place: str = "that port") -> Answer:
    """Whether it takes care of a connection: answers, or ends it in order.

    It is asked what no application minds, in HTTP. One that says nothing to that speaks another protocol, or is slow:
    it has had its time.
    """
    try:
        async with asyncio.timeout(_SILENCE_S):
            reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
            try:
                writer.write(f"OPTIONS * HTTP/1.1\r\nHost: {endpoint.host}\r\nConnection: close\r\n\r\n".encode())
                await reader.read(1)
            finally:
                writer.close()
    except TimeoutError:
        return GOOD
    except ConnectionRefusedError:
        return Answer(False, f"nothing listens on {place}", refused=True)
    except OSError:  # whoever listened has ended
        return Answer(False, f"a connection to {place} was broken off")
    return GOOD


async def answers(get: HttpGet, endpoint: Endpoint, place: str = "that port") -> Answer:
    """Good is a status from 200 to 399, as in Kubernetes."""
    asked = f"GET {get.path} over HTTPS" if get.secure else f"GET {get.path}"
    try:
        async with asyncio.timeout(TIMEOUT_S):
            line = await _status_line(get, endpoint)
    except TimeoutError:
        return Answer(False, f"{asked} was not answered within {TIMEOUT_S:g} s")
    except (OSError, ValueError) as error:
        refused = isinstance(error, ConnectionRefusedError)
        message = f"nothing listens on {place}" if refused else f"{asked} failed: {error}"
        return Answer(False, message, refused=refused)
    fields = line.split()
    if len(fields) < 2 or not fields[0].startswith(b"HTTP/") or not fields[1].isdigit():
        return Answer(False, f"{asked} was answered with something that is not HTTP")
    status = int(fields[1])
    return GOOD if 200 <= status < 400 else Answer(False, f"{asked} answered {status}")


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
