"""What Traefik says of itself: the configuration that is in effect, and its metrics."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from roadbed.gateway.domain import UpstreamMetrics
from roadbed.gateway.traefik.config import upstream_of
from roadbed.storage.ports import LOOPBACK

_SAMPLE = re.compile(r"(?P<name>traefik_service_\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class TraefikApi:
    """Raises httpx.HTTPError while Traefik does not answer."""

    def __init__(self, admin_port: int, metrics_port: int) -> None:
        self._client = httpx.AsyncClient(timeout=5, trust_env=False)
        self._admin = f"http://{LOOPBACK}:{admin_port}"
        self._metrics = f"http://{LOOPBACK}:{metrics_port}"

    async def in_effect(self) -> dict[str, Any]:
        """In the shape that `shown` gives: what the handlers that answer now were built from."""
        answer = await self._client.get(f"{self._admin}/api/rawdata")
        return shown(answer.raise_for_status().json())

    async def metrics(self) -> list[UpstreamMetrics]:
        answer = await self._client.get(f"{self._metrics}/metrics")
        return parse_metrics(answer.raise_for_status().text)

    async def close(self) -> None:
        await self._client.aclose()


def shown(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Traefik's `rawdata`, reduced to what tells two configurations apart: rules, entry points and servers.

    Comparable with `wanted`. A router or service that Traefik could not build is left out.
    """
    routers = {
        _own_name(name): (router["rule"], tuple(router.get("entryPoints", ())), router["service"])
        for name, router in (raw.get("routers") or {}).items()
        if name.endswith("@file") and router.get("status") == "enabled"
    }
    services = {
        _own_name(name): frozenset(server["url"] for server in service["loadBalancer"].get("servers") or ())
        for name, service in (raw.get("services") or {}).items()
        if name.endswith("@file") and service.get("status") == "enabled"
    }
    return {"routers": routers, "services": services}


def wanted(dynamic: Mapping[str, Any]) -> dict[str, Any]:
    """A dynamic configuration in the shape of `shown`."""
    http = dynamic.get("http", {})
    routers = {
        name: (router["rule"], tuple(router["entryPoints"]), router["service"])
        for name, router in http.get("routers", {}).items()
    }
    services = {
        name: frozenset(server["url"] for server in service["loadBalancer"]["servers"])
        for name, service in http.get("services", {}).items()
    }
    return {"routers": routers, "services": services}


def _own_name(name: str) -> str:
    return name.removesuffix("@file")


def parse_metrics(text: str) -> list[UpstreamMetrics]:
    """Prometheus' text format, as far as Traefik's per-service metrics use it."""
    samples: dict[str, list[tuple[str, dict[str, str], float]]] = defaultdict(list)
    for name, labels, value in _samples(text):
        samples[labels.get("service", "")].append((name.removeprefix("traefik_service_"), labels, value))
    found = [(upstream_of(service), of_service) for service, of_service in sorted(samples.items())]
    return [
        UpstreamMetrics(
            upstream=upstream,
            requests=_sum(of_service, "requests_total", "code", int),
            seconds=sum(value for name, _, value in of_service if name == "request_duration_seconds_sum"),
            buckets=_sum(of_service, "request_duration_seconds_bucket", "le", float),
            bytes_in=int(sum(value for name, _, value in of_service if name == "requests_bytes_total")),
            bytes_out=int(sum(value for name, _, value in of_service if name == "responses_bytes_total")),
        )
        for upstream, of_service in found
        if upstream is not None
    ]


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for line in text.splitlines():
        if match := _SAMPLE.fullmatch(line):
            yield match["name"], dict(_LABEL.findall(match["labels"])), float(match["value"])


def _sum(
    samples: list[tuple[str, dict[str, str], float]], name: str, label: str, kind: type[int] | type[float]
) -> dict[Any, int]:
    """Adds up, by one label, what differs only in the others."""
    sums: dict[Any, int] = defaultdict(int)
    for sample, labels, value in samples:
        if sample == name:
            sums[kind(labels[label])] += int(value)
    return dict(sorted(sums.items()))
