"""What the pages read of the platform's own state, and of a log's lines, in a form of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class LogEntry(Protocol):
    """A line that a replica wrote."""

    @property
    def at(self) -> datetime: ...
    @property
    def replica(self) -> str: ...
    @property
    def stream(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Isolation:
    """`memory` says how limits are enforced: `cgroup` or `watch`."""

    sandbox: bool
    reason: str | None = None
    user: str | None = None
    memory: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformComponent:
    name: str
    state: str
    detail: str | None = None
    pid: int | None = None
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class PlatformStatus:
    version: str
    home: str
    started_at: datetime
    url: str
    isolation: Isolation
    components: Sequence[PlatformComponent] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """`state` is `ok`, `warning` or `missing`; `remedy` says how to mend it."""

    check: str
    state: str
    detail: str
    remedy: str | None = None
