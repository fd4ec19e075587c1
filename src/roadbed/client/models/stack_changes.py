"""What was found by looking at the world, and what was done to a state alone."""

from __future__ import annotations

from typing import TypedDict

from roadbed.client.models.parts import PropertyChange


class DriftedResource(TypedDict):
    """`state` is `changed`, `gone` or `unreadable`."""

    urn: str
    type: str
    name: str
    state: str
    changes: list[PropertyChange]
    outputs: list[PropertyChange]
    error: str | None


class DriftReport(TypedDict):
    """`at` is None while nobody has looked; `stale`: the state has changed since. `plan` takes the drift back."""

    stack: str
    at: str | None
    by: str | None
    read: int
    stale: bool
    plan: int | None
    changed: int
    gone: int
    unreadable: int
    items: list[DriftedResource]


class Imported(TypedDict):
    stack: str
    resources: int
    serial: int


class MovedResource(TypedDict):
    was: str
    urn: str


class Moved(TypedDict):
    items: list[MovedResource]


class Forgotten(TypedDict):
    items: list[str]
