"""A world outside the platform: a folder of files, and a log of every effect that was begun and ended.

    things/NAME-TOKEN   what exists: `{"urn", "properties"}`; it comes and goes in one instant, as a whole
    effects.log         one line a mark: PID begin|end DO URN TOKEN

An effect without an end was cut off, so nobody can have recorded its outcome: its intent stands in the journal alone.
Several processes append at once; a line is written whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

WORLD = "ROADBED_BENCH_WORLD"
"""Names the folder to the provider."""
PROFILE = "ROADBED_BENCH_PROFILE"
"""Names the file that a server's profile is written to; it is profiled only where this is set."""

Mark: TypeAlias = Literal["begin", "end"]


@dataclass(frozen=True, slots=True)
class Line:
    """A mark that process `pid` made."""

    pid: int
    mark: Mark
    do: str
    urn: str
    token: str

    @property
    def effect(self) -> tuple[str, str, str]:
        return self.do, self.urn, self.token


@dataclass(frozen=True, slots=True)
class Thing:
    id: str
    urn: str
    properties: dict[str, Any]


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._things = folder / "things"
        self._things.mkdir(parents=True, exist_ok=True)
        self._log = os.open(folder / "effects.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    # What the provider does.

    def mark(self, mark: Mark, do: str, urn: str, token: str) -> None:
        os.write(self._log, f"{os.getpid()} {mark} {do} {urn} {token or '-'}\n".encode())

    def create(self, id: str, urn: str, properties: dict[str, Any]) -> bool:
        """False if it stands there already: it is left as it is."""
        draft = self._draft(id, urn, properties)
        try:
            os.link(draft, self._things / id)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True

    def update(self, id: str, urn: str, properties: dict[str, Any]) -> None:
        """Raises FileNotFoundError if there is none."""
        (self._things / id).stat()
        self._draft(id, urn, properties).replace(self._things / id)

    def find(self, id: str) -> Thing | None:
        try:
            return Thing(id, **json.loads((self._things / id).read_text()))
        except FileNotFoundError:
            return None

    def delete(self, id: str) -> None:
        (self._things / id).unlink(missing_ok=True)

    def _draft(self, id: str, urn: str, properties: dict[str, Any]) -> Path:
        draft = self.folder / f".{os.getpid()}-{id}"
        draft.write_text(json.dumps({"urn": urn, "properties": properties}))
        return draft

    # What whoever watches sees.

    def things(self) -> dict[str, Thing]:
        """By id."""
        found = (self.find(path.name) for path in self._things.iterdir())
        return {thing.id: thing for thing in found if thing is not None}

    def lines(self, after: int = 0) -> Iterator[Line]:
        """The marks from byte `after` of the log on."""
        with (self.folder / "effects.log").open("rb") as file:
            file.seek(after)
            for line in file.read().decode().splitlines():
                pid, mark, do, urn, token = line.split(" ")
                yield Line(int(pid), mark, do, urn, token)  # type: ignore[arg-type]  # as it was written

    @property
    def length(self) -> int:
        """Of the log, in bytes."""
        return (self.folder / "effects.log").stat().st_size
