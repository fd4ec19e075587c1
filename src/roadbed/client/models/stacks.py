"""Stacks: their state, their plans and their history."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from roadbed.client.models.parts import PropertyChange, SourcePlace


class DriftSummary(TypedDict):
    """`stale`: the state has changed since, so that the counts say nothing of the stack as it is now."""

    at: str
    changed: int
    gone: int
    unreadable: int
    stale: NotRequired[bool]


class Stack(TypedDict):
    """`kind` is `module` or `application`; `applying` the number of the plan that is being applied."""

    stack: str
    owner: str | None
    environment: str
    kind: str
    resources: int
    serial: int
    applying: int | None
    drift: DriftSummary | None
    updated_at: str | None


class StackDetail(Stack):
    """`plan` is the newest plan that could be applied now; drift is looked for every `drift_every` seconds."""

    environment_kind: NotRequired[str]
    description: NotRequired[str]
    failed: NotRequired[int]
    release: NotRequired[str | None]
    plan: NotRequired[int | None]
    drift_every: NotRequired[int | None]
    drift_action: NotRequired[str | None]


class StackResource(TypedDict):
    """`state` is `created`, `failed` or `deposed`; secret properties are null, secret outputs only named."""

    urn: str
    type: str
    name: str
    kind: str
    state: str
    id: str
    depends_on: list[str]
    properties: dict[str, Any]
    outputs: dict[str, Any]
    secret_outputs: list[str]
    protect: NotRequired[bool]
    source: NotRequired[SourcePlace | None]
    release: NotRequired[int | None]


class StackPlan(TypedDict):
    """A plan without its steps. `state` is what became of it: open, empty, refused, stale, discarded, preview, queued,
    applying, applied, failed or cancelled.
    """

    number: int
    created_at: str
    created_by: str
    summary: dict[str, int]
    state: str
    wish: dict[str, Any] | None
    release: int | None
    operation: str | None
    ended_at: str | None
    ended_by: str | None


class StackChange(TypedDict):
    """One change of a stack's state; `summary` counts what was done, by action."""

    id: int
    at: str
    by: str
    action: str
    plan: int | None
    outcome: str
    summary: dict[str, Any]


class StackVersion(TypedDict):
    """What a plan made of a resource: the differences to the version before. `event` is `succeeded` or `failed`."""

    id: int
    at: str
    plan: int
    do: str
    event: str
    changes: list[PropertyChange]
    error: dict[str, Any] | None


class StackOutput(TypedDict):
    """An export; `consumers` are the stacks that import it."""

    name: str
    value: Any
    secret: bool
    consumers: list[str]


class StackSecret(TypedDict):
    """A secret that was set for a module's stack: never its value."""

    name: str
    set_at: str
    set_by: str


class ProgressEntry(TypedDict):
    """Of an apply's journal. `event` is `succeeded` or `failed`, before that `began` where it takes a while."""

    id: int
    urn: str
    deposed: NotRequired[str]
    do: str
    event: str
    at: str
    error: dict[str, Any] | None
