"""Graph, state and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from roadbed.policy.domain import Verdict
from roadbed.providers.driver import Phase

Action: TypeAlias = Literal["create", "update", "replace", "delete", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where in the user's files something was declared."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A resource as declared. `properties` may hold `$ref`, `$join` and `$secret` (see `roadbed.sdk.graph`)."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    depends_on: frozenset[str] = frozenset()
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of one stack, each after everything it depends on."""

    stack: str
    nodes: tuple[Node, ...]

    @property
    def urns(self) -> frozenset[str]:
        return frozenset(node.urn for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A resource as the state knows it: one row.

    `properties` is what the last apply gave the provider, with a keyed fingerprint in place of each secret; `sealed`
    holds the secret outputs, each encrypted. `broken`: its creation failed, and may have left something; it has no
    `id` then, is created again by the next plan that wants it, and deleted by one that doesn't.
    """

    urn: str
    type: str
    name: str
    id: str
    properties: Mapping[str, Any]
    depends_on: frozenset[str] = frozenset()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    release: int | None = None
    source: Source | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One property's difference. `before` and `after` are None where the property is absent, and for a secret."""

    path: str
    before: Any = None
    after: Any = None
    secret: bool = False
    unknown: bool = False
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What the plan does to one resource. `properties` are as declared, `after` as they will be recorded."""

    urn: str
    type: str
    name: str
    action: Action
    phase: Phase
    properties: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    depends_on: frozenset[str] = frozenset()
    source: Source | None = None
    note: str | None = None

    @property
    def interrupting(self) -> bool:
        """A replacement takes the old one away before the new one is there: what uses it is interrupted."""
        return self.action == "replace"


@dataclass(frozen=True, slots=True)
class Plan:
    """Immutable, stored, numbered within its stack. `base` is the serial of the state it was made for."""

    stack: str
    number: int
    base: int
    digest: str
    steps: tuple[Step, ...]
    verdicts: tuple[Verdict, ...]
    created_at: datetime
    created_by: str

    @property
    def changing(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action != "none")

    @property
    def summary(self) -> dict[str, int]:
        """How many steps of each action."""
        counts: dict[str, int] = {"create": 0, "update": 0, "replace": 0, "delete": 0, "none": 0}
        for step in self.steps:
            counts[step.action] += 1
        return counts

    @property
    def refusals(self) -> Sequence[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.level == "mandatory"]


@dataclass(frozen=True, slots=True)
class Stack:
    """`serial` grows with every change of the state; `applying` is the number of the plan that is being applied."""

    name: str
    owner: str | None
    kind: str
    serial: int
    applying: int | None = None
