"""The door of the gateway.

What the gateway is told is committed first, in a transaction of its own, and told after: a crash in between leaves
the tables right and the proxy behind, which the next start mends, and never the other way round. Several changes that
come together are told as one. So a change here is not part of the caller's transaction: it stands even if that fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.gateway import repository
from roadbed.gateway.domain import (
    Backend,
    Endpoint,
    Route,
    RouteView,
    Upstream,
    UpstreamMetrics,
    choose_port,
)
from roadbed.gateway.driver import Addresses, GatewayDriver
from roadbed.gateway.errors import NoEndpointLeft, RouteTaken
from roadbed.gateway.tables import RouteRow
from roadbed.kit.access import Authorise, Target, visible_owners
from roadbed.kit.errors import Unavailable
from roadbed.kit.names import StackName
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.storage.ports import LOOPBACK

T = TypeVar("T")

VIEW, CHANGE = "gateway.view", "gateway.change"
_HTTP_PORT = 80


class Auditor(Protocol):
    """What the gateway needs of the audit log."""

    async def record(
        self, call: Call, action: str, target: Target, *, detail: Mapping[str, Any] | None = None
    ) -> None: ...


class Gateway:
    """Readers are for everybody who may see a stack; changes are for the platform itself (see the package)."""

    def __init__(self, driver: GatewayDriver, database: Database, authorise: Authorise, audit: Auditor) -> None:
        self._driver = driver
        self._database = database
        self._authorise = authorise
        self._audit = audit
        self._addresses: Addresses | None = None
        self._telling = asyncio.Lock()
        self._committed = 0
        self._told = -1

    async def start(self) -> Addresses:
        """Starts or adopts the proxy, and tells it what the tables hold."""
        self._addresses = await self._driver.start()
        self._told = -1
        await self._tell(0)
        return self._addresses

    async def stop(self) -> None:
        await self._driver.stop()

    def pid(self) -> int | None:
        """The proxy's process on this machine."""
        return self._driver.pid()

    @property
    def addresses(self) -> Addresses:
        if self._addresses is None:
            raise Unavailable("the gateway has not been started")
        return self._addresses

    def url(self, host: str, path: str = "/") -> str:
        """Where a route is reached from outside: `http://orders.dev.localhost:8000/`."""
        port = self.addresses.port
        authority = host if port == _HTTP_PORT else f"{host}:{port}"
        return f"http://{authority}{path}"

    async def routes(self, call: Call, stack: str | None = None) -> list[RouteView]:
        """Those that the caller may see, ordered by host and path."""
        owners = visible_owners(self._authorise, call.principal, VIEW, "gateway")
        rows = await repository.list_routes(call.session, stack, owners)
        return [await self._view(call, row) for row in rows]

    async def find_route(self, call: Call, key: str) -> RouteView | None:
        row = await repository.find_route(call.session, key)
        if row is not None:
            self._authorise(call.principal, VIEW, _target(row.service, row.owner))
            return await self._view(call, row)
        self._authorise(call.principal, VIEW, Target("gateway"))
        return None

    async def find_endpoint(self, call: Call, key: str) -> tuple[Endpoint, Upstream] | None:
        row = await repository.find_endpoint(call.session, key)
        if row is not None:
            self._authorise(call.principal, VIEW, _target(row.service, row.owner))
            return Endpoint(LOOPBACK, row.local_port), Upstream(row.service, row.port)
        self._authorise(call.principal, VIEW, Target("gateway"))
        return None

    async def metrics(self, call: Call) -> list[UpstreamMetrics]:
        """Requests, times and bytes of every service that the caller may see, since the gateway started."""
        owners = visible_owners(self._authorise, call.principal, VIEW, "gateway")
        visible = await repository.visible_upstreams(call.session, owners)
        return [measured for measured in await self._driver.metrics() if measured.upstream in visible]

    async def set_route(self, call: Call, key: str, route: Route, *, owner: str | None = None) -> RouteView:
        """Makes or changes a route. Raises RouteTaken when another key has its host and path.

        Also when that was of the same resource, which may have been moved and go by another name now.
        """
        target = _target(route.upstream.service, owner)

        async def change(session: AsyncSession) -> RouteView:
            rows = [row for row in await repository.routes_of(session, [route.host]) if row.key != key]
            if conflict := _conflict(rows, route.upstream.stack, owner, route.path):
                raise conflict
            await repository.put_route(session, key, route, owner)
            ready = await repository.count_backends(session, route.upstream)
            return RouteView(key, route, self.url(route.host, route.path), ready)

        detail = {"key": key, "host": route.host, "path": route.path, "service": route.upstream.service}
        return await self._change(call, "gateway.route.set", target, change, detail)

    async def taken(
        self, call: Call, stack: str, owner: str | None, wanted: Mapping[str, tuple[str, str]]
    ) -> dict[str, RouteTaken]:
        """Why hosts and paths can't be a stack's, by the keys of `wanted`: other stacks have them.

        A host is that of whoever came first: below it others have paths only if the same group owns them.
        """
        self._authorise(call.principal, VIEW, Target("gateway"))
        rows = await repository.routes_of(call.session, {host for host, _ in wanted.values()})
        others = [row for row in rows if _stack(row) != stack]
        found = {
            key: _conflict([row for row in others if row.host == host], stack, owner, path)
            for key, (host, path) in wanted.items()
        }
        return {key: error for key, error in found.items() if error is not None}

    async def remove_route(self, call: Call, key: str) -> None:
        """Also when there is none."""

        async def change(session: AsyncSession) -> None:
            await repository.delete_route(session, key)

        await self._change(call, "gateway.route.remove", Target("gateway"), change, {"key": key})

    async def allocate_endpoint(
        self, call: Call, key: str, upstream: Upstream, *, owner: str | None = None
    ) -> Endpoint:
        """The port that `key` holds for `upstream`, the same for as long as it holds it. Raises NoEndpointLeft."""

        async def change(session: AsyncSession) -> Endpoint:
            held = {
                row.key: (row.local_port, Upstream(row.service, row.port))
                for row in await repository.endpoints(session)
            }
            port = choose_port(self.addresses.pool, held, key, upstream)
            if port is None:
                raise NoEndpointLeft(
                    f"all {len(self.addresses.pool)} internal ports of the gateway are held",
                    hint="raise ROADBED_GATEWAY__INTERNAL_PORTS and start the platform again",
                )
            await repository.put_endpoint(session, key, port, upstream, owner)
            return Endpoint(LOOPBACK, port)

        detail = {"key": key, "service": upstream.service, "port": upstream.port}
        return await self._change(call, "gateway.endpoint.allocate", _target(upstream.service, owner), change, detail)

    async def release_endpoint(self, call: Call, key: str) -> None:
        """Also when it holds none."""

        async def change(session: AsyncSession) -> None:
            await repository.delete_endpoint(session, key)

        await self._change(call, "gateway.endpoint.release", Target("gateway"), change, {"key": key})

    async def set_backends(self, call: Call, service: str, backends: Sequence[Backend]) -> None:
        """Requests for `service` (`orders@dev/web`) go to exactly these from the moment that this returns.

        Requests that are under way go on where they are: give the old replicas a second before they end. Raises
        Unavailable when the gateway was not seen to do so; then nobody may be ended. Leaves no audit record: which
        replicas live is an observation, and what was asked for is on record where it was asked.
        """
        self._authorise(call.principal, CHANGE, _target(service, None))
        wanted = frozenset(backends)
        async with self._database.session() as session:
            version = await repository.next_version(session)
            if await repository.backends(session, service) != wanted:
                await repository.replace_backends(session, service, wanted)
        await self._tell(version)

    async def converge(self) -> None:
        """Repeats what a failure kept from the gateway; asks nobody anything when it was told all."""
        if self._told < self._committed:
            await self._tell(self._committed)

    async def _view(self, call: Call, row: RouteRow) -> RouteView:
        route = repository.to_route(row)
        ready = await repository.count_backends(call.session, route.upstream)
        return RouteView(row.key, route, self.url(route.host, route.path), ready)

    async def _change(
        self,
        call: Call,
        action: str,
        target: Target,
        change: Callable[[AsyncSession], Awaitable[T]],
        detail: Mapping[str, Any],
    ) -> T:
        self._authorise(call.principal, CHANGE, target)
        async with self._database.call(call.principal) as own:
            version = await repository.next_version(own.session)
            result = await change(own.session)
            await self._audit.record(own, action, target, detail=detail)
        await self._tell(version)
        return result

    async def _tell(self, version: int) -> None:
        """Returns once the gateway was seen to do what the tables said at `version`, or later.

        Who waits here while another is told finds, more often than not, that its own change went along.
        """
        self._committed = max(self._committed, version)
        async with self._telling:
            if self._told >= version:
                return
            async with self._database.session() as session:
                await repository.lock_publishing(session)
                newest, table = await repository.load(session)
                await self._driver.apply(table)
            self._told = newest


def _target(service: str, owner: str | None) -> Target:
    stack = service.partition("/")[0]
    return Target("gateway", stack, owner=owner, environment=StackName.parse(stack).environment)


def _conflict(rows: Sequence[RouteRow], stack: str, owner: str | None, path: str) -> RouteTaken | None:
    """With the other routes of a host. What has no owner shares its hosts with nobody: who would have agreed to it?"""
    if same := next((row for row in rows if row.path == path), None):
        return _taken(same)
    others = (row for row in rows if _stack(row) != stack)
    stranger = next((row for row in others if row.owner is None or row.owner != owner), None)
    return _of_another(stranger) if stranger else None


def _stack(row: RouteRow) -> str:
    return row.service.partition("/")[0]


def _of_another(by: RouteRow) -> RouteTaken:
    whose = f"which {by.owner} owns" if by.owner else "which has no owner"
    return RouteTaken(
        f"{by.host} is the host of {_stack(by)}, {whose}",
        hint="choose a host of your own; applications of one owner share hosts by path",
    )


def _taken(by: RouteRow) -> RouteTaken:
    return RouteTaken(
        f"{by.host}{by.path} already leads to {by.service}",
        hint=f"choose another host or path, or remove the route from {_stack(by)}",
    )
