"""What there should be on the servers of a kind: a JSON file for each thing, in one folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roadbed.kit.errors import Conflict
from roadbed.providers.embedded.folders import passable
from roadbed.providers.embedded.naming import is_name

_MOST_BYTES = 100_000


class Records:
    """A record has the `urn` of whose it is, and what a kind of server needs to make its configuration anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> dict[str, Any] | None:
        if not is_name(name):
            return None
        try:
            with self._file(name).open(encoding="utf-8") as file:
                record: dict[str, Any] = json.loads(file.read(_MOST_BYTES))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise Conflict(f"{self._file(name)} can't be read", hint="restore it, or remove it") from error
        return record

    def put(self, name: str, record: Mapping[str, Any]) -> None:
        """Whole or not at all: written aside and renamed. For the platform's eyes, since it may hold keys."""
        passable(self.folder.parent)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        aside = self.folder / f".{name}.new"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(self._file(name))

    def remove(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        try:
            return sorted(entry.name.removesuffix(".json") for entry in os.scandir(self.folder) if _is_record(entry))
        except FileNotFoundError:
            return []

    def all(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for name in self.names():
            if (record := self.get(name)) is not None:
                yield name, record

    def claim(self, name: str, urn: str, *, known: bool) -> dict[str, Any] | None:
        """The record, if there is one. `known`: the state has the name as the resource's own, whatever it was called.

        Raises Conflict for another resource's.
        """
        found = self.get(name)
        if found is not None and not known and found["urn"] != urn:
            raise Conflict(
                f"{name} belongs to {found['urn']}", hint="forget it there first: roadbed stack forget STACK RESOURCE"
            )
        return found

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _is_record(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".json") and not entry.name.startswith(".")
