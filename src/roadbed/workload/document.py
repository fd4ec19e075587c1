"""A document as a tree that knows its places: the ground of every reader here.

Scalars resolve by YAML 1.2's core schema, as the Go programs that read the same files do: `no` and `on` are text,
`2024-01-01` is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from roadbed.kit.errors import InvalidInput, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
_LONGEST_MESSAGE = 300
"""Characters; a giant that a message quotes is cut."""

Plain: TypeAlias = "str | int | float | bool | None"

_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_PREFIXED = re.compile(r"0o[0-7]{1,30}|0x[0-9a-fA-F]{1,30}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_OF_NUMBERS = frozenset("+-.0123456789")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in which file; `line` and `column` count from 1, and are 0 where `file` is no file."""

    file: str
    line: int
    column: int

    def problem(self, message: str, hint: str | None = None) -> Problem:
        shown = message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
        return Problem(_printable(shown), hint and _printable(hint), self.file, self.line or None, self.column or None)

    @property
    def shown(self) -> str:
        """`score.yaml:3`."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def error(self, message: str, hint: str | None = None) -> InvalidInput:
        said = self.problem(message, hint)
        return InvalidInput(said.message, hint=said.hint, file=said.file, line=said.line, column=said.column)


def _printable(text: str) -> str:
    """A file's own names may hold line breaks, or what a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


@dataclass(slots=True)
class Scalar:
    """`text` is how it was written, `value` what it means. `lines` counts those that it takes in the file."""

    place: Place
    value: Plain
    text: str
    size: int = 1
    depth: int = 1
    lines: int = 1


@dataclass(slots=True)
class Sequence:
    place: Place
    items: list[Node] = field(default_factory=list)
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class Mapping:
    """Keys are text, in the order of the file; `key_places` says where each was written."""

    place: Place
    entries: dict[str, Node] = field(default_factory=dict)
    key_places: dict[str, Place] = field(default_factory=dict)
    size: int = 1
    depth: int = 1


Node: TypeAlias = Scalar | Sequence | Mapping


def decode(content: bytes, file: str) -> str:
    """Raises InvalidInput for what is no UTF-8 text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput("this is not UTF-8 text", file=file, line=line) from None


def plain(node: Node) -> Any:
    """The node as dicts, lists and plain values."""
    if isinstance(node, Mapping):
        return {key: plain(child) for key, child in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(child) for child in node.items]
    return node.value


def strings(node: Node) -> Iterator[Scalar]:
    """Every text below `node`, with its place."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            yield node
        return
    for child in node.entries.values() if isinstance(node, Mapping) else node.items:
        yield from strings(child)


def resolve_plain(text: str) -> Plain:
    """What an unquoted scalar means: null, a boolean, a number, else text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBERS:
        return text
    if _PREFIXED.fullmatch(text):
        return int(text, 0)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
