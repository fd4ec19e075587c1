"""Applications and what runs of them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Health: TypeAlias = Literal["healthy", "degraded", "down", "deploying", "unknown"]


class ReplicaCount(TypedDict):
    ready: int
    desired: int


class Application(TypedDict):
    application: str
    environment: str
    url: str | None
    release: str | None
    health: Health
    owner: NotRequired[str | None]
    replicas: NotRequired[ReplicaCount]
    updated_at: NotRequired[str | None]


class WorkloadAnswer(TypedDict):
    name: str
    replicas: ReplicaCount
    artifact: NotRequired[str | None]
    reason: NotRequired[str | None]


class ResourceAnswer(TypedDict):
    urn: str
    type: str
    name: str
    state: str
    holds_bytes: NotRequired[int | None]
    note: NotRequired[str | None]


class ApplicationDetail(Application):
    description: NotRequired[str | None]
    system: NotRequired[str | None]
    workloads: list[WorkloadAnswer]
    resources: list[ResourceAnswer]
    last_operation: NotRequired[Any]
    entity_ref: NotRequired[str | None]
    sandboxed: NotRequired[bool]


class Container(TypedDict):
    """One of a replica's several: `state` is waiting, running, crashed or ended."""

    name: str
    state: str
    restarts: int
    reason: str | None


class Replica(TypedDict):
    name: str
    workload: str
    state: str
    release: NotRequired[str | None]
    started_at: NotRequired[str | None]
    restarts: NotRequired[int]
    endpoint: NotRequired[str | None]
    memory_mb: NotRequired[float | None]
    cpu_percent: NotRequired[float | None]
    reason: NotRequired[str | None]
    containers: NotRequired[list[Container]]


class LogEntry(TypedDict):
    at: str
    replica: str
    workload: str
    stream: Literal["stdout", "stderr", "system"]
    text: str
