"""What exists, what was done to it, and what is to go wrong: an SQLite file, which outlives the process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from roadbed.kit.errors import OperationFailed
from roadbed.sdk.providers import Desired

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

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    id TEXT PRIMARY KEY, urn TEXT, type TEXT, token TEXT, properties TEXT, version INTEGER DEFAULT 1);
CREATE TABLE IF NOT EXISTS effects (n INTEGER PRIMARY KEY, do TEXT, id TEXT, urn TEXT, token TEXT);
CREATE TABLE IF NOT EXISTS calls (n INTEGER PRIMARY KEY, do TEXT, urn TEXT, token TEXT);
CREATE TABLE IF NOT EXISTS faults (n INTEGER PRIMARY KEY, name TEXT, action TEXT, fault TEXT);
"""


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
