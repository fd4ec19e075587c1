"""The bench's own provider, which a server loads as it loads any plugin."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from bench.engine import profiler
from bench.engine.far import Far
from bench.engine.world import PROFILE, WORLD, World
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType

EFFECT_S = 0.04
"""What an effect in the world takes; it happens in the middle."""

_PROPERTIES = {
    "value": Property({}, description="Changes in place."),
    "place": Property({"type": "string"}, replace=True, description="Where it stands."),
}


class BenchProvider:
    """A world of files, whose creations are found again by their token, and calls that only take time."""

    name: ClassVar[str] = "bench"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {
        made.name: made
        for made in (
            ResourceType("bench:Slow", "Takes 5 ms a call and does nothing.", {}, outputs={"id": "Its identity."}),
            ResourceType("bench:Thing", "A file.", _PROPERTIES, outputs={"id": "Its identity."}),
            ResourceType(
                "bench:Twin",
                "A file whose replacement stands beside it for a while.",
                _PROPERTIES,
                outputs={"id": "Its identity."},
                replacement="create_first",
            ),
        )
    }

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _far(self) -> Far:
        return Far()

    async def create(self, desired: Desired, report: Report) -> Actual:
        made = f"{desired.name}-{desired.token}"
        if desired.type == "bench:Slow":
            await self._far.call()
        else:
            await self._effect("create", desired, lambda: self._world.create(made, desired.urn, _plain(desired)))
        return _actual(made)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        if desired.type == "bench:Slow":
            await self._far.call()
            return _actual(id)
        found = self._world.find(id)
        return None if found is None else _actual(id, found.properties)

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        if desired.type == "bench:Slow":
            await self._far.call()
        else:
            await self._effect("update", desired, lambda: self._world.update(id, desired.urn, _plain(desired)))
        return _actual(id)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        if desired.type == "bench:Slow":
            await self._far.call()
        else:
            gone = id or f"{desired.name}-{desired.token}"
            await self._effect("delete", desired, lambda: self._world.delete(gone))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing is ever under way."""

    async def _effect(self, do: str, desired: Desired, effect: Any) -> None:
        self._world.mark("begin", do, desired.urn, desired.token)
        await asyncio.sleep(EFFECT_S / 2)
        effect()
        await asyncio.sleep(EFFECT_S / 2)
        self._world.mark("end", do, desired.urn, desired.token)


def _plain(desired: Desired) -> dict[str, Any]:
    return dict(desired.properties)


def _actual(id: str, properties: Mapping[str, Any] | None = None) -> Actual:
    return Actual(id, {"id": id}, properties=properties)


def make() -> BenchProvider:
    """What the plugin's entry point names."""
    if PROFILE in os.environ:
        profiler.start(Path(os.environ[PROFILE]))
    return BenchProvider(World(Path(os.environ[WORLD])))
