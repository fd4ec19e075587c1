"""Routes, endpoints, backends, and the table of them all that a driver puts into effect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from roadbed.kit.errors import InvalidInput

HOST = r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
HOST_RULE = "use lower-case letters, digits, - and ."
PATH = r"/[A-Za-z0-9._~/-]{0,255}"
PATH_RULE = "it begins with / and has no query and no spaces"
_HOST, _PATH = re.compile(HOST), re.compile(PATH)
_SERVICE = re.compile(r"[a-z0-9-]+@[a-z0-9-]+/[A-Za-z0-9_-]+")
_PORT = re.compile(r"[A-Za-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True, order=True)
class Upstream:
    """Where requests go: a port, by its name or number, of a service such as `orders@dev/web`."""

    service: str
    port: str

    def __post_init__(self) -> None:
        if not _SERVICE.fullmatch(self.service):
            raise InvalidInput(
                f"{self.service!r} is not a service", hint="it is written stack/workload: orders@dev/web"
            )
        if not _PORT.fullmatch(self.port):
            raise InvalidInput(f"{self.port!r} is not a port of {self.service}", hint="use its name or number")

    @property
    def stack(self) -> str:
        return self.service.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Route:
    """Requests for `host` whose path begins with `path` go to `upstream`, their path unchanged."""

    host: str
    path: str
    upstream: Upstream

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise InvalidInput(f"{self.host!r} is not a host name", hint=HOST_RULE)
        if not _PATH.fullmatch(self.path):
            raise InvalidInput(f"{self.path!r} is not a path", hint=PATH_RULE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A loopback port that the gateway holds for a workload, so that other services reach it wherever it runs."""

    hostname: str
    port: int


@dataclass(frozen=True, slots=True, order=True)
class Backend:
    """One replica's port. `id` is the replica's; `name` the port that it serves, empty where it serves them all."""

    id: str
    host: str
    port: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All that a driver must put into effect. `routes` and `endpoints` have the keys of their owners (URNs).

    `backends` maps a service to its replicas; one that is missing has none, and is answered with 503.
    """

    routes: Mapping[str, Route] = field(default_factory=dict)
    endpoints: Mapping[str, tuple[int, Upstream]] = field(default_factory=dict)
    backends: Mapping[str, tuple[Backend, ...]] = field(default_factory=dict)

    def upstreams(self) -> list[Upstream]:
        """Everything that a route or an endpoint leads to, in a stable order."""
        of_routes = {route.upstream for route in self.routes.values()}
        return sorted(of_routes | {upstream for _, upstream in self.endpoints.values()})

    def serving(self, upstream: Upstream) -> list[Backend]:
        """The replicas that answer on this port, in a stable order."""
        return sorted(
            backend for backend in self.backends.get(upstream.service, ()) if backend.name in ("", upstream.port)
        )


@dataclass(frozen=True, slots=True)
class RouteView:
    """A route as readers see it. `ready` counts the replicas behind it."""

    key: str
    route: Route
    url: str
    ready: int


@dataclass(frozen=True, slots=True)
class UpstreamMetrics:
    """Since the gateway started. `requests` counts answers by status code, `seconds` sums the time they took.

    `buckets` counts the answers that took at most so many seconds, cumulatively, as Prometheus does.
    """

    upstream: Upstream
    requests: Mapping[int, int]
    seconds: float
    buckets: Mapping[float, int]
    bytes_in: int
    bytes_out: int


def creation_key(urn: str, token: str) -> str:
    """What the gateway knows a creation by: another of the same URN, once the first was moved, is another."""
    return f"{urn}!{token}" if token else urn


def choose_port(
    pool: tuple[int, ...], held: Mapping[str, tuple[int, Upstream]], key: str, upstream: Upstream
) -> int | None:
    """The port for an endpoint: the one it has, else one that leads to the same upstream, else the first that is free.

    An endpoint that changes its upstream keeps its port unless others share it. None: the pool is used up.
    """
    if key in held:
        port, before = held[key]
        shared = any(other == port for name, (other, _) in held.items() if name != key)
        if before == upstream or not shared:
            return port
    for port, leads_to in held.values():
        if leads_to == upstream:
            return port
    taken = {port for port, _ in held.values()}
    return next((port for port in pool if port not in taken), None)
