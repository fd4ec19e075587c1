"""Redis: databases on Valkey servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Database(Resource):
    """A Valkey server of its own, which speaks the protocol of Redis 7.2: 16 databases, scripts, streams, channels.

    - `max_memory_mb`: how much it may hold, in MB; 128.
    - `eviction`: what goes when it is full: noeviction (writes are refused), allkeys-lru, volatile-ttl, …; noeviction.
    - `persistent`: whether it keeps what it holds over a restart, but for the last second; true.
    - `passwordless`: whether it lets in who gives no password, and so every program on this machine; false.
    - `keyspace_events`: which changes it tells of, by the letters of `notify-keyspace-events`; none.

    ```python
    cache = redis.Database("cache", max_memory_mb=64, eviction="allkeys-lru", persistent=False)
    url = f"redis://:{cache.password}@{cache.host}:{cache.port}/0"
    ```
    """

    TYPE = "redis:Database"

    if TYPE_CHECKING:
        host: Reference
        """The host to connect to."""
        port: Reference
        """The port to connect to."""
        username: Reference
        """Who logs in."""
        password: Reference
        """The password; enough by itself. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        max_memory_mb: int | Deferred | None = None,
        eviction: str | Deferred | None = None,
        persistent: bool | Deferred | None = None,
        passwordless: bool | Deferred | None = None,
        keyspace_events: str | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {
            "max_memory_mb": max_memory_mb,
            "eviction": eviction,
            "persistent": persistent,
            "passwordless": passwordless,
            "keyspace_events": keyspace_events,
        }
        super().__init__(self.TYPE, name, given, **options)
