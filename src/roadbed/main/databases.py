"""The two database servers: the platform's own, and the one that holds the applications' databases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from roadbed.kit.errors import RoadbedError, Unavailable
from roadbed.main.settings import DatabaseSettings
from roadbed.storage.embedded import EmbeddedPostgres
from roadbed.storage.migrate import upgrade

_DATABASE = "roadbed"
_EVERY_S, _LONGEST_PAUSE_S = 1.0, 30.0

_log = logging.getLogger(__name__)


class Databases:
    """`platform` is None where an external PostgreSQL holds the platform's state."""

    def __init__(self, home: Path, settings: DatabaseSettings) -> None:
        self._external = settings.url
        self.platform = None if settings.url else EmbeddedPostgres(home / "postgres" / "platform", name="platform's")
        self.applications = EmbeddedPostgres(
            home / "postgres" / "applications",
            name="applications'",
            tcp_port=settings.applications_port,
            max_connections=300,
        )

    async def start(self) -> str:
        """Starts both, brings the platform's to this version's schema, and returns its URL. Raises Unavailable."""
        _, url = await asyncio.gather(self.applications.start(), self._start_platform())
        try:
            await upgrade(url)
        except psycopg.OperationalError as error:
            where = urlsplit(url).hostname or "its socket"
            raise Unavailable(
                f"the platform's database at {where} can't be reached: {error}",
                hint="see that it runs, and that ROADBED_DATABASE__URL is right",
            ) from error
        return url

    async def _start_platform(self) -> str:
        if self.platform is None:
            return self._external or ""
        await self.platform.start()
        await self.platform.ensure_database(_DATABASE)
        return self.platform.url(_DATABASE)

    async def keep(self) -> None:
        """Starts again, within about a second, a server that was killed. Run it as a task; cancel it to end it."""
        pause = _EVERY_S
        while True:
            await asyncio.sleep(pause)
            try:
                await self._restart_killed()
                pause = _EVERY_S
            except (RoadbedError, OSError) as error:
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                _log.warning("a database can't be started again, next attempt in %.0f s: %s", pause, error)

    async def _restart_killed(self) -> None:
        for server in self._embedded:
            if server.pid is None:
                _log.warning("the %s PostgreSQL server was ended by somebody else: starting it again", server.name)
                await server.start()

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop() for server in self._embedded))

    @property
    def _embedded(self) -> Sequence[EmbeddedPostgres]:
        return [server for server in (self.platform, self.applications) if server is not None]
