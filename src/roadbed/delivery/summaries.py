"""What is shown of an application, from what is recorded of it and what runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadbed.delivery import views
from roadbed.delivery.domain import Release
from roadbed.delivery.repository import Record
from roadbed.delivery.urls import public_url
from roadbed.engine.domain import Recorded
from roadbed.runtimes.domain import ServiceView, worst
from roadbed.runtimes.types import SERVICE
from roadbed.runtimes.volume_sizes import fullness


def summary(
    record: Record, release: int | None, services: Sequence[ServiceView], resources: Mapping[str, Recorded]
) -> views.Application:
    return views.Application(
        application=record.stack.owner,
        environment=record.stack.environment,
        url=public_url(resources),
        release=None if release is None else f"v{release}",
        health=worst([item.health for item in services]),
        owner=record.owner,
        replicas=views.ReplicaCount(sum(item.ready for item in services), sum(item.desired for item in services)),
        updated_at=record.updated_at,
    )


def detail(
    record: Record,
    active: Release | None,
    services: Sequence[ServiceView],
    resources: Mapping[str, Recorded],
    volumes: Mapping[str, int],
) -> views.ApplicationDetail:
    """`active` is the release in force; `volumes` the bytes that each holds, by its URN."""
    shown = summary(record, active.number if active else None, services, resources)
    artifacts = {item.name: item.properties["artifact"] for item in resources.values() if item.type == SERVICE}
    return views.ApplicationDetail(
        **{name: getattr(shown, name) for name in views.Application.__slots__},
        description=record.description,
        system=record.system,
        workloads=[_workload(item, artifacts.get(item.workload)) for item in services],
        resources=[_resource(item, volumes.get(item.urn)) for item in resources.values()],
        last_operation=record.operation,
        entity_ref=f"component:default/{record.stack.owner}",
        sandboxed=active.sandboxed if active else True,
    )


def _workload(item: ServiceView, artifact: str | None) -> views.Workload:
    return views.Workload(
        name=item.workload,
        replicas=views.ReplicaCount(item.ready, item.desired),
        artifact=artifact,
        reason=item.reason,
    )


def _resource(item: Recorded, held: int | None) -> views.Resource:
    """`held` is how many bytes a volume holds."""
    return views.Resource(
        urn=item.urn,
        type=item.type,
        name=item.name,
        state="failed" if item.broken else "created",
        depends_on=item.depends_on,
        outputs=item.outputs,
        holds_bytes=held,
        note=None if held is None else fullness(held, item.properties.get("size")),
    )
