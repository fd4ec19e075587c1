"""How large values are, told without writing them out: a value that refers to large ones many times over takes no
memory of its own until somebody does. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roadbed.engine.domain import Source
from roadbed.kit.errors import InvalidInput, TooLarge

MAX_PROPERTIES = 2_000_000
"""Bytes of JSON that the properties of one resource may have: what is larger belongs into a file or a bucket."""
MAX_DOCUMENT = 64_000_000
"""Bytes of JSON of a graph, and about those of what its resources are to be."""

_LONGEST = 25
"""How often a value's weight goes into its JSON at most: a number weighs 1, a character up to 6 bytes."""


def weight(value: Any, limit: int) -> int:
    """How many bytes of JSON it has at least; counting ends beyond `limit`."""
    total, waiting = 0, [value]
    while waiting and total <= limit:
        match waiting.pop():
            case str() as text:
                total += 2 + len(text)
            case Mapping() as mapping:
                total += 2 + 3 * len(mapping) + sum(map(len, mapping))
                waiting += mapping.values()
            case list() | tuple() as items:
                total += 1 + len(items)
                waiting += items
            case _:
                total += 1
    return total


def is_larger(value: Any, limit: int) -> bool:
    """Whether its JSON has more bytes than `limit`. It is written out only where that can't be told otherwise."""
    at_least = weight(value, limit)
    if at_least > limit:
        return True
    return at_least * _LONGEST > limit and len(msgspec.json.encode(value)) > limit


def too_large(urn: str, source: Source | None) -> TooLarge:
    """What a resource refers to may be large, or be there many times."""
    return TooLarge(
        f"the properties of {urn} are over {MAX_PROPERTIES:,} bytes with what they refer to",
        hint="put what is that large into a file or a bucket, and refer to it",
        file=source.file if source else None,
        line=source.line if source else None,
    )


def check_text(parts: Any) -> None:
    """Raises InvalidInput where text that is made of them would be longer than any property may be."""
    check_length(weight(parts, MAX_PROPERTIES))


def check_length(length: int) -> None:
    if length > MAX_PROPERTIES:
        raise InvalidInput(
            f"text that is made of what it refers to is over {MAX_PROPERTIES:,} characters",
            hint="put what is that large into a file or a bucket, and refer to it",
        )
