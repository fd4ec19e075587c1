"""Which images are known servers, and what gives one away that a compose file builds for itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_TYPES = {
    "postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "pgvector": "postgres",
    "timescaledb": "postgres", "redis": "redis", "redis-stack": "redis", "redis-stack-server": "redis",
    "valkey": "redis", "keydb": "redis", "mysql": "mysql", "mysql-server": "mysql", "mariadb": "mysql",
    "mongo": "mongodb", "mongodb": "mongodb", "rabbitmq": "amqp", "minio": "s3", "nats": "nats",
    "elasticsearch": "elasticsearch",
}  # fmt: skip
"""The last part of an image's name → Score's type."""
_DATA = {
    "/var/lib/postgresql": "postgres", "/var/lib/mysql": "mysql", "/data/db": "mongodb", "/var/lib/rabbitmq": "amqp",
}  # fmt: skip
"""Where a server keeps what it holds → Score's type."""
_FRONTS = ("nginx", "nginx-unprivileged", "traefik", "caddy", "haproxy", "httpd", "envoy", "nginx-proxy")
_IMAGE = re.compile(r"(?:.*/)?([a-z0-9._-]+?)(?::[^/@]*)?(?:@.*)?")
_SCHEMES: Mapping[str, str] = {
    "postgres": "postgres", "postgresql": "postgres", "postgis": "postgres", "redis": "redis", "rediss": "redis",
    "valkey": "redis", "mysql": "mysql", "mariadb": "mysql", "mongodb": "mongodb", "amqp": "amqp", "amqps": "amqp",
    "nats": "nats",
}  # fmt: skip
"""What a URL begins with → Score's type."""


def server_type(image: str) -> str | None:
    """Score's type of what an image serves; None for one that is no known server."""
    name = _name(image)
    return None if name is None else _TYPES.get(name)


def passes_requests_on(image: str) -> bool:
    """Whether it is one of those that stand in front of what answers."""
    return _name(image) in _FRONTS


def type_of_data(targets: Iterable[str]) -> str | None:
    """By where something is mounted."""
    return next((type_ for target in targets for place, type_ in _DATA.items() if target.startswith(place)), None)


def type_of_url(url: str) -> str | None:
    """Of `postgresql+asyncpg://…` it is `postgres`."""
    scheme, found, _ = url.partition("://")
    return _SCHEMES.get(scheme.partition("+")[0].lower()) if found else None


def _name(image: str) -> str | None:
    match = _IMAGE.fullmatch(image)
    return match[1] if match else None
