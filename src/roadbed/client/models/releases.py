"""Releases, and the variables that were set."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from roadbed.client.models.sources import Origin


class Release(TypedDict):
    release: str
    number: int
    status: str
    created_at: str
    created_by: NotRequired[str | None]
    message: NotRequired[str | None]
    outcome: NotRequired[Any]
    rollback_of: NotRequired[str | None]
    sandboxed: NotRequired[bool]
    origin: NotRequired[Origin]


class ConfigValue(TypedDict):
    name: str
    value: str | None
    secret: bool
    source: NotRequired[str | None]
