"""The platform itself: how it runs, what it lacks, its environments."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ComponentStatus(TypedDict):
    name: str
    state: str
    detail: NotRequired[str | None]
    pid: NotRequired[int | None]
    memory_mb: NotRequired[float | None]


class Isolation(TypedDict):
    sandbox: bool
    reason: NotRequired[str | None]
    user: NotRequired[str | None]
    memory: NotRequired[str | None]


class PlatformStatus(TypedDict):
    version: str
    home: str
    started_at: str
    url: str
    isolation: Isolation
    components: list[ComponentStatus]
    counts: dict[str, int]


class Check(TypedDict):
    check: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    remedy: NotRequired[str | None]


class Environment(TypedDict):
    name: str
    kind: str
    runtime: str
