"""References: values that are known only after apply, and how they travel through text.

A reference formats into a string as a marker, `⟦rbref:INDEX:OUTPUT:CHECKSUM⟧`. When the graph is emitted each marker is
read back. One that was cut, changed case or encoded no longer checks and is refused. What Python can't be made to
defer (comparing, slicing, counting) a reference refuses by itself, at the user's own line.
"""

from __future__ import annotations

import re
import zlib
from typing import NoReturn

from roadbed.sdk.errors import ProgramError

_MARKER = re.compile(r"⟦rbref:(\d+):([^:⟧]*):([0-9a-f]{8})⟧")
_TRACE = re.compile(r"rbref|:[0-9a-f]{8}⟧", re.IGNORECASE)  # what is left of a marker that was cut at either end
_HINT = "put it into text with an f-string, or pass it on as it is: its value is known only after apply"


class Reference:
    """An output of a resource: `db.host`, `db["Endpoint.Address"]`. Formats into text; can't be looked into."""

    __slots__ = ("output", "urn")

    def __init__(self, urn: str, output: str) -> None:
        self.urn, self.output = urn, output

    def __getitem__(self, key: str | int | slice) -> Reference:
        if isinstance(key, slice):
            self._refuse("sliced")
        return Reference(self.urn, f"{self.output}.{key}")

    def __str__(self) -> str:
        return _markers.write(self)

    def __format__(self, spec: str) -> str:
        if spec:
            self._refuse(f"formatted with {spec!r}")
        return str(self)

    def __repr__(self) -> str:
        return f"<reference to {self.output} of {self.urn}>"

    def __add__(self, other: str) -> str:
        return f"{self}{other}"

    def __radd__(self, other: str) -> str:
        return f"{other}{self}"

    def _refuse(self, what: str) -> NoReturn:
        raise ProgramError(f"{self.output!r} of {self.urn} can't be {what}", _HINT)

    def __bool__(self) -> NoReturn:
        self._refuse("tested: a program can't branch on what isn't known")

    def __len__(self) -> NoReturn:
        self._refuse("counted")

    def __iter__(self) -> NoReturn:
        self._refuse("looped over")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            self._refuse("compared")
        return (self.urn, self.output) == (other.urn, other.output)

    def __hash__(self) -> int:
        return hash((self.urn, self.output))

    def __lt__(self, other: object) -> NoReturn:
        self._refuse("compared")

    __gt__ = __le__ = __ge__ = __lt__

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse(f"asked for .{name}")


class _Markers:
    """The references of this process that were written into text, by number."""

    def __init__(self) -> None:
        self._references: list[Reference] = []

    def write(self, reference: Reference) -> str:
        index = len(self._references)
        self._references.append(reference)
        return f"⟦rbref:{index}:{reference.output}:{self._checksum(index, reference)}⟧"

    def read(self, match: re.Match[str]) -> Reference | None:
        index = int(match[1])
        if index >= len(self._references):
            return None
        reference = self._references[index]
        return reference if match[3] == self._checksum(index, reference) else None

    @staticmethod
    def _checksum(index: int, reference: Reference) -> str:
        return f"{zlib.crc32(f'{index}:{reference.urn}:{reference.output}'.encode()):08x}"


_markers = _Markers()


def split(text: str) -> list[str | Reference]:
    """Text and references in their order. Raises ProgramError where a marker was damaged."""
    parts: list[str | Reference] = []
    end = 0
    for match in _MARKER.finditer(text):
        reference = _markers.read(match)
        if reference is None:
            _damaged(text)
        parts += [text[end : match.start()], reference]
        end = match.end()
    parts.append(text[end:])
    if any(isinstance(part, str) and _TRACE.search(part) for part in parts):
        _damaged(text)
    return [part for part in parts if isinstance(part, Reference) or part]


def _damaged(text: str) -> NoReturn:
    shown = text if len(text) <= 120 else f"{text[:117]}…"
    raise ProgramError(f"a reference inside {shown!r} was cut, changed or encoded", _HINT)
