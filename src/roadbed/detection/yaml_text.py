"""Writes YAML with comments, as people would: short lists in a row, quotes only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from roadbed.workload.document import resolve_plain

_PLAIN = re.compile(r"-{0,2}[A-Za-z_./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
_ROW = 80
"""Characters of a row that is read at a glance."""
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
"""Some readers take these for truth values, however they are written."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with lines of comment above its key. Without a value the comment stands alone."""

    value: Any
    comments: tuple[str, ...] = ()


def document(content: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """`content` holds texts, numbers, truth values, lists of those, and mappings; any may be Noted."""
    return "\n".join((*(_comment(line) for line in comments), *_mapping(content, 0))) + "\n"


def _mapping(content: Mapping[str, Any], depth: int) -> Iterator[str]:
    margin = "  " * depth
    for key, given in content.items():
        value = given.value if isinstance(given, Noted) else given
        comments = given.comments if isinstance(given, Noted) else ()
        yield from (f"{margin}{_comment(line)}" for line in comments)
        if value is None:
            continue
        below = list(_below(value, depth))
        if not below:
            yield f"{margin}{scalar(key)}: {_flow(value)}"
            continue
        if all(line.lstrip().startswith("#") for line in below):
            yield from (margin + line.lstrip() for line in below)
            continue
        yield f"{margin}{scalar(key)}:"
        yield from below


def _below(value: Any, depth: int) -> Iterator[str]:
    """The lines of what doesn't fit behind its key."""
    if isinstance(value, Mapping) and not (depth > 1 and _is_short(value)):
        yield from _mapping(value, depth + 1)
    elif isinstance(value, list | tuple) and len(_flow(value)) > _ROW:
        yield from (f"{'  ' * (depth + 1)}- {_flow(item)}" for item in value)


def _is_short(value: Mapping[str, Any]) -> bool:
    return not any(isinstance(item, Noted | Mapping) for item in value.values()) and len(_flow(value)) <= _ROW


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and isinstance(resolve_plain(text), str):
        return text
    quoted = yaml.dump(text, default_style='"', allow_unicode=True, width=10**9)
    return str(quoted).rstrip("\n")


def _comment(line: str) -> str:
    return f"# {line}".rstrip()
