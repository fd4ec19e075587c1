"""Text as PostgreSQL can store it, in columns and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """With � for what can't be stored: a NUL, and half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", REPLACEMENT)


def storable_value(value: Any) -> Any:
    """The same for every text in a tree of plain values, keys included."""
    match value:
        case str():
            return storable(value)
        case Mapping():
            return {storable_value(key): storable_value(item) for key, item in value.items()}
        case list() | tuple():
            return [storable_value(item) for item in value]
        case _:
            return value
