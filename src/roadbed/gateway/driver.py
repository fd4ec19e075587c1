"""What a proxy must be able to do to be the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from roadbed.gateway.domain import RoutingTable, UpstreamMetrics


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the proxy listens. `pool` holds the ports that endpoints may get, usable ones only."""

    host: str
    port: int
    pool: tuple[int, ...]


class GatewayDriver(Protocol):
    async def start(self) -> Addresses:
        """Starts the proxy, or adopts one that runs. Raises Unavailable with its last words."""
        ...

    async def stop(self) -> None:
        """Ends the proxy; what it serves is cut off. Also when it was not there."""
        ...

    async def apply(self, table: RoutingTable) -> None:
        """Returns once the proxy was seen to route exactly so. Raises Unavailable when it doesn't in good time."""
        ...

    async def metrics(self) -> Sequence[UpstreamMetrics]: ...

    def pid(self) -> int | None:
        """The proxy's process, None where it does not run (or is no process of this machine)."""
        ...
