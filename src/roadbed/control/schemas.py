"""Operations and events on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer

from roadbed.control.domain import State, StepState
from roadbed.kit.clock import isoformat

Instant = Annotated[datetime, PlainSerializer(isoformat)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class StepOut(_Out):
    """`done` of `total` counts the step's own parts, both 0 where it has none."""

    name: str
    title: str
    state: StepState
    done: int
    total: int
    message: str | None
    started_at: Instant | None
    ended_at: Instant | None


class OperationOut(_Out):
    """`error` is a problem document, `result` what the kind of operation gives; both null until it ended.

    `attempt` is 0 while it waits, then 1; more once it was taken up again after the server ended.
    """

    id: str
    kind: str
    title: str
    target: str
    owner: str | None
    state: State
    requested_by: str
    cancel_requested: bool
    attempt: int
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    steps: list[StepOut]
    result: dict[str, Any] | None
    error: dict[str, Any] | None


class OperationPage(_Out):
    items: list[OperationOut]
    next: str | None


class LogLineOut(_Out):
    """`sequence` counts from 1 within the operation; ask for what is after the last one you have."""

    sequence: int
    at: Instant
    step: str | None
    text: str


class LogPage(_Out):
    items: list[LogLineOut]
    next: None = None


class EventOut(_Out):
    """Read `subject` again. The type `resync` says: everything."""

    id: int
    at: Instant
    type: str
    subject: str
    data: dict[str, Any]
