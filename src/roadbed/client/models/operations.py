"""Operations: work that goes on behind an answer."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

OperationState: TypeAlias = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
StepState: TypeAlias = Literal["waiting", "running", "succeeded", "failed", "skipped"]


class OperationStep(TypedDict):
    name: str
    title: str
    state: StepState
    done: NotRequired[int]
    total: NotRequired[int]
    message: NotRequired[str | None]
    started_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]


class Operation(TypedDict):
    """`attempt` is more than 1 once it was taken up again after the server ended."""

    id: str
    kind: str
    title: str
    target: str
    state: OperationState
    cancel_requested: NotRequired[bool]
    attempt: NotRequired[int]
    requested_by: NotRequired[str | None]
    created_at: NotRequired[str | None]
    started_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]
    steps: list[OperationStep]
    result: NotRequired[dict[str, Any] | None]
    error: NotRequired[dict[str, Any] | None]


class OperationLogLine(TypedDict):
    sequence: int
    at: NotRequired[str]
    step: NotRequired[str | None]
    text: str


class Accepted(TypedDict):
    """202: the work was accepted. `operation` is the operation, or its id."""

    operation: NotRequired[Operation | str]
    unchanged: NotRequired[bool]
