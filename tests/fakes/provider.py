"""A provider of a world in memory, which fails when it is told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from roadbed.kit.errors import OperationFailed
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType, Transient


class Crash(BaseException):
    """Stands in for the death of the process: nothing may handle it."""


@dataclass
class FakeWorld:
    """What exists, by URN. Faults are taken in order by the calls on a resource's name, before or after the effect."""

    name: ClassVar[str] = "test"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {
        "test:Thing": ResourceType(
            name="test:Thing",
            description="A thing of the test's world.",
            properties={"value": Property({}), "place": Property({"type": "string"}, replace=True)},
            outputs={"id": "Its identity."},
            secret_outputs={"key": "Its key."},
        ),
        "test:Rollout": ResourceType(
            name="test:Rollout",
            description="Runs.",
            properties={"value": Property({})},
            outputs={"id": "Its identity."},
            secret_outputs={"key": "Its key."},
            phase="rollout",
        ),
    }

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    before: dict[str, list[Exception | BaseException]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Exception | BaseException]] = field(default_factory=lambda: defaultdict(list))
    running: int = 0
    most_running: int = 0

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._change("create", desired, lambda: self._put(desired))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self._change("update", desired, lambda: self._put(desired))

    async def read(self, desired: Desired, id: str) -> Actual | None:
        return self._actual(desired) if desired.urn in self.things else None

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        await self._change("delete", desired, lambda: self.things.pop(desired.urn, None))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        self.calls.append(("settle", desired.name))

    async def _change(self, action: str, desired: Desired, effect: Callable[[], object]) -> Actual:
        self.calls.append((action, desired.name))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0)
            _raise_next(self.before[desired.name])
            effect()
            _raise_next(self.after[desired.name])
            return self._actual(desired)
        finally:
            self.running -= 1

    def _put(self, desired: Desired) -> None:
        self.things[desired.urn] = dict(desired.properties)

    @staticmethod
    def _actual(desired: Desired) -> Actual:
        return Actual(f"id-{desired.name}", {"id": f"id-{desired.name}"}, {"key": f"key of {desired.name}"})


def _raise_next(faults: list[Exception | BaseException]) -> None:
    if faults:
        raise faults.pop(0)


def transient() -> Transient:
    return Transient("the world is busy")


def permanent() -> OperationFailed:
    return OperationFailed("the world says no", hint="ask another world")
