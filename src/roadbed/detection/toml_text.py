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


_TABLE = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\")(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=")

Path: TypeAlias = tuple[str, ...]


def _lines(text: str) -> dict[Path, int]:
    """By its keys from the root: the first line in which it is given, or which begins its table."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _TABLE.match(line):
            table = _keys(match[1])
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            found.setdefault((*table, *_keys(match[1])), number)
    return found


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
            return Sequence(place, [self.item(child, path, line, 1) for child in value])
        if isinstance(value, bool | int | float):
            return Scalar(place, value, str(value).lower() if isinstance(value, bool) else str(value))
        return Scalar(place, str(value), str(value))

    def item(self, value: Any, path: Path, line: int, depth: int) -> Node:
        """An item of a list has the path of the list. Lists of lists are followed as far as anything else."""
        if isinstance(value, list):
            place = Place(self._file, line, 1)
            if depth + len(path) >= MAX_DEPTH:
                raise place.error(f"this is nested more than {MAX_DEPTH} deep")
            return Sequence(place, [self.item(child, path, line, depth + 1) for child in value])
        return self.node(value, path, line)
