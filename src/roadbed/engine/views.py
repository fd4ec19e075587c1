"""What is shown of states: stacks, their history, their exports, and the journal of an apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadbed.engine.domain import Change, Remediation
from roadbed.estimates.domain import Metric, Totals
from roadbed.policy.domain import Verdict


@dataclass(frozen=True, slots=True)
class StackSummary:
    """A stack that has a state. `kind` is that of its environment, `resources` counts them.

    `drift` counts what the last look at the world found (`changed`, `gone`, `unreadable`) at `drift_at`, when the
    state had the serial `drift_serial`.
    """

    name: str
    owner: str | None
    kind: str
    serial: int
    applying: int | None
    updated_at: datetime | None
    resources: int = 0
    drift_at: datetime | None = None
    drift: Mapping[str, int] | None = None
    drift_serial: int | None = None

    @property
    def drift_stale(self) -> bool:
        """The state has changed since the last look: what that found is known to be so no more."""
        return self.drift_serial is not None and self.drift_serial != self.serial

    @property
    def environment(self) -> str:
        return self.name.partition("@")[2]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A change of the state: `action` says by what (apply, refresh, move, forget, import)."""

    id: int
    at: datetime
    by: str
    action: str
    plan: int | None
    outcome: str
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan without its steps: `summary` counts those by action; `refused` by a mandatory policy, unless that is
    waived.

    `outcome` is how its apply ended (succeeded, failed, cancelled) at `ended_at`, None as long as it has not.
    """

    number: int
    base: int
    created_at: datetime
    created_by: str
    summary: Mapping[str, int]
    empty: bool
    refused: bool
    outcome: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class PlanBill:
    """What a plan makes of what its stack costs, without its resources. `name` is the stack."""

    name: str
    owner: str | None
    kind: str
    plan: int
    created_at: datetime
    created_by: str
    currency: str
    totals: Mapping[Metric, Totals]


@dataclass(frozen=True, slots=True)
class StackVerdicts:
    """What policies said of the newest plan of a stack, and put right in it."""

    name: str
    owner: str | None
    kind: str
    plan: int
    created_at: datetime
    verdicts: tuple[Verdict, ...]
    remediations: tuple[Remediation, ...] = ()

    @property
    def environment(self) -> str:
        return self.name.partition("@")[2]


@dataclass(frozen=True, slots=True)
class Version:
    """What a plan made of a resource. `changes` are the differences to the version before; `event` is succeeded or
    failed.
    """

    id: int
    at: datetime
    plan: int
    do: str
    event: str
    changes: tuple[Change, ...]
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StackOutput:
    """What other stacks may use. `value` is None for a secret; `consumers` are the stacks that do use it."""

    name: str
    value: Any
    secret: bool
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """`event` is succeeded or failed, and before that began where it takes a while.

    `deposed` is the key of what a replacement left, `error` a problem document.
    """

    id: int
    urn: str
    deposed: str
    do: str
    event: str
    at: datetime
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    stack: str
    resources: int
    serial: int
