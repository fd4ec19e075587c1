"""Backstage's filter language, and what of an entity it finds.

Inside one filter `,` is AND, and a key that stands several times asks for any of its values; several filters are OR.
A key alone asks for existence. All compare in lower case; of values over 200 characters only the key counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from roadbed.kit.errors import InvalidInput

MAX_VALUE = 200
_MAX_FILTERS, _MAX_CONDITIONS = 20, 20

Term: TypeAlias = "tuple[str, str | None]"


@dataclass(frozen=True, slots=True)
class Condition:
    """`values` empty: the key must exist. Else one of the values must be the key's."""

    key: str
    values: tuple[str, ...] = ()


def parse_filters(texts: Sequence[str]) -> list[list[Condition]]:
    """An empty list finds everything. Raises InvalidInput."""
    if len(texts) > _MAX_FILTERS:
        raise InvalidInput(f"there are {len(texts)} filters; at most {_MAX_FILTERS} are read")
    return [_parse(text) for text in texts if text.strip()]


def _parse(text: str) -> list[Condition]:
    conditions: dict[str, tuple[str, ...]] = {}
    for part in text.split(","):
        key, equals, value = (piece.strip().lower() for piece in part.partition("="))
        if not key:
            raise InvalidInput(f"the filter {text[:200]!r} has a condition without a key", hint="write kind=component")
        conditions[key] = (*conditions.get(key, ()), *([value] if equals else []))
    if len(conditions) > _MAX_CONDITIONS or "\0" in text:
        raise InvalidInput(f"the filter {text[:200]!r} cannot be read")
    return [Condition(key, values) for key, values in conditions.items()]


def terms_of(document: Mapping[str, Any]) -> frozenset[Term]:
    """What filters find of an entity, but for its relations."""
    return frozenset(term for key, value in document.items() for term in _terms(key.lower(), value))


def _terms(key: str, value: Any) -> Iterator[Term]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield from _terms(f"{key}.{name}".lower(), child)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str) and len(item) <= MAX_VALUE:
                yield f"{key}.{item}".lower(), "true"
            yield from _terms(key, item)
    else:
        yield key, _text(value)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value).lower()
    return text if len(text) <= MAX_VALUE else None
