"""A gateway without a proxy (its driver), and one that only remembers (its service): with failures on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from roadbed.gateway.domain import Backend, RoutingTable, UpstreamMetrics
from roadbed.gateway.driver import Addresses
from roadbed.kit.errors import Unavailable
from roadbed.storage.call import Call


@dataclass
class FakeGatewayDriver:
    """`told`: every table that was put into effect. Clear `open` to hold `apply` back, set `failing` to fail it."""

    pool: tuple[int, ...] = (21_000, 21_001, 21_002)
    told: list[RoutingTable] = field(default_factory=list)
    measured: list[UpstreamMetrics] = field(default_factory=list)
    failing: bool = False
    running: bool = False
    starts: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def start(self) -> Addresses:
        self.running = True
        self.starts += 1
        return Addresses("127.0.0.1", 8000, self.pool)

    async def stop(self) -> None:
        self.running = False

    async def apply(self, table: RoutingTable) -> None:
        await self.open.wait()
        if self.failing:
            raise Unavailable("the gateway does not answer")
        self.told.append(table)

    async def metrics(self) -> Sequence[UpstreamMetrics]:
        return self.measured

    def pid(self) -> int | None:
        return 1 if self.running else None


@dataclass
class FakeGateway:
    """`backends` is what it routes to, by service; `history` what each call asked for. `down` makes it refuse."""

    backends: dict[str, tuple[Backend, ...]] = field(default_factory=dict)
    history: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    down: bool = False

    def pid(self) -> int | None:
        return None

    async def set_backends(self, call: Call, service: str, backends: Sequence[Backend]) -> None:
        if self.down:
            raise Unavailable("the gateway is down")
        self.backends[service] = tuple(backends)
        self.history.append((service, tuple(sorted(backend.id for backend in backends))))
