"""Reads a file of another platform: what maps is taken, what does not is listed with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import TypeVar

from roadbed.detection.domain import Need, Process
from roadbed.kit.errors import Problem
from roadbed.kit.names import as_name
from roadbed.workload.document import Node, Place, Scalar
from roadbed.workload.reader import Fields, Reader

_MISSPELT = 0.8
"""How alike two names are of which one is a slip: files of others hold many fields that are right, and not read."""
Named = TypeVar("Named", Process, Need)


class ForeignReader(Reader):
    """`unmapped` grows as fields are left."""

    def __init__(self) -> None:
        super().__init__()
        self.unmapped: list[Problem] = []

    def leave(self, place: Place, what: str, hint: str | None = None) -> None:
        self.unmapped.append(place.problem(f"{what} says nothing here", hint))

    def leave_rest(self, fields: Fields, read: Collection[str], passed_over: Collection[str] = ()) -> None:
        """Lists every field but those that are read, and those that mean nothing to anybody else; a misspelt one with
        what it may mean.
        """
        for key in fields.node.entries:
            if key not in read and key not in passed_over:
                hint = next((f"did you mean {one!r}?" for one in get_close_matches(key, read, 1, _MISSPELT)), None)
                self.leave(fields.place(key), fields.path_of(key), hint)

    def in_order(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.unmapped, key=lambda problem: (problem.line or 0, problem.column or 0)))

    def each(self, fields: Fields, name: str) -> Iterator[Fields]:
        """The mappings in a list."""
        if (given := fields.get(name)) is not None:
            for node, path in self.sequence(given, fields.path_of(name)):
                yield self.mapping(node, path)

    def loose_text(self, node: Node, path: str) -> str:
        """Of a variable: files in the wild give numbers and truth values for it, too."""
        if isinstance(node, Scalar) and node.value is not None:
            return node.text
        return self.text(node, path)

    def as_label(self, written: str, place: Place) -> str:
        """Names there may hold capitals, blanks and underscores, or be a single letter."""
        name = workload_name(written)
        if written and name is None:
            self.report(place, f"{written!r} can't be the name of a workload", "use letters and digits")
        return name or ""

    def by_name(self, found: Iterable[Named]) -> dict[str, Named]:
        """What would be called as another is, is told of: one of the two would be lost."""
        known: dict[str, Named] = {}
        for one in found:
            first = known.setdefault(one.name, one)
            if one.name and first is not one:
                message = f"this would be called {one.name!r} here, as what stands in line {first.place.line} is"
                self.report(one.place, message, "call one of them otherwise")
        return known


def workload_name(written: str) -> str | None:
    """What something is called here; None where nothing of its name can be kept. A letter alone gets a number."""
    return as_name(written) or as_name(f"{written}-1")
