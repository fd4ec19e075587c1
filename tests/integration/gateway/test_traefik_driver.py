"""Traefik for real: switching under load, dead replicas, adoption, ports that are taken."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from backends import Load, TinyServer, fetch, tiny_server
from roadbed.gateway.domain import Backend, Route, RoutingTable, Upstream
from roadbed.gateway.driver import Addresses
from roadbed.gateway.settings import GatewaySettings
from roadbed.gateway.traefik.driver import Traefik
from roadbed.kit.errors import Unavailable
from waiting import until

pytestmark = pytest.mark.slow

HOST = "orders.dev.localhost"
WEB = Upstream("orders@dev/web", "http")


def table(*servers: TinyServer, endpoint: int | None = None) -> RoutingTable:
    return RoutingTable(
        routes={"route": Route(HOST, "/", WEB)},
        endpoints={} if endpoint is None else {"endpoint": (endpoint, WEB)},
        backends={WEB.service: tuple(Backend(server.name, "127.0.0.1", server.port) for server in servers)},
    )


@pytest.fixture
def settings() -> GatewaySettings:
    """Somewhere below the ports that the system gives to clients; each test looks elsewhere."""
    first = random.randrange(22_000, 32_000, 20)
    return GatewaySettings(port=first, internal_port=first + 1, internal_ports=4)


@pytest.fixture
async def traefik(home: Path, settings: GatewaySettings) -> AsyncIterator[Traefik]:
    driver = Traefik(home / "gateway", settings)
    yield driver
    await driver.stop()


@pytest.fixture
async def addresses(traefik: Traefik) -> Addresses:
    return await traefik.start()


@pytest.fixture
async def servers() -> AsyncIterator[list[TinyServer]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(tiny_server(name)) for name in "abcd")))


async def test_routes_come_and_go(traefik: Traefik, addresses: Addresses, servers: list[TinyServer]) -> None:
    assert (await fetch(addresses.port, HOST))[0] == 404
    await traefik.apply(table())
    assert (await fetch(addresses.port, HOST))[0] == 503
    await traefik.apply(table(servers[0], endpoint=addresses.pool[0]))
    assert await fetch(addresses.port, HOST) == (200, "a")
    assert await fetch(addresses.pool[0], "whatever") == (200, "a")
    assert (await fetch(addresses.pool[1], "whatever"))[0] == 404
    await traefik.apply(RoutingTable())
    assert await fetch(addresses.port, HOST) == (404, "404 page not found\n")
    assert (await fetch(addresses.pool[0], "whatever"))[0] == 404


async def test_switching_under_load_loses_nothing(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer]
) -> None:
    old, new = servers[:2], servers[2:]
    await traefik.apply(table(*old))
    async with Load(HOST, addresses.port) as load:
        await until(lambda: load.sent > 300)
        await traefik.apply(table(*new))
        switched = load.answers.copy()
        await asyncio.sleep(1)  # the time that a drain takes: it is what is tested
        for server in old:
            await server.kill()
        await until(lambda: load.answers["c"] + load.answers["d"] > 600)
    assert load.lost == []
    late = sum(load.answers[server.name] - switched[server.name] for server in old)
    assert late <= load.connections, "only requests that were under way may still arrive at the old replicas"


async def test_a_replica_that_is_killed_costs_no_get(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer]
) -> None:
    await traefik.apply(table(*servers[:2]))
    async with Load(HOST, addresses.port, methods=("GET",)) as load:
        await until(lambda: load.sent > 300)
        await servers[0].kill()
        before = load.sent
        await until(lambda: load.sent > before + 500)
        await traefik.apply(table(servers[1]))
    assert load.lost == []


async def test_traefik_outlives_its_driver_and_is_adopted(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer], home: Path, settings: GatewaySettings
) -> None:
    await traefik.apply(table(servers[0]))
    pid = traefik.pid()
    await traefik.close()
    again = Traefik(home / "gateway", settings)
    assert await again.start() == addresses
    assert again.pid() == pid
    assert await fetch(addresses.port, HOST) == (200, "a")
    await again.apply(table(servers[1]))
    assert await fetch(addresses.port, HOST) == (200, "b")
    await again.close()


async def test_a_traefik_that_was_killed_is_noticed_and_comes_back_on_its_ports(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer]
) -> None:
    pid = traefik.pid()
    assert pid is not None
    os.kill(pid, 9)
    await until(lambda: traefik.pid() is None)
    with pytest.raises(Unavailable, match="has ended"):
        await traefik.apply(table(servers[0]))
    assert await traefik.start() == addresses
    await traefik.apply(table(servers[0]))
    assert await fetch(addresses.port, HOST) == (200, "a")


async def test_other_settings_replace_the_traefik_that_runs(
    traefik: Traefik, addresses: Addresses, home: Path, settings: GatewaySettings
) -> None:
    old = traefik.pid()
    await traefik.close()
    other = Traefik(home / "gateway", settings.model_copy(update={"internal_ports": 2}))
    assert len((await other.start()).pool) == 2
    assert other.pid() != old
    await other.close()


async def test_a_port_that_is_taken_is_passed_over_and_the_next_one_kept(
    traefik: Traefik, settings: GatewaySettings
) -> None:
    with socket.create_server(("127.0.0.1", settings.port)):
        first = await traefik.start()
        assert first.port > settings.port
        await traefik.stop()
    assert (await traefik.start()).port == first.port


async def test_a_port_of_the_pool_that_is_taken_is_missing_until_it_is_free(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer]
) -> None:
    await traefik.stop()
    with socket.create_server(("127.0.0.1", addresses.pool[0])):
        assert (await traefik.start()).pool == addresses.pool[1:]
        await traefik.apply(table(servers[0], endpoint=addresses.pool[0]))
        await traefik.stop()
    assert await traefik.start() == addresses


async def test_requests_are_counted_by_service(
    traefik: Traefik, addresses: Addresses, servers: list[TinyServer]
) -> None:
    await traefik.apply(table(servers[0]))
    for _ in range(3):
        await fetch(addresses.port, HOST)
    (measured,) = await traefik.metrics()
    assert measured.upstream == WEB
    assert measured.requests == {200: 3}
    assert measured.seconds > 0
