"""The servers that run for applications beside PostgreSQL, each from when it is first needed until nothing uses it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from roadbed.doctor.domain import Component
from roadbed.doctor.service import memory_mb
from roadbed.kit.errors import RoadbedError
from roadbed.providers.embedded.server import EmbeddedServer
from roadbed.providers.nats.server import NatsServer
from roadbed.providers.redis.server import RedisServers
from roadbed.providers.s3.server import S3Server

_EVERY_S, _LONGEST_PAUSE_S = 1.0, 30.0

_log = logging.getLogger(__name__)


class EmbeddedServers:
    """Makes none of them: their providers do."""

    def __init__(self, home: Path) -> None:
        self.redis = RedisServers(home)
        self.nats = NatsServer(home)
        self.s3 = S3Server(home)

    async def keep(self) -> None:
        """Starts again, within about a second, what should run and doesn't. Run it as a task; cancel it to end it."""
        pauses: dict[str, float] = {}
        now = asyncio.get_running_loop().time
        while True:
            for server in self._servers():
                if pauses.get(server.key, 0) < now():
                    pauses[server.key] = now() + await self._kept(server)
            await asyncio.sleep(_EVERY_S)

    async def _kept(self, server: EmbeddedServer) -> float:
        """How long it is left alone now, in seconds."""
        try:
            server.trim_log()
            if await server.keep():
                _log.warning("%s did not run: it was started again", server.program.shown)
        except (RoadbedError, OSError) as error:
            _log.warning("%s can't be started again, next attempt in 30 s: %s", server.program.shown, error)
            return _LONGEST_PAUSE_S
        return 0

    def running(self) -> bool:
        """Whether any does."""
        return any(server.pid() is not None for server in self._servers())

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop() for server in self._servers()))

    def components(self) -> Sequence[Component]:
        """A line for each kind of which something should run."""
        kinds = [(kind.shown, list(kind.servers())) for kind in self._kinds]
        return [_component(shown, servers) for shown, servers in kinds if servers]

    def _servers(self) -> list[EmbeddedServer]:
        return [server for kind in self._kinds for server in kind.servers()]

    @property
    def _kinds(self) -> Sequence[RedisServers | NatsServer | S3Server]:
        return (self.redis, self.nats, self.s3)


def _component(shown: str, servers: Sequence[EmbeddedServer]) -> Component:
    pids = [pid for server in servers if (pid := server.pid()) is not None]
    memory = sum(memory_mb(pid) or 0 for pid in pids)
    ports = sorted(server.ports[server.program.ports[0]] for server in servers if server.ports)
    several = f"{len(pids)} of {len(servers)} servers, " if len(servers) > 1 else ""
    detail = f"{several}on 127.0.0.1:{', '.join(map(str, ports[:5]))}{', …' if len(ports) > 5 else ''}"
    running = len(pids) == len(servers)
    return Component(shown, "running" if running else "stopped", detail, pids[0] if len(pids) == 1 else None, memory)
