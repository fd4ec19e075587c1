"""A provider whose world outlives the process, and which fails in every way that a provider can.

The world is an SQLite file: what an effect did is there after kill -9, and another process can look at it and ask for
faults. A thing is known by its creation's token, so two halves of a replacement stand side by side, and a creation that
is tried again finds what it made. `World.effects` is the truth to hold the journal against.

As a plugin (`plugin_folder`) it runs inside a real server, which then dies of SIGKILL where a crash is asked for.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

from roadbed.kit.errors import OperationFailed
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType, Transient

Action: TypeAlias = Literal["create", "read", "update", "delete", "settle"]
Fault: TypeAlias = Literal[
    "error",  # refused: nothing happened, and won't the next time
    "transient",  # nothing happened, and may the next time
    "bug",  # nothing happened; an exception that is no RoadbedError
    "hang",  # nothing happens, and it never returns
    "lost",  # it happened, and the answer was lost: Transient
    "lost_error",  # it happened, and the answer is an error
    "hang_after",  # it happened, and it never returns
    "crash_before",  # the process dies, and nothing happened
    "crash_after",  # the process dies, and it happened
    "lie_garbage",  # no Actual at all
    "lie_id",  # an id that is no text
    "lie_undeclared",  # an output that the type does not declare
    "lie_missing",  # an output that the type declares is left out
    "lie_secret",  # the secret output stands among the plain ones
    "lie_changed",  # an output that may not change by an update does
]
LIES: tuple[Fault, ...] = ("lie_garbage", "lie_id", "lie_undeclared", "lie_missing", "lie_secret", "lie_changed")

WORLD = "ROADBED_TEST_WORLD"
"""Names the world's file to a provider that is loaded as a plugin."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    id TEXT PRIMARY KEY, urn TEXT, type TEXT, token TEXT, properties TEXT, version INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS effects (n INTEGER PRIMARY KEY, do TEXT, id TEXT, urn TEXT, token TEXT);
CREATE TABLE IF NOT EXISTS calls (n INTEGER PRIMARY KEY, do TEXT, urn TEXT, token TEXT);
CREATE TABLE IF NOT EXISTS faults (n INTEGER PRIMARY KEY, name TEXT, action TEXT, fault TEXT);
"""


class Crash(BaseException):
    """Stands in for the death of the process: nothing may handle it."""


def raise_crash() -> None:
    raise Crash


def kill() -> None:
    """The real thing."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Thing:
    """`version` counts its updates. `id` ends in its creation's token."""

    id: str
    urn: str
    type: str
    token: str
    properties: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What really changed: `do` is create, update or delete. A creation that found its thing is no effect."""

    do: str
    id: str
    urn: str
    token: str


class World:
    """What exists, what was done, and what is to go wrong. Several processes may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA synchronous = OFF")  # it need outlive the process only, not the machine
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    # What a test asks.

    @property
    def things(self) -> dict[str, Thing]:
        """By id."""
        return {row[0]: _thing(row) for row in self._db.execute("SELECT * FROM things ORDER BY rowid")}

    @property
    def effects(self) -> list[Effect]:
        return [Effect(*row) for row in self._db.execute("SELECT do, id, urn, token FROM effects ORDER BY n")]

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Every call with its URN, whatever became of it."""
        return list(self._db.execute("SELECT do, urn FROM calls ORDER BY n"))

    def fail(self, name: str, fault: Fault, *, action: Action | Literal["*"] = "*", times: int = 1) -> None:
        """The next `times` calls of `action` on resources of this name (`*`: any) go wrong, in the order asked for."""
        statement = "INSERT INTO faults (name, action, fault) VALUES (?, ?, ?)"
        self._db.executemany(statement, [(name, action, fault)] * times)

    def heal(self) -> None:
        """Forgets the faults that nobody has met."""
        self._db.execute("DELETE FROM faults")

    def change(self, id: str, **properties: Any) -> None:
        """Somebody changes a thing behind the platform's back."""
        thing = self.things[id]
        self._put(replace(thing, properties={**thing.properties, **properties}))

    def remove(self, id: str) -> None:
        """Somebody removes a thing behind the platform's back."""
        self._db.execute("DELETE FROM things WHERE id = ?", (id,))

    def add(self, id: str, type: str = "test:Thing", **properties: Any) -> Thing:
        """Something that the platform did not make, to be imported."""
        thing = Thing(id, "", type, "", properties, 1)
        self._put(thing)
        return thing

    # What the provider does.

    def called(self, do: str, desired: Desired) -> None:
        self._db.execute("INSERT INTO calls (do, urn, token) VALUES (?, ?, ?)", (do, desired.urn, desired.token))

    def take_fault(self, name: str, action: str) -> Fault | None:
        row = self._db.execute(
            "DELETE FROM faults WHERE n = (SELECT min(n) FROM faults WHERE name IN (?, '*') AND action IN (?, '*'))"
            " RETURNING fault",
            (name, action),
        ).fetchone()
        fault: Fault | None = row[0] if row else None
        return fault

    def find(self, id: str) -> Thing | None:
        row = self._db.execute("SELECT * FROM things WHERE id = ?", (id,)).fetchone()
        return _thing(row) if row else None

    def create(self, id: str, desired: Desired) -> Thing:
        if (found := self.find(id)) is None:
            found = Thing(id, desired.urn, desired.type, desired.token, dict(desired.properties), 1)
            self._effect("create", found, desired, put=True)
        return found

    def update(self, id: str, desired: Desired) -> Thing:
        if (found := self.find(id)) is None:
            raise OperationFailed(f"there is no thing {id}")
        if found.properties == dict(desired.properties):
            return found
        found = replace(found, urn=desired.urn, properties=dict(desired.properties), version=found.version + 1)
        self._effect("update", found, desired, put=True)
        return found

    def delete(self, id: str, desired: Desired) -> None:
        if (found := self.find(id)) is not None:
            self._effect("delete", found, desired, put=False)

    def _effect(self, do: str, thing: Thing, desired: Desired, *, put: bool) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        if put:
            self._put(thing)
        else:
            self.remove(thing.id)
        row = (do, thing.id, desired.urn, desired.token)
        self._db.execute("INSERT INTO effects (do, id, urn, token) VALUES (?, ?, ?, ?)", row)
        self._db.execute("COMMIT")

    def _put(self, thing: Thing) -> None:
        row = (thing.id, thing.urn, thing.type, thing.token, json.dumps(thing.properties), thing.version)
        self._db.execute("INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?, ?, ?)", row)


def _thing(row: tuple[Any, ...]) -> Thing:
    return Thing(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5])


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


def make() -> FaultyProvider:
    """What the plugin's entry point names: the world of the environment, and death by SIGKILL."""
    return FaultyProvider(World(Path(os.environ[WORLD])), die=kill)


def plugin_folder(folder: Path, entry: str = "test = fakes.faulty:make", name: str = "roadbed-test-plugin") -> Path:
    """Makes a folder that brings the plugin to a process that has it, and `tests/`, on its PYTHONPATH."""
    info = folder / f"{name.replace('-', '_')}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[roadbed.providers]\n{entry}\n")
    return folder
