"""What the platform says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from roadbed.sandbox.domain import Isolation

CheckState: TypeAlias = Literal["ok", "warning", "missing"]


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the platform: `running`, `stopped`, or `external` where somebody else runs it."""

    name: str
    state: Literal["running", "stopped", "external"]
    detail: str = ""
    pid: int | None = None
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class PlatformStatus:
    """`home` is ROADBED_HOME, `url` where the API and the portal are, `counts` how many there are of what."""

    version: str
    home: str
    started_at: datetime
    url: str
    isolation: Isolation
    components: Sequence[Component] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """`remedy` says what to do; None when there is nothing to do."""

    check: str
    state: CheckState
    detail: str
    remedy: str | None = None
