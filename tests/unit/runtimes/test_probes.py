"""Probes against a server that answers as it is told."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from roadbed.runtimes import probes
from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.driver import Status
from roadbed.runtimes.drivers.process.ports import free_port
from roadbed.runtimes.workloads import Container, HttpGet, Port, Probe, Workload


@asynccontextmanager
async def server(
    answer: bytes, *, hold: bool = False, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    asked: list[bytes] = []
    end = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if hold:
            await end.wait()
        writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
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
    assert await ask(Endpoint("127.0.0.1", port)) == probes.Answer(False, "nothing listens on that port", refused=True)


async def test_whoever_accepts_connections_is_well() -> None:
    async with server(b"") as (endpoint, _):
        assert (await probes.connects(endpoint)).good


async def test_a_certificate_of_its_own_is_good_enough(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "probed")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    pem = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    (tmp_path / "pem").write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "pem")
    async with server(b"HTTP/1.1 200 OK\r\n\r\n", context=context) as (endpoint, asked):
        assert (await probes.answers(HttpGet("/up", {"Host": "own.example"}, secure=True), endpoint)).good
        assert not (await probes.answers(HttpGet("/up"), endpoint)).good
    assert b"Host: own.example\r\n" in asked[0]


PORTS = (Port("http", 80, 8080), Port("admin", 9000, 9001), Port("dns", 53, 53, udp=True))
AT = {"http": Endpoint("127.0.0.1", 20_001), "admin": Endpoint("127.0.0.1", 20_002)}


@pytest.mark.parametrize(
    ("ports", "asked", "expected"),
    [
        (PORTS, None, 20_001),
        (PORTS, 8080, 20_001),
        (PORTS, 80, 20_001),
        (PORTS, 9001, 20_002),
        (PORTS, 9000, 20_002),
        (PORTS, 7777, 7777),
        ((), 7777, 7777),
        ((), None, None),
    ],
)
def test_a_probes_port_is_a_service_ports_number_or_target_or_itself(
    ports: tuple[Port, ...], asked: int | None, expected: int | None
) -> None:
    nobody: Any = None
    prober = probes.Prober(nobody, "rep_1", Workload("a1", ports=ports), AT if ports else {})
    found = prober._endpoint(HttpGet(port=asked))
    assert (found and found.port) == expected


class Running:
    """A driver whose instance has containers that run or don't, and answers each command by the table."""

    def __init__(self, codes: dict[tuple[str, str], int], down: frozenset[str] = frozenset()) -> None:
        self.codes, self.down = codes, down

    def inspect(self, id: str) -> Status:
        return Status(1, datetime(2026, 1, 1, tzinfo=UTC), down=self.down)

    async def execute(self, id: str, workload: Workload, container: str, command: Sequence[str], **_: Any) -> int:
        return self.codes[container, command[0]]


async def test_a_replica_is_ready_when_all_of_its_containers_are() -> None:
    web = Container(readiness=Probe(exec=("up",)), liveness=Probe(exec=("alive",)), waits={"migrate": "complete"})
    cache = Container(readiness=Probe(exec=("up",)))
    workload = Workload("a1", {"web": web, "cache": cache, "migrate": Container(readiness=Probe(exec=("never",)))})

    async def ready(down: frozenset[str] = frozenset(), **codes: int) -> str:
        driver: Any = Running({(name, "up"): code for name, code in codes.items()} | {("web", "alive"): 1}, down)
        prober = probes.Prober(driver, "rep_1", workload, {})
        assert not (await prober.alive("web")).good
        return (await prober.ready()).message

    assert await ready(web=0, cache=0) == ""
    assert await ready(web=0, cache=1) == "container cache: `up` ended with exit code 1"
    assert await ready(frozenset({"cache"}), web=0, cache=0) == "container cache does not run"


async def test_with_both_both_must_succeed() -> None:
    async with server(b"HTTP/1.1 200 OK\r\n\r\n") as (endpoint, _):
        workload = Workload(
            "a1", {"main": Container(readiness=Probe(HttpGet("/up"), ("up",)))}, ports=(Port("http", 80, 8080),)
        )
        for code in (0, 1):
            driver: Any = Running({("main", "up"): code})
            prober = probes.Prober(driver, "rep_1", workload, {"http": endpoint})
            assert (await prober.ready()).good == (code == 0)


async def test_a_port_of_a_containers_own_is_called_by_its_number() -> None:
    nobody: Any = None
    port = free_port()
    side = Container(liveness=Probe(HttpGet(port=port)))
    prober = probes.Prober(nobody, "rep_1", Workload("a1", {"main": Container(), "side": side}, ports=PORTS), AT)
    expected = probes.Answer(False, f"container side: nothing listens on port {port}")
    assert await prober.healthy("side") == expected  # its only probe says whether it is healthy


async def test_one_that_listens_before_it_serves_is_not_ready_when_it_ends() -> None:
    """As a server of several processes does: it listens, and its workers find out that they can't begin."""
    listening = socket.create_server(("127.0.0.1", 0))
    endpoint = Endpoint("127.0.0.1", listening.getsockname()[1])
    asking = asyncio.create_task(probes.serves(endpoint))
    # The kernel has taken the connection then, and nobody else has.
    await asyncio.to_thread(select.select, [listening], [], [])
    assert (await probes.connects(endpoint)).good
    listening.close()
    assert await asking == probes.Answer(False, "a connection to that port was broken off")
    assert await probes.serves(endpoint) == probes.Answer(False, "nothing listens on that port", refused=True)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 404 Not Found\r\n\r\n", b"-ERR what?\r\n", b""])
async def test_whoever_takes_care_of_a_connection_serves(answer: bytes) -> None:
    async with server(answer) as (endpoint, asked):
        assert await probes.serves(endpoint) == probes.GOOD
    assert asked[0].startswith(b"OPTIONS * HTTP/1.1\r\n")


async def test_another_protocol_serves_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "_SILENCE_S", 0.1)
    async with server(b"", hold=True) as (endpoint, _):
        assert await probes.serves(endpoint) == probes.GOOD


async def test_a_probe_of_another_container_does_not_say_that_the_first_listens() -> None:
    port = free_port()
    side = Container(readiness=Probe(exec=("up",)))
    workload = Workload("a1", {"main": Container(), "side": side}, ports=PORTS[:1])
    driver: Any = Running({("side", "up"): 0})
    prober = probes.Prober(driver, "rep_1", workload, {"http": Endpoint("127.0.0.1", port)})
    assert await prober.ready() == probes.Answer(False, f"nothing listens on its PORT ({port})", refused=True)
    async with server(b"") as (endpoint, _):
        assert await replace(prober, endpoints={"http": endpoint}).ready() == probes.GOOD
