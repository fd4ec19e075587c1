"""A record, and what keeps secrets out of its detail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadbed.kit.text import storable

REDACTED = "••••••"
MAX_TEXT = 2_000
MAX_ITEMS = 200

_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|credential|private[_-]?key|api[_-]?key|authorization|cookie", re.I
)


@dataclass(frozen=True, slots=True)
class Record:
    """One act.

    `principal` is `user:ada`, or `nobody`; `target` what it was about, its type and name (`application orders`);
    `outcome` is `done`, `refused` or `failed`.
    """

    id: str
    at: datetime
    principal: str
    action: str
    target: str
    environment: str | None
    outcome: str
    detail: Mapping[str, Any]


def redact(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail as it may be kept: JSON of bounded size, with the values of names that sound secret hidden.

    Services pass no secrets here; this is the second line, for the day when one does.
    """
    return {
        _text(name): REDACTED if _SECRET_NAME.search(str(name)) and _may_be_secret(value) else _keepable(value)
        for name, value in list(detail.items())[:MAX_ITEMS]
    }


def _may_be_secret(value: object) -> bool:
    """Numbers and flags beside a secret's name (`tokens: 3`, `secret: true`) say nothing of it."""
    return isinstance(value, (str, bytes, list, tuple, Mapping)) and bool(value)


def _keepable(value: Any) -> Any:
    match value:
        case Mapping():
            return redact(value)
        case list() | tuple() | set() | frozenset():
            return [_keepable(item) for item in list(value)[:MAX_ITEMS]]
        case bool() | int() | float() | None:
            return value
        case _:
            return _text(value)


def _text(value: object) -> str:
    """As PostgreSQL's JSON can hold it: no NUL, no half of a surrogate pair."""
    text = storable(str(value))
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
