"""TOML as a tree that knows its places, as far as they can be found: the parser tells values only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from typing import Any, TypeAlias

from roadbed.kit.errors import InvalidInput
from roadbed.workload.document import MAX_BYTES, MAX_DEPTH, Mapping, Node, Place, Scalar, Sequence

_AT_END = " (at end of document)"
_WHERE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def parse_toml(text: str, file: str) -> Node:
    """Raises InvalidInput at the place of the fault."""
    if len(text) > MAX_BYTES:
        raise InvalidInput(f"this file has {len(text):,} characters; at most {MAX_BYTES:,} are read", file=file)
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_toml(error, file, text) from None
    return _Nodes(file, _lines(text)).node(values, (), 1)


def _no_toml(error: Exception, file: str, text: str) -> InvalidInput:
    """The parser tells the place at the end of its sentence, and nowhere else."""
    said, line, column = str(error) or "it is nested too deeply", None, None
    if said.endswith(_AT_END):
        said, line = said.removesuffix(_AT_END), max(1, len(text.splitlines()))
    if where := _WHERE.search(said):
        said, line, column = said[: where.start()], int(where[1]), int(where[2])
    return InvalidInput(f"this is not valid TOML: {said}", file=file, line=line, column=column)


_TABLE = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\")(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=")

Path: TypeAlias = tuple[str, ...]
"""Keys from the root; an item of a list has its number for a key."""


def _lines(text: str) -> dict[Path, int]:
    """The first line in which something is given, or which begins its table."""
    found: dict[Path, int] = {}
    numbers: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.match(line):
            *before, last = _keys(match[2])
            table = (*_numbered(tuple(before), numbers), last)
            if match[1] == "[[":
                numbers[table] = numbers.get(table, -1) + 1
            _note(found, _numbered(table, numbers), number)
            table = _numbered(table, numbers)
        elif match := _KEY.match(line):
            _note(found, (*table, *_keys(match[1])), number)
    return found


def _numbered(path: Path, numbers: Table[Path, int]) -> Path:
    """With the number of the item that was begun last, for each list of tables on the way."""
    found: Path = ()
    for key in path:
        found = (*found, key)
        if found in numbers:
            found = (*found, str(numbers[found]))
    return found


def _note(found: dict[Path, int], path: Path, number: int) -> None:
    """`[a.b]` begins `a`, too, where that has no line yet."""
    for length in range(1, min(len(path), MAX_DEPTH) + 1):
        found.setdefault(path[:length], number)


def _keys(written: str) -> Path:
    return tuple(key.strip().strip('"') for key in written.split("."))


class _Nodes:
    def __init__(self, file: str, lines: Table[Path, int]) -> None:
        self._file, self._lines = file, lines

    def node(self, value: Any, path: Path, line: int) -> Node:
        """What no line is known of stands in that of what holds it."""
        line = self._lines.get(path, line)
        place = Place(self._file, line, 1)
        if len(path) >= MAX_DEPTH:
            raise place.error(f"this is nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            nodes = {key: self.node(child, (*path, key), line) for key, child in value.items()}
            return Mapping(place, nodes, {key: node.place for key, node in nodes.items()})
        if isinstance(value, list):
            return Sequence(place, [self.node(one, (*path, str(at)), line) for at, one in enumerate(value)])
        if isinstance(value, bool | int | float):
            return Scalar(place, value, str(value).lower() if isinstance(value, bool) else str(value))
        return Scalar(place, str(value), str(value))
