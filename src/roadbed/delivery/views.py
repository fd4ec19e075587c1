"""What surfaces show of applications: the answers of the service, the same for CLI, portal and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from roadbed.delivery import domain
from roadbed.delivery.builds.domain import Origin
from roadbed.runtimes.domain import Health


@dataclass(frozen=True, slots=True)
class ReplicaCount:
    ready: int = 0
    desired: int = 0


@dataclass(frozen=True, slots=True)
class Application:
    """A row of the list. `url` is None when nothing routes to it; `release` as `v3`, None before the first."""

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
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the state. `outputs` leaves the secret ones out. `holds_bytes` is known of volumes only."""

    urn: str
    type: str
    name: str
    state: str
    depends_on: frozenset[str] = frozenset()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    holds_bytes: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ApplicationDetail(Application):
    """All that an application's page shows at first sight. `last_operation` is an operation's id."""

    description: str | None = None
    system: str | None = None
    workloads: Sequence[Workload] = ()
    resources: Sequence[Resource] = ()
    last_operation: str | None = None
    entity_ref: str | None = None
    sandboxed: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """`release` and `rollback_of` as `v3`; `outcome` is the sentence that says how it ended, `origin` where its source
    came from.
    """

    release: str
    number: int
    status: domain.ReleaseStatus
    created_at: datetime
    created_by: str
    message: str | None = None
    build: str | None = None
    plan: int | None = None
    outcome: str | None = None
    rollback_of: str | None = None
    sandboxed: bool = True
    origin: Origin = field(default_factory=Origin)


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A variable. A secret's `value` is None; `source` says which layer it comes from."""

    name: str
    value: str | None
    secret: bool = False
    source: str | None = None


def release(item: domain.Release) -> Release:
    return Release(
        release=item.name,
        number=item.number,
        status=item.status,
        created_at=item.created_at,
        created_by=item.created_by,
        message=item.message,
        build=item.build,
        plan=item.plan,
        outcome=item.outcome,
        rollback_of=None if item.rollback_of is None else f"v{item.rollback_of}",
        sandboxed=item.sandboxed,
        origin=item.origin,
    )
