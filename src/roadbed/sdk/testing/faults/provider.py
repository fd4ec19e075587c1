"""The provider of a world: it keeps to every rule, but for the faults that are asked for."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from roadbed.kit.errors import OperationFailed
from roadbed.sdk.providers import Actual, Desired, Property, Report, ResourceType, Transient
from roadbed.sdk.testing.faults.world import Action, Fault, Thing, World


class Crash(BaseException):
    """Stands in for the death of the process: nothing may handle it."""


def raise_crash() -> None:
    raise Crash


def kill() -> None:
    """The real thing."""
    os.kill(os.getpid(), signal.SIGKILL)


_PROPERTIES = {
    "value": Property({}, description="Anything; changes in place."),
    "place": Property({"type": "string"}, replace=True, description="Where it stands."),
}
_OUTPUTS = {"id": "Its identity.", "value": "What it was given.", "stable": "The same through every update."}


def _type(name: str, description: str, **more: Any) -> ResourceType:
    return ResourceType(
        f"test:{name}",
        description,
        _PROPERTIES,
        outputs=_OUTPUTS,
        secret_outputs={"key": "Its key."},
        follows={"value": ("value",)},
        **more,
    )


class FaultyProvider:
    """Keeps to every rule of a provider, until the world says otherwise.

    `die` is what a crash is: `raise_crash` for tests in one process, `kill` in a process of its own.
    """

    name: ClassVar[str] = "test"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {
        made.name: made
        for made in (
            _type("Thing", "A thing; its replacement interrupts.", configures=True),
            _type("Twin", "A thing whose replacement can stand beside it.", replacement="create_first"),
            _type("Once", "A thing that can't be found again after a crash.", may_run_twice=True),
            _type("Rollout", "A thing that runs.", phase="rollout"),
        )
    }

    def __init__(self, world: World, *, die: Callable[[], None] = raise_crash) -> None:
        self.world = world
        self._die = die
        self.running = 0
        self.most_running = 0

    async def create(self, desired: Desired, report: Report) -> Actual:
        made: Actual = await self._do("create", desired, lambda: self.world.create(self._id(desired), desired))
        return made

    async def read(self, desired: Desired, id: str) -> Actual | None:
        found: Actual | None = await self._do("read", desired, lambda: self.world.find(id))
        return found

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        changed: Actual = await self._do("update", desired, lambda: self.world.update(id, desired))
        return changed

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        await self._do("delete", desired, lambda: self.world.delete(id or self._id(desired), desired))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        await self._do("settle", desired, lambda: None)

    async def _do(self, action: Action, desired: Desired, effect: Callable[[], Thing | None]) -> Any:
        """The effect with the next fault around it. An answer is an Actual, unless a lie is asked for."""
        self.world.called(action, desired)
        fault = self.world.take_fault(desired.name, action)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0)
            await self._before(fault, desired)
            thing = effect()
            await self._after(fault, desired)
            return _answer(thing, fault, desired)
        finally:
            self.running -= 1

    async def _before(self, fault: Fault | None, desired: Desired) -> None:
        match fault:
            case "error":
                raise OperationFailed(f"the world refuses {desired.name}", hint="ask another world")
            case "transient":
                raise Transient(f"the world is too busy for {desired.name}")
            case "bug":
                raise RuntimeError(f"a bug in the provider of {desired.name}")
            case "hang":
                await asyncio.Event().wait()
            case "crash_before":
                self._die()

    async def _after(self, fault: Fault | None, desired: Desired) -> None:
        match fault:
            case "lost":
                raise Transient(f"the answer about {desired.name} was lost")
            case "lost_error":
                raise OperationFailed(f"the connection broke after {desired.name}")
            case "hang_after":
                await asyncio.Event().wait()
            case "crash_after":
                self._die()

    def _id(self, desired: Desired) -> str:
        """Once can't be found again: each creation makes another."""
        if desired.type == "test:Once":
            return f"{desired.name}-{os.urandom(8).hex()}"
        return f"{desired.name}-{desired.token or hashlib.sha256(desired.urn.encode()).hexdigest()[:32]}"


KEY = "key-of-"
"""What each secret output begins with."""


def key_of(thing: Thing) -> str:
    """The secret output of a thing: the same as long as it lives."""
    return f"{KEY}{hashlib.sha256(thing.id.encode()).hexdigest()[:16]}"


def _is_secret(desired: Desired) -> bool:
    """Whether there is anything secret in `value`: it is recorded by its fingerprint then, and never a plain output."""
    given = any(path.partition(".")[0] == "value" for path in desired.secret_paths)
    return given or "$secret" in json.dumps(desired.properties.get("value"))


def _answer(thing: Thing | None, fault: Fault | None, desired: Desired) -> Any:
    if thing is None:
        return None
    value = None if _is_secret(desired) else thing.properties.get("value")
    outputs = {"id": thing.id, "value": value, "stable": f"stable-{thing.id}"}
    actual = Actual(thing.id, outputs, {"key": key_of(thing)}, properties=thing.properties)
    match fault:
        case "lie_garbage":
            return {"id": thing.id}
        case "lie_id":
            return replace(actual, id=42)  # type: ignore[arg-type]  # that is the lie
        case "lie_undeclared":
            return replace(actual, outputs={**outputs, "surprise": True})
        case "lie_missing":
            return replace(actual, outputs={"id": thing.id})
        case "lie_secret":
            return replace(actual, outputs={**outputs, "key": key_of(thing)}, secrets={})
        case "lie_changed":
            return replace(actual, outputs={**outputs, "stable": f"changed-{thing.version}"})
        case _:
            return actual
