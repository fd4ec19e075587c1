"""The gateway's resource types: public routes and internal endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from roadbed.gateway.domain import HOST, HOST_RULE, PATH, PATH_RULE, Endpoint, Route, Upstream, creation_key
from roadbed.gateway.errors import RouteTaken
from roadbed.gateway.service import Gateway
from roadbed.kit.access import system
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.storage.database import Database

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1}
_HOST: Mapping[str, Any] = {"type": "string", "pattern": f"^{HOST}$", "title": "a host name", "description": HOST_RULE}
_PATH: Mapping[str, Any] = {
    "type": "string",
    "pattern": f"^{PATH}$",
    "default": "/",
    "title": "a path",
    "description": PATH_RULE,
}
_PORT: Mapping[str, Any] = {
    "anyOf": [{"type": "string", "minLength": 1}, {"type": "integer", "minimum": 1, "maximum": 65_535}]
}
_WORKLOAD = Property(_TEXT, required=True, description="The workload of this stack that answers.")
_WORKLOAD_PORT = Property(_PORT, required=True, description="The service port's name, or its number.")

ROUTE, ENDPOINT = "gateway:Route", "gateway:Endpoint"


class GatewayProvider:
    """A resource's id is the gateway's key of it: the URN and the creation's token, so that making one again finds what
    is there, and one that takes the name of another that was moved doesn't.
    """

    name: ClassVar[str] = "gateway"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {
        ROUTE: ResourceType(
            ROUTE,
            "Requests from outside for a host, and everything below a path, go to a workload.",
            {
                "host": Property(_HOST, required=True, description="The host name, such as orders.dev.localhost."),
                "path": Property(_PATH, description="The path; / when left out."),
                "workload": _WORKLOAD,
                "port": _WORKLOAD_PORT,
            },
            outputs={"url": "Where it is reached, with the gateway's port."},
            follows={"url": ("host", "path")},
        ),
        ENDPOINT: ResourceType(
            ENDPOINT,
            "An address by which other services reach a workload, whichever replicas it has.",
            {"workload": _WORKLOAD, "port": _WORKLOAD_PORT},
            outputs={"hostname": "The host to connect to.", "port": "The port to connect to."},
            follows={"port": ("workload", "port")},
        ),
    }

    def __init__(self, gateway: Gateway, database: Database) -> None:
        self._gateway = gateway
        self._database = database

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, _key(desired))

    async def claimed(
        self, stack: str, owner: str | None, wanted: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, RouteTaken]:
        """Routes whose host or path is another stack's. What is known only after an apply is asked about then."""
        asked = {urn: (one.get("host"), one.get("path", "/")) for urn, one in wanted.items()}
        known = {
            urn: (host, path) for urn, (host, path) in asked.items() if isinstance(host, str) and isinstance(path, str)
        }
        async with self._database.call(system("gateway")) as call:
            return await self._gateway.taken(call, stack, owner, known)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        async with self._database.call(system("gateway")) as call:
            if desired.type == ENDPOINT:
                found = await self._gateway.find_endpoint(call, id)
                return _endpoint(desired, id, *found) if found else None
            view = await self._gateway.find_route(call, id)
            return _routed(desired, id, view.route, view.url) if view else None

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self._put(desired, id)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        async with self._database.call(system("gateway")) as call:
            if desired.type == ENDPOINT:
                await self._gateway.release_endpoint(call, id or _key(desired))
            else:
                await self._gateway.remove_route(call, id or _key(desired))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """A change is in effect when it returns."""

    async def _put(self, desired: Desired, key: str) -> Actual:
        async with self._database.call(system("gateway")) as call:
            if desired.type == ENDPOINT:
                upstream = _upstream(desired)
                endpoint = await self._gateway.allocate_endpoint(call, key, upstream, owner=desired.owner)
                return _endpoint(desired, key, endpoint, upstream)
            view = await self._gateway.set_route(call, key, _route(desired), owner=desired.owner)
            return _routed(desired, key, view.route, view.url)


def _key(desired: Desired) -> str:
    return creation_key(desired.urn, desired.token)


def _upstream(desired: Desired) -> Upstream:
    return Upstream(f"{desired.stack}/{desired.properties['workload']}", str(desired.properties["port"]))


def _route(desired: Desired) -> Route:
    return Route(desired.properties["host"], desired.properties.get("path") or "/", _upstream(desired))


def _routed(desired: Desired, key: str, route: Route, url: str) -> Actual:
    properties = {"host": route.host, **_target(desired, route.upstream)}
    if route.path != "/" or "path" in desired.properties:
        properties["path"] = route.path
    return Actual(key, {"url": url}, properties=properties)


def _endpoint(desired: Desired, key: str, endpoint: Endpoint, upstream: Upstream) -> Actual:
    outputs = {"hostname": endpoint.hostname, "port": endpoint.port}
    return Actual(key, outputs, properties=_target(desired, upstream))


def _target(desired: Desired, upstream: Upstream) -> dict[str, Any]:
    """As it was declared where it is the same, so that 80 and "80" are no drift."""
    declared = desired.properties.get("port")
    port = declared if str(declared) == upstream.port else upstream.port
    return {"workload": upstream.service.partition("/")[2], "port": port}
