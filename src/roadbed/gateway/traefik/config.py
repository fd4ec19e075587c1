"""Traefik's two configurations. Pure: domain in, plain data out. Sources: Traefik 3.7's reference of both.

The static one is fixed when Traefik starts: entry points (the web port, a pool of internal ports), logs, metrics. The
dynamic one follows the routing table and is what Traefik re-reads while it runs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadbed.gateway.domain import Route, RoutingTable, Upstream
from roadbed.storage.ports import LOOPBACK

WEB, ADMIN, METRICS = "web", "traefik", "metrics"
RETRY_ANSWER, RETRY_CONNECT = "retry-answer", "retry-connect"

_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]


@dataclass(frozen=True, slots=True)
class Ports:
    """`web` is on the gateway's host, the others are on loopback."""

    web: int
    admin: int
    metrics: int
    pool: tuple[int, ...]


def static_config(host: str, ports: Ports, watched: Path, log: Path) -> dict[str, Any]:
    addresses = {WEB: f"{host}:{ports.web}", ADMIN: f"{LOOPBACK}:{ports.admin}", METRICS: f"{LOOPBACK}:{ports.metrics}"}
    addresses |= {pool_entry_point(port): f"{LOOPBACK}:{port}" for port in ports.pool}
    return {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "entryPoints": {name: _entry_point(address) for name, address in addresses.items()},
        "providers": {
            "providersThrottleDuration": "10ms",
            "file": {"directory": str(watched), "watch": True},
        },
        "api": {"insecure": True, "dashboard": False, "disableDashboardAd": True},
        "metrics": {
            "prometheus": {
                "entryPoint": METRICS,
                "addEntryPointsLabels": False,
                "addServicesLabels": True,
                "buckets": _BUCKETS,
            }
        },
        "log": {"level": "WARN", "format": "common", "filePath": str(log), "maxSize": 10, "maxBackups": 3},
    }


def _entry_point(address: str) -> dict[str, Any]:
    """Headers such as `X_Forwarded_For` are dropped: WSGI servers can't tell them from those that Traefik sets."""
    return {"address": address, "http": {"aliasHeadersStrategy": "delete"}}


def dynamic_config(table: RoutingTable, pool: tuple[int, ...]) -> dict[str, Any]:
    """An endpoint whose port is not in `pool` (another program took it) is left out.

    An empty table gives an empty mapping: Traefik refuses `http: {}`.
    """
    routers = {
        _router_name(key): _router(_rule(route), WEB, route.upstream) for key, route in sorted(table.routes.items())
    }
    for port, upstream in sorted(table.endpoints.values()):
        if port in pool:
            routers[pool_entry_point(port)] = _router("PathPrefix(`/`)", pool_entry_point(port), upstream)
    if not routers:
        return {}
    services = {service_name(upstream): _service(table, upstream) for upstream in table.upstreams()}
    return {"http": {"routers": routers, "services": services, "middlewares": _retries()}}


def pool_entry_point(port: int) -> str:
    return f"endpoint-{port}"


def service_name(upstream: Upstream) -> str:
    """`orders@dev/web` and `http` become `orders.dev.web.http`; no part of it can hold a dot."""
    return ".".join((*upstream.service.replace("@", "/").split("/"), upstream.port))


def upstream_of(service: str) -> Upstream | None:
    """The inverse of `service_name`, for a name as Traefik gives it (`orders.dev.web.http@file`)."""
    name, _, provider = service.partition("@")
    parts = name.split(".")
    if provider != "file" or len(parts) != 4:
        return None
    return Upstream(f"{parts[0]}@{parts[1]}/{parts[2]}", parts[3])


def _router_name(key: str) -> str:
    return f"route-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _rule(route: Route) -> str:
    """A path matches itself and what lies below it: `/api` matches `/api/x` and not `/apis`."""
    host = f"Host(`{route.host}`)"
    path = route.path.rstrip("/")
    return f"{host} && (Path(`{path}`) || PathPrefix(`{path}/`))" if path else host


def _router(rule: str, entry_point: str, upstream: Upstream) -> dict[str, Any]:
    return {
        "rule": rule,
        "entryPoints": [entry_point],
        "service": service_name(upstream),
        "middlewares": [RETRY_ANSWER, RETRY_CONNECT],
    }


def _service(table: RoutingTable, upstream: Upstream) -> dict[str, Any]:
    servers = [{"url": f"http://{backend.host}:{backend.port}"} for backend in table.serving(upstream)]
    return {"loadBalancer": {"servers": servers, "passHostHeader": True}}


def _retries() -> dict[str, Any]:
    """Give a request whose replica is dead to another replica, until it is out of the table a moment later.

    Who can't be connected to has seen nothing of the request: whatever its method, it is tried again often and at
    once, because two requests in a row may well be given to the same dead replica. Who was connected to may have begun
    to work: only idempotent requests are tried again, a few times, never a POST. A body too big to be kept for that is
    passed on and not sent twice.
    """
    limit = {"maxRequestBodyBytes": 1_048_576}
    return {
        RETRY_ANSWER: {"retry": {"attempts": 3, "initialInterval": "50ms", "status": ["502-504"], **limit}},
        RETRY_CONNECT: {"retry": {"attempts": 12, "initialInterval": "5ms", **limit}},
    }
