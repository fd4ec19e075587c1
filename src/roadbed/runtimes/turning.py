"""A loop that keeps something to what it is to be: turn by turn, woken by changes and by the clock."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from roadbed.kit.errors import RoadbedError

_RETRY_S = 1.0

log = logging.getLogger(__name__)


class Turning(ABC):
    """`key` names what it keeps. `run` returns when that is gone."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something has changed: look again."""
        self._wake.set()

    async def run(self) -> None:
        try:
            while True:
                self._wake.clear()
                rest = await self._try_turn()
                if rest is None:
                    return
                if rest > 0:
                    await self._sleep(rest)
        finally:
            await self._close()

    @abstractmethod
    async def _turn(self) -> float | None:
        """Looks, decides and acts once. Seconds until the next turn, None when there is nothing to keep any more."""

    @abstractmethod
    async def _close(self) -> None:
        """Ends what it has begun beside its turns."""

    async def _try_turn(self) -> float | None:
        try:
            return await self._turn()
        except (RoadbedError, DBAPIError, OSError) as error:
            log.warning("%s: trying again in %g s: %s", self._key, _RETRY_S, error)
        except Exception:  # a mistake of ours about one of them; the other keepers and the next turn are sound
            log.exception("%s: trying again in %g s", self._key, _RETRY_S)
        return _RETRY_S

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
