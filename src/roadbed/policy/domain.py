"""What a policy finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Level: TypeAlias = Literal["advisory", "mandatory"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding on one resource of a plan. `resource` is its URN; `remedy` says what to do."""

    policy: str
    level: Level
    resource: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A resource that a plan creates or changes, as declared: what a policy is shown."""

    urn: str
    type: str
    name: str
    properties: dict[str, Any]
    source: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where the plan would be applied."""

    stack: str
    environment: str
    kind: str
    owner: str | None = None
