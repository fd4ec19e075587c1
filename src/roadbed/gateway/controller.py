"""Keeps the proxy alive and told: what is done about it once a second."""

from __future__ import annotations

import asyncio
import logging

from roadbed.gateway.service import Gateway
from roadbed.kit.errors import RoadbedError

_EVERY_S, _LONGEST_PAUSE_S = 1.0, 30.0

_log = logging.getLogger(__name__)


class GatewayController:
    """Run it as a task for as long as the platform runs; cancel it to end it. The proxy runs on."""

    def __init__(self, gateway: Gateway, *, every_s: float = _EVERY_S) -> None:
        self._gateway = gateway
        self._every_s = every_s

    async def run(self) -> None:
        pause = self._every_s
        while True:
            await asyncio.sleep(pause)
            try:
                await self.turn()
                pause = self._every_s
            except (RoadbedError, OSError) as error:
                pause = min(pause * 2, _LONGEST_PAUSE_S)
                _log.warning("the gateway is not as it should be, trying again in %.0f s: %s", pause, error)

    async def turn(self) -> None:
        """Starts the proxy again if it has ended, and repeats what a failure kept from it."""
        if self._gateway.pid() is None:
            await self._gateway.start()
        else:
            await self._gateway.converge()
