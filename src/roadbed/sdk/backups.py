"""What a provider offers whose resources hold data that can be brought back: the door of backups.

A provider of such types has the three methods of `KeepsBackups` beside those of `Provider`. It writes what a resource
holds as bytes of its own format, and reads them again; encryption, checksums, records and schedules are the
platform's. `sink` and what `Archive.open` gives are plain files; they may be used in another thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ClassVar, Protocol, runtime_checkable

from roadbed.sdk.providers import Desired, Report


@dataclass(frozen=True, slots=True)
class Contents:
    """What a resource holds, counted: `{"public.orders": 1200}` of `rows`, `{"objects": 31}` of `objects`.

    Two with the same counts hold as much of the same. `held` is how many bytes that takes there. `facts` are what the
    provider must know to bring it back, and no secret.
    """

    unit: str
    counts: Mapping[str, int]
    held: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Archive(Protocol):
    """A backup that is to be read. `origin` is the provider's id of what it was made of."""

    @property
    def id(self) -> str: ...

    @property
    def origin(self) -> str: ...

    @property
    def contents(self) -> Contents: ...

    def open(self) -> BinaryIO:
        """What was written, from its beginning; each time anew. It has been read once to its end, and is whole."""
        ...


@runtime_checkable
class KeepsBackups(Protocol):
    """`kept` are the types, of the provider's, whose resources can be backed up."""

    kept: ClassVar[frozenset[str]]

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Report) -> Contents:
        """Writes what it holds, of one moment as far as its kind allows, counted in that moment."""
        ...

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Report) -> Contents:
        """Makes it hold what the archive does and nothing else; counted afterwards. Safe to call again."""
        ...

    async def rehearse(self, desired: Desired, archive: Archive, report: Report) -> Contents:
        """Restores into a scratch resource like this one, counts, and takes that away again, also what a crash left."""
        ...

    def room(self, desired: Desired) -> int | None:
        """How many bytes it may hold, None where nothing bounds it."""
        ...
