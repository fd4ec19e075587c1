"""Operations, their steps and states, and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
StepState: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "skipped"]

ENDED: frozenset[State] = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Step:
    """One part of an operation, as a person follows it. `done` of `total` counts its own parts, where it has any."""

    name: str
    title: str
    state: StepState
    started_at: datetime | None = None
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    message: str | None = None
    result: Any = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """`sequence` counts from 1 within the operation."""

    sequence: int
    at: datetime
    step: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`target` is what it is about, as text (`orders@dev`); `lock` is what it holds while it runs.

    `error` is a problem document (`RoadbedError.to_dict()`), `result` whatever its handler returned; both None before.
    `attempt` counts how often a worker took it up: 0 before, more than 1 after a server ended in its midst. One that is
    `waiting` is parked until somebody decides something: it holds no lock and no worker, and being taken up after that
    is no new attempt.
    """

    id: str
    kind: str
    title: str
    target: str
    owner: str | None
    state: State
    requested_by: str
    input: Mapping[str, Any]
    lock: str | None
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    cancel_requested: bool = False
    attempt: int = 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def taken_up_again(self) -> bool:
        return self.attempt > 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed: re-read it. `subject` names it (`operation:op_1`, `stack:orders@dev`), never its state."""

    id: int
    at: datetime
    type: str
    subject: str
    data: Mapping[str, Any]
