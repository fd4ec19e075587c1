"""What answers of several kinds are made of."""

from __future__ import annotations

from typing import Any, Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")


class Listing(TypedDict, Generic[T]):
    items: list[T]
    next: NotRequired[str | None]


class PropertyChange(TypedDict):
    path: str
    before: Any
    after: Any
    secret: NotRequired[bool]
    unknown: NotRequired[bool]
    replaces: NotRequired[bool]


class SourcePlace(TypedDict):
    file: str
    line: NotRequired[int | None]
