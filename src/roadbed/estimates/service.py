"""The door to estimates: who estimates what in which environment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import lru_cache

from roadbed.estimates.grids import EnergyMix
from roadbed.estimates.machines import MachineTables
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.reader import FILE, Prices, read_prices
from roadbed.estimates.registry import estimators
from roadbed.kit.access import Authorise, Target
from roadbed.kit.errors import NotFound
from roadbed.platform.service import Platform
from roadbed.storage.call import Call


class Estimates:
    """`types` are the resource types that there are."""

    def __init__(self, authorise: Authorise, platform: Platform, types: Collection[str] = ()) -> None:
        self._authorise, self._platform, self._types = authorise, platform, types
        self.estimators = estimators()
        self._machines, self._grids = MachineTables(), EnergyMix()
        self._read = lru_cache(maxsize=8)(self._parse)

    def of(self, platform: Platform) -> Estimates:
        """By the price sheet of another platform repo: one that is only looked at."""
        return Estimates(self._authorise, platform, self._types)

    async def pricer(self, call: Call, environment: str) -> Pricer:
        """Raises NotFound while the platform repo has no price sheet, and InvalidInput for what is wrong in it."""
        prices = await self.prices(call)
        return Pricer(prices.of(environment), self.estimators, self._machines)

    async def prices(self, call: Call) -> Prices:
        """The price sheet of the platform repo. Raises as `pricer` does."""
        self._authorise(call.principal, "environment.view", Target("environment"))
        text = await self._platform.prices_file(call)
        if text is None:
            raise NotFound(f"the platform repo has no {FILE}", hint="write one: docs/reference/prices-yaml.md says how")
        return await asyncio.to_thread(self._read, text, tuple(await self._platform.kinds(call)))

    def _parse(self, text: str, environments: tuple[str, ...]) -> Prices:
        return read_prices(text, environments, self._grids, self._types)
