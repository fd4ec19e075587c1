"""Writes the Python that declares a resource. Pure, and careful: whatever a person typed ends up as a literal.

A value is JSON, with two objects that are more: `{"$secret": name}` is a secret by its name, `{"$python": text}` an
expression that stands in the code as it was written (`db.host`), if it is one.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.resource_types.typed import TypedClass
from roadbed.sdk import Options

MISSING = object()
"""In the place of a value that is needed and wasn't given."""

_WIDTH = 88
_INDENT = "    "


def is_expression(text: str) -> bool:
    """Whether it is one Python expression, on one line."""
    if "\n" in text or len(text) > _LONGEST:
        return False
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def is_literal(text: str) -> bool:
    """Whether it is an expression that stands for itself: `"abc"`, `b"a" "b"`, `[1, 2]`."""
    try:
        ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return False
    return True


_LONGEST = 1_000


def declaration(type: str, typed: TypedClass | None, name: str, properties: Mapping[str, Any]) -> str:
    """A whole program: what it imports, and the one declaration."""
    known = typed if typed and all(typed.parameter(one) for one in properties) else None
    called = f"{known.module}.{known.name}" if known else "Resource"
    arguments = [_text(name)] if known else [_text(type), _text(name)]
    imported = sorted(({"Resource"} if not known else set()) | ({"secret"} if _holds_secret(properties) else set()))
    lines = [f"from roadbed.sdk import {', '.join(imported)}"] if imported else []
    if known:
        lines.append(f"from roadbed.sdk.types import {known.module}")
    taken = {*imported, *([known.module] if known else [])}
    given = _named(known, properties) if known else _given(properties)
    return "\n".join([*lines, "", f"{_variable(name, taken)} = {_call(called, [*arguments, *given])}", ""])


def _named(typed: TypedClass, properties: Mapping[str, Any]) -> list[str]:
    return [f"{typed.parameter(name)}={_value(value, 1)}" for name, value in properties.items()]


def _given(properties: Mapping[str, Any]) -> list[str]:
    """By keyword, and as a map what has no keyword's name or an option's."""
    plain = {name: value for name, value in properties.items() if _is_keyword(name)}
    rest = {name: value for name, value in properties.items() if name not in plain}
    return ([_value(rest, 1)] if rest else []) + [f"{name}={_value(value, 1)}" for name, value in plain.items()]


def _is_keyword(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in _RESERVED


_RESERVED = frozenset({*Options.__annotations__, "properties"})


def _call(called: str, arguments: Sequence[str]) -> str:
    """On one line if that is short and easily read."""
    line = f"{called}({', '.join(arguments)})"
    if len(line) <= _WIDTH and len(arguments) <= _FEW and "\n" not in line:
        return line
    return f"{called}(\n" + "".join(f"{_INDENT}{one},\n" for one in arguments) + ")"


_FEW = 3


def _value(value: Any, depth: int) -> str:
    match value:
        case _ if value is MISSING:
            return "..."
        case {"$secret": str(name), **rest} if not rest:
            return f"secret({_text(name)})"
        case {"$python": str(text), **rest} if not rest and is_expression(text):
            return text.strip()
        case str():
            return _lines(value, depth)
        case Mapping():
            pairs = [f"{_text(str(key))}: {_value(one, depth + 1)}" for key, one in value.items()]
            return _block("{", pairs, "}", depth)
        case list():
            return _block("[", [_value(one, depth + 1) for one in value], "]", depth)
        case float() if not math.isfinite(value):
            return f'float("{value}")'
        case _:
            return repr(value)  # a number, True, False, None


def _block(opening: str, items: Sequence[str], closing: str, depth: int) -> str:
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) + len(_INDENT) * depth <= _WIDTH - _ROOM and "\n" not in line:
        return line
    inner = _INDENT * (depth + 1)
    return f"{opening}\n" + "".join(f"{inner}{one},\n" for one in items) + _INDENT * depth + closing


_ROOM = 20
"""For what stands before it on its line."""


def _lines(text: str, depth: int) -> str:
    """Text of several lines as one literal for each."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return _text(text)
    inner = _INDENT * (depth + 1)
    return "(\n" + "".join(f"{inner}{_text(line)}\n" for line in lines) + _INDENT * depth + ")"


def _text(text: str) -> str:
    """As Python writes it, in double quotes wherever it can: it takes them for text that holds a single one."""
    quoted = repr(f"'{text}")
    return f'"{quoted[2:]}' if quoted[0] == '"' else repr(text)


def _holds_secret(value: Any) -> bool:
    match value:
        case {"$secret": str(), **rest} if not rest:
            return True
        case {"$python": str(text), **rest} if not rest:
            return re.search(r"\bsecret\(", text) is not None
        case Mapping():
            return any(map(_holds_secret, value.values()))
        case list():
            return any(map(_holds_secret, value))
        case _:
            return False


def _variable(name: str, taken: frozenset[str] | set[str]) -> str:
    """What to call it: its own name, as far as that is one in Python."""
    found = re.sub(r"\W+", "_", name.casefold(), flags=re.ASCII).strip("_") or "resource"
    if found[0].isdigit():
        found = f"_{found}"
    return f"{found}_" if keyword.iskeyword(found) or found in taken else found
