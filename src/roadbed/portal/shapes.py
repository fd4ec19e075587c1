"""What the pages read of applications, the catalog, golden paths and the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from roadbed.control.domain import Operation

Health: TypeAlias = Literal["healthy", "degraded", "down", "deploying", "unknown"]


@dataclass(frozen=True, slots=True)
class ReplicaCount:
    ready: int = 0
    desired: int = 0


@dataclass(frozen=True, slots=True)
class Application:
    application: str
    environment: str
    url: str | None = None
    release: str | None = None
    health: Health = "unknown"
    owner: str | None = None
    replicas: ReplicaCount = ReplicaCount()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    name: str
    replicas: ReplicaCount
    artifact: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    urn: str
    type: str
    name: str
    state: str
    depends_on: frozenset[str] = frozenset()
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApplicationDetail(Application):
    description: str | None = None
    system: str | None = None
    workloads: Sequence[Workload] = ()
    resources: Sequence[Resource] = ()
    last_operation: Operation | None = None
    entity_ref: str | None = None
    sandboxed: bool = True


@dataclass(frozen=True, slots=True)
class Replica:
    name: str
    workload: str
    state: str
    release: str | None = None
    started_at: datetime | None = None
    restarts: int = 0
    endpoint: str | None = None
    memory_mb: float | None = None
    cpu_percent: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    release: str
    number: int
    status: str
    created_at: datetime
    created_by: str
    message: str | None = None
    build: str | None = None
    plan: int | None = None
    outcome: Mapping[str, Any] | None = None
    rollback_of: str | None = None
    sandboxed: bool = True


@dataclass(frozen=True, slots=True)
class LogEntry:
    at: datetime
    replica: str
    workload: str
    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class ConfigValue:
    name: str
    value: str | None
    secret: bool = False
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    name: str
    kind: str
    runtime: str


@dataclass(frozen=True, slots=True)
class Template:
    """`parameters` is one page of the form each: a JSON Schema object."""

    name: str
    title: str
    description: str = ""
    tags: Sequence[str] = ()
    owner: str | None = None
    parameters: Sequence[Mapping[str, Any]] = ()
    steps: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """`type` as Backstage names it (`ownedBy`); `target` is an entity reference."""

    type: str
    target: str


@dataclass(frozen=True, slots=True)
class Entity:
    kind: str
    namespace: str
    name: str
    ref: str
    title: str | None = None
    description: str | None = None
    type: str | None = None
    lifecycle: str | None = None
    owner: str | None = None
    tags: Sequence[str] = ()
    relations: Sequence[Relation] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Isolation:
    sandbox: bool
    reason: str | None = None
    user: str | None = None
    memory: str | None = None


@dataclass(frozen=True, slots=True)
class PlatformComponent:
    name: str
    state: str
    detail: str = ""
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
    check: str
    state: str
    detail: str
    remedy: str | None = None
