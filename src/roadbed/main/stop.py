"""Ends what outlives the server: applications, gateway, databases. Each line it prints is a step that it begins."""

from __future__ import annotations

import asyncio

from roadbed.gateway.traefik.driver import Traefik
from roadbed.main.databases import Databases
from roadbed.main.embedded import EmbeddedServers
from roadbed.main.settings import Settings
from roadbed.runtimes.drivers.process.driver import ProcessDriver


async def stop(settings: Settings) -> None:
    """Returns when nothing of this home runs any more. What they hold is kept."""
    driver = ProcessDriver(settings.home, settings.runtimes)
    running = [one for one in driver.known() if (status := driver.inspect(one)) is not None and status.running]
    if running:
        _say(f"Stopping {len(running)} replicas")
        await asyncio.gather(*(driver.stop(one) for one in running))
        await asyncio.gather(*(driver.wait(one) for one in running))
    _say("Stopping the gateway")
    await Traefik(settings.home / "gateway", settings.gateway).stop()
    servers = EmbeddedServers(settings.home)
    if servers.running():
        _say("Stopping the servers of applications")
        await servers.stop()
    _say("Stopping the databases")
    await Databases(settings.home, settings.database).stop()


def _say(line: str) -> None:
    print(line, flush=True)
