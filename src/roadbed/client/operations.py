"""Durable work that the platform accepted: reading, following and cancelling it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from roadbed.client.streams import ServerEvent, read_events
from roadbed.client.transport import Transport, path_of
from roadbed.kit.errors import Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, Listing, Operation, OperationLogLine

_LOOK_AGAIN = 0.1
"""Seconds."""
ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Operations:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, target: str | None = None, state: str | None = None, limit: int | None = None
    ) -> Listing[Operation]:
        """Newest first; `target` is a stack (`orders@dev`)."""
        query = {"target": target, "state": state, "limit": limit}
        return cast("Listing[Operation]", self._transport.request("GET", "/operations", query=query))

    def get(self, operation: str) -> Operation:
        return cast("Operation", self._transport.request("GET", path_of("operations", operation)))

    def cancel(self, operation: str) -> Operation | None:
        return cast("Operation | None", self._transport.request("POST", path_of("operations", operation, "cancel")))

    def log(self, operation: str, after: int = 0) -> Listing[OperationLogLine]:
        path = path_of("operations", operation, "log")
        return cast("Listing[OperationLogLine]", self._transport.request("GET", path, query={"after": after}))

    def wait(self, operation: str, patience: float = 60.0) -> Operation:
        """The operation as it ended, well or not. Raises Unavailable once the platform is away `patience` seconds."""
        away_until = time.monotonic() + patience
        while True:
            try:
                found = self.get(operation)
                away_until = time.monotonic() + patience
                if found["state"] in ENDED:
                    return found
                for _ in self.events(operation):
                    away_until = time.monotonic() + patience
            except Unavailable:
                if time.monotonic() > away_until:
                    raise
            time.sleep(_LOOK_AGAIN)

    def events(self, operation: str) -> Iterator[ServerEvent]:
        """`operation` events hold an Operation, `log` events a line of its log. Ends after the operation did."""
        path = path_of("operations", operation, "events")
        return read_events(self._transport.lines(path, accept="text/event-stream"))


def id_of(accepted: Accepted) -> str | None:
    """The id of the operation that was accepted; None where nothing had to be done."""
    operation = accepted.get("operation")
    return operation["id"] if isinstance(operation, dict) else operation
