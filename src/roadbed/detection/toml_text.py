"""TOML as a tree that knows its places, as far as they can be found: the parser tells values only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from typing import Any

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
    return _node(values, file, _lines(text), 1, 1)


def _no_toml(error: Exception, file: str, text: str) -> InvalidInput:
    """The parser tells the place at the end of its sentence, and nowhere else."""
    said, line, column = str(error) or "it is nested too deeply", None, None
    if said.endswith(_AT_END):
        said, line = said.removesuffix(_AT_END), max(1, len(text.splitlines()))
    if where := _WHERE.search(said):
        said, line, column = said[: where.start()], int(where[1]), int(where[2])
    return InvalidInput(f"this is not valid TOML: {said}", file=file, line=line, column=column)


def _lines(text: str) -> dict[str, int]:
    """By key: the first line in which it is given, or which begins its table."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*(?:\[+\s*)?(?:[\w-]+\s*\.\s*)*\"?([\w-]+)\"?\s*[\]=]", line):
            found.setdefault(match[1], number)
    return found


def _node(value: Any, file: str, lines: Table[str, int], line: int, depth: int) -> Node:
    place = Place(file, line, 1)
    if depth > MAX_DEPTH:
        raise place.error(f"this is nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        nodes = {key: _node(child, file, lines, lines.get(key, line), depth + 1) for key, child in value.items()}
        return Mapping(place, nodes, {key: node.place for key, node in nodes.items()})
    if isinstance(value, list):
        return Sequence(place, [_node(child, file, lines, line, depth + 1) for child in value])
    if isinstance(value, bool | int | float):
        return Scalar(place, value, str(value).lower() if isinstance(value, bool) else str(value))
    return Scalar(place, str(value), str(value))
