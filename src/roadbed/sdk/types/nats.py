"""NATS: accounts on a NATS server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from roadbed.sdk.options import Options
from roadbed.sdk.references import Deferred, Reference
from roadbed.sdk.resources import Resource


class Account(Resource):
    """An account on the platform's NATS server, with a user of its own: nobody else meets its subjects and streams.

    - `jetstream`: whether it has streams, key-value and object stores; true.
    - `max_storage_mb`: how much of them it may keep on disk, in MB; 1024.
    - `max_connections`: how many connections it may have at a time; 1000.

    ```python
    queue = nats.Account("queue")
    url = f"nats://{queue.username}:{queue.password}@{queue.host}:{queue.port}"
    ```
    """

    TYPE = "nats:Account"

    if TYPE_CHECKING:
        host: Reference
        """The host to connect to."""
        port: Reference
        """The port to connect to."""
        username: Reference
        """The user."""
        account: Reference
        """The account."""
        password: Reference
        """The user's password. Secret."""

    def __init__(
        self,
        name: str,
        /,
        *,
        jetstream: bool | Deferred | None = None,
        max_storage_mb: int | Deferred | None = None,
        max_connections: int | Deferred | None = None,
        **options: Unpack[Options],
    ) -> None:
        given = {"jetstream": jetstream, "max_storage_mb": max_storage_mb, "max_connections": max_connections}
        super().__init__(self.TYPE, name, given, **options)
