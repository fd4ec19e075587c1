"""A gateway without a proxy: what it was told, and failures on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from roadbed.gateway.domain import RoutingTable, UpstreamMetrics
from roadbed.gateway.driver import Addresses
from roadbed.kit.errors import Unavailable


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
