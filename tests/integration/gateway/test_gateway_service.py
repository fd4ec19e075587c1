"""The gateway's door over a real database: conflicts, permissions, coalescing, and what a failure leaves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fakes.access import OWNER, Recording, refuse
from fakes.audit import FakeAudit
from fakes.gateway import FakeGatewayDriver
from roadbed.gateway.controller import GatewayController
from roadbed.gateway.domain import Backend, Route, Upstream, UpstreamMetrics
from roadbed.gateway.errors import NoEndpointLeft, RouteTaken
from roadbed.gateway.provider import GatewayProvider
from roadbed.gateway.service import Gateway
from roadbed.kit.access import Authorise, system
from roadbed.kit.errors import Refused, Unauthenticated, Unavailable
from roadbed.providers.driver import Desired
from roadbed.storage.database import Database
from waiting import until

WEB = Upstream("orders@dev/web", "http")
ROUTE = Route("orders.dev.localhost", "/", WEB)
KEY = "orders@dev/web/route#gateway:Route"
A, B = Backend("a", "127.0.0.1", 1), Backend("b", "127.0.0.1", 2)
PLATFORM = system("test")


class World:
    def __init__(self, database: Database, authorise: Authorise | None = None) -> None:
        self.driver = FakeGatewayDriver()
        self.audit = FakeAudit()
        self.authorise = Recording()
        self.database = database
        self.gateway = Gateway(self.driver, database, authorise or self.authorise, self.audit)


@pytest.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.gateway.start()
    return world


async def test_a_route_is_told_shown_and_recorded(world: World) -> None:
    async with world.database.call(OWNER) as call:
        view = await world.gateway.set_route(call, KEY, ROUTE, owner="group:default/payments")
        await world.gateway.set_backends(call, "orders@dev/web", [A, B])
        (shown,) = await world.gateway.routes(call, "orders@dev")
        assert await world.gateway.routes(call, "orders@de") == []
    assert view.url == "http://orders.dev.localhost:8000/"
    assert (shown.route, shown.ready) == (ROUTE, 2)
    assert world.driver.told[-1].serving(WEB) == [A, B]
    assert world.audit.actions == ["gateway.route.set"]
    assert ("user:olga", "gateway.change", "gateway orders@dev") in world.authorise.asked


async def test_a_host_and_path_belong_to_one_stack(world: World) -> None:
    other = Route(ROUTE.host, "/", Upstream("shop@dev/web", "http"))
    async with world.database.call(OWNER) as call:
        await world.gateway.set_route(call, KEY, ROUTE)
        with pytest.raises(RouteTaken, match="already leads to orders@dev/web"):
            await world.gateway.set_route(call, "shop", other)
        await world.gateway.remove_route(call, KEY)
        await world.gateway.set_route(call, "shop", other)
    assert [route.upstream.stack for route in world.driver.told[-1].routes.values()] == ["shop@dev"]


async def test_a_host_is_shared_by_path_within_a_group_alone(world: World) -> None:
    below = Route(ROUTE.host, "/shop", Upstream("shop@dev/web", "http"))
    async with world.database.call(OWNER) as call:
        await world.gateway.set_route(call, KEY, ROUTE, owner="group:default/payments")
        with pytest.raises(RouteTaken, match="is the host of orders@dev, which group:default/payments owns"):
            await world.gateway.set_route(call, "shop", below, owner="group:default/shop")
        await world.gateway.set_route(call, "shop", below, owner="group:default/payments")


async def test_what_nobody_owns_shares_its_host_with_nobody(world: World) -> None:
    async with world.database.call(OWNER) as call:
        await world.gateway.set_route(call, KEY, ROUTE)
        await world.gateway.set_route(call, "own", Route(ROUTE.host, "/own", Upstream("orders@dev/web", "http")))
        below = Route(ROUTE.host, "/shop", Upstream("shop@dev/web", "http"))
        for owner in (None, "group:default/shop"):
            with pytest.raises(RouteTaken, match="is the host of orders@dev, which has no owner"):
                await world.gateway.set_route(call, "shop", below, owner=owner)


async def test_what_others_have_is_known_before_it_is_asked_for(world: World) -> None:
    async with world.database.call(OWNER) as call:
        await world.gateway.set_route(call, KEY, ROUTE, owner="group:default/payments")
    provider = GatewayProvider(world.gateway, world.database)
    host, unknown = ROUTE.host, {"$ref": "shop@dev/dns#x:Name", "output": "host"}
    wanted: dict[str, dict[str, Any]] = {
        "same": {"host": host},
        "below": {"host": host, "path": "/shop"},
        "own": {"host": "shop.dev.localhost", "path": "/"},
        "later": {"host": unknown},
    }
    found = await provider.claimed("shop@dev", "group:default/shop", wanted)
    assert {urn: str(error) for urn, error in found.items()} == {
        "same": f"{host}/ already leads to orders@dev/web",
        "below": f"{host} is the host of orders@dev, which group:default/payments owns",
    }
    assert await provider.claimed("orders@dev", "group:default/payments", wanted) == {}


async def test_an_endpoint_is_stable_and_freed(world: World) -> None:
    upstreams = [Upstream(f"orders@dev/{name}", "http") for name in ("w1", "w2", "w3", "w4")]
    async with world.database.call(OWNER) as call:
        ports = [(await world.gateway.allocate_endpoint(call, str(n), upstreams[n])).port for n in range(3)]
        assert (await world.gateway.allocate_endpoint(call, "1", upstreams[1])).port == ports[1]
        with pytest.raises(NoEndpointLeft):
            await world.gateway.allocate_endpoint(call, "3", upstreams[3])
        await world.gateway.release_endpoint(call, "1")
        assert (await world.gateway.allocate_endpoint(call, "3", upstreams[3])).port == ports[1]


async def test_changes_that_come_together_are_told_as_one(world: World) -> None:
    world.driver.open.clear()
    already = len(world.driver.told)

    async def change(number: int) -> None:
        async with world.database.call(PLATFORM) as call:
            await world.gateway.set_backends(call, f"orders@dev/w{number}", [A])

    changes = [asyncio.create_task(change(number)) for number in range(6)]
    await until(lambda: world.gateway._committed >= 6, what="all changes committed")
    world.driver.open.set()
    await asyncio.gather(*changes)
    assert len(world.driver.told) - already <= 2
    assert len(world.driver.told[-1].backends) == 6


async def test_what_a_failure_kept_from_the_gateway_is_told_by_the_controller(world: World) -> None:
    world.driver.failing = True
    async with world.database.call(PLATFORM) as call:
        with pytest.raises(Unavailable):
            await world.gateway.set_backends(call, "orders@dev/web", [A])
    world.driver.failing = False
    controller = GatewayController(world.gateway)
    await controller.turn()
    assert world.driver.told[-1].backends == {"orders@dev/web": (A,)}
    told = len(world.driver.told)
    await controller.turn()
    assert len(world.driver.told) == told


async def test_a_proxy_that_ended_is_started_and_told_again(world: World) -> None:
    async with world.database.call(PLATFORM) as call:
        await world.gateway.set_route(call, KEY, ROUTE)
    world.driver.running = False
    task = asyncio.create_task(GatewayController(world.gateway, every_s=0.01).run())
    await until(lambda: world.driver.starts == 2 and KEY in world.driver.told[-1].routes)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_nobody_gets_nothing_and_a_person_changes_nothing_by_hand(database: Database) -> None:
    gateway = World(database).gateway
    async with database.call(None) as call:
        for attempt in (
            gateway.routes(call),
            gateway.metrics(call),
            gateway.find_route(call, KEY),
            gateway.find_endpoint(call, KEY),
            gateway.set_route(call, KEY, ROUTE),
            gateway.remove_route(call, KEY),
            gateway.allocate_endpoint(call, KEY, WEB),
            gateway.release_endpoint(call, KEY),
            gateway.set_backends(call, "orders@dev/web", [A]),
        ):
            with pytest.raises(Unauthenticated):
                await attempt
    strict = World(database, refuse)
    async with database.call(OWNER) as call:
        with pytest.raises(Refused):
            await strict.gateway.set_backends(call, "orders@dev/web", [A])
    assert strict.driver.told == []


async def test_metrics_are_those_of_services_that_have_a_route(world: World) -> None:
    stranger = Upstream("gone@dev/web", "http")
    world.driver.measured = [UpstreamMetrics(upstream, {200: 1}, 0.1, {}, 1, 1) for upstream in (WEB, stranger)]
    async with world.database.call(OWNER) as call:
        await world.gateway.set_route(call, KEY, ROUTE)
        assert [measured.upstream for measured in await world.gateway.metrics(call)] == [WEB]


async def report(_: str) -> None:
    """Nobody listens."""


async def test_the_provider_makes_finds_changes_and_removes(world: World) -> None:
    provider = GatewayProvider(world.gateway, world.database)
    properties = {"host": "orders.dev.localhost", "workload": "web", "port": "http"}
    route = Desired(KEY, "gateway:Route", "route", "orders@dev", properties)
    made = await provider.create(route, report)
    assert made.outputs == {"url": "http://orders.dev.localhost:8000/"}
    assert await provider.create(route, report) == made == await provider.read(route, made.id)
    assert made.properties == properties
    moved = Desired(KEY, "gateway:Route", "route", "orders@dev", {**properties, "path": "/v2", "port": 80})
    assert (await provider.update(moved, made.id, report)).properties == moved.properties
    await provider.delete(moved, made.id, report)
    await provider.delete(moved, made.id, report)
    assert await provider.read(moved, made.id) is None


async def test_the_provider_holds_a_port_for_an_endpoint(world: World) -> None:
    provider = GatewayProvider(world.gateway, world.database)
    urn = "shop@dev/web/orders#gateway:Endpoint"
    desired = Desired(urn, "gateway:Endpoint", "orders", "shop@dev", {"workload": "api", "port": 80})
    made = await provider.create(desired, report)
    assert made.outputs == {"hostname": "127.0.0.1", "port": 21_000}
    assert await provider.read(desired, made.id) == made
    await provider.delete(desired, made.id, report)
    assert await provider.read(desired, made.id) is None
