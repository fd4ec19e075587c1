"""The SQL of services, replicas, rollouts and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.runtimes.domain import Endpoint, Job, Outcome, Replica, Rollout, Service, State
from roadbed.runtimes.tables import JobRow, ReplicaRow, RolloutRow, ServiceRow, WorkloadRow


async def service_row(session: AsyncSession, key: str, *, lock: bool = False) -> ServiceRow | None:
    """The row itself, to be changed; with `lock` nobody else changes it in this transaction."""
    query = select(ServiceRow).where(ServiceRow.key == key)
    return (await session.scalars(query.with_for_update() if lock else query)).one_or_none()


async def services(session: AsyncSession, stack: str | None = None) -> list[Service]:
    query = select(ServiceRow).order_by(ServiceRow.key)
    rows = await session.scalars(query if stack is None else query.where(ServiceRow.stack == stack))
    return [service_of(row) for row in rows]


async def keys(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(ServiceRow.key)))


async def replicas(session: AsyncSession, keys: Sequence[str], *, ended: bool = False) -> list[Replica]:
    """The oldest first; with `ended`, those that ended for good too."""
    query = select(ReplicaRow).where(ReplicaRow.key.in_(keys)).order_by(ReplicaRow.created_at, ReplicaRow.id)
    rows = await session.scalars(query if ended else query.where(ReplicaRow.state != "stopped"))
    return [_replica(row) for row in rows]


async def replica(session: AsyncSession, id: str) -> Replica | None:
    row = await session.get(ReplicaRow, id)
    return _replica(row) if row else None


async def replica_ids(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(ReplicaRow.id)))


async def save_replica(session: AsyncSession, replica: Replica) -> None:
    """Inserts or replaces it."""
    fields = {
        name: getattr(replica, name) for name in Replica.__dataclass_fields__ if name not in {"endpoint", "own_ports"}
    }
    endpoint = replica.endpoint
    host, port = (endpoint.host, endpoint.port) if endpoint else (None, None)
    await session.merge(ReplicaRow(**fields, host=host, port=port, own_ports=list(replica.own_ports)))


async def prune_replicas(session: AsyncSession, key: str, keep: int) -> list[str]:
    """Forgets the oldest of those that ended, all but `keep`; the ids of those forgotten."""
    ended = select(ReplicaRow.id).where(ReplicaRow.key == key, ReplicaRow.state == "stopped")
    old = list(await session.scalars(ended.order_by(ReplicaRow.since.desc(), ReplicaRow.id).offset(keep)))
    if old:
        await session.execute(delete(ReplicaRow).where(ReplicaRow.id.in_(old)))
    return old


async def workload(session: AsyncSession, key: str, generation: int | None) -> WorkloadRow | None:
    return None if generation is None else await session.get(WorkloadRow, (key, generation))


async def prune_workloads(session: AsyncSession, service: Service) -> None:
    """Forgets the generations that nothing runs or is to run."""
    used = select(ReplicaRow.generation).where(ReplicaRow.key == service.key, ReplicaRow.state != "stopped")
    kept = [generation for generation in (service.target, service.active) if generation is not None]
    await session.execute(
        delete(WorkloadRow).where(
            WorkloadRow.key == service.key,
            WorkloadRow.generation.not_in(kept),
            WorkloadRow.generation.not_in(used),
        )
    )


async def running_rollout(session: AsyncSession, key: str) -> RolloutRow | None:
    query = select(RolloutRow).where(RolloutRow.key == key, RolloutRow.outcome == "running")
    return (await session.scalars(query)).one_or_none()


async def rollout(session: AsyncSession, id: str) -> Rollout | None:
    row = await session.get(RolloutRow, id)
    return rollout_of(row) if row else None


async def rollouts(session: AsyncSession, keys: Sequence[str], limit: int) -> list[Rollout]:
    """The newest first."""
    query = select(RolloutRow).where(RolloutRow.key.in_(keys)).order_by(RolloutRow.started_at.desc(), RolloutRow.id)
    return [rollout_of(row) for row in await session.scalars(query.limit(limit))]


async def rolling(session: AsyncSession, keys: Sequence[str]) -> frozenset[str]:
    """Those of the services of which a rollout runs."""
    query = select(RolloutRow.key).where(RolloutRow.key.in_(keys), RolloutRow.outcome == "running")
    return frozenset(await session.scalars(query))


async def remove_service(session: AsyncSession, key: str) -> None:
    await session.execute(delete(ServiceRow).where(ServiceRow.key == key))


async def jobs(session: AsyncSession, stack: str, workload: str | None = None) -> list[Job]:
    """The oldest first."""
    query = select(JobRow).where(JobRow.stack == stack).order_by(JobRow.started_at, JobRow.id)
    rows = await session.scalars(query if workload is None else query.where(JobRow.workload == workload))
    return [_job(row) for row in rows]


async def job_ids(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(JobRow.id)))


async def job(session: AsyncSession, id: str) -> Job | None:
    row = await session.get(JobRow, id)
    return _job(row) if row else None


async def save_job(session: AsyncSession, job: Job) -> None:
    await session.merge(JobRow(**asdict(job)))


async def remove_jobs(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.execute(delete(JobRow).where(JobRow.id.in_(ids)))


def service_of(row: ServiceRow) -> Service:
    fields = {name: getattr(row, name) for name in Service.__dataclass_fields__ if name != "routed"}
    return Service(**fields, routed=frozenset(row.routed))


def rollout_of(row: RolloutRow) -> Rollout:
    fields = {name: getattr(row, name) for name in Rollout.__dataclass_fields__ if name != "outcome"}
    return Rollout(**fields, outcome=cast("Outcome", row.outcome))


def _replica(row: ReplicaRow) -> Replica:
    own = {"endpoint", "state", "own_ports"}
    fields = {name: getattr(row, name) for name in Replica.__dataclass_fields__ if name not in own}
    endpoint = Endpoint(row.host, row.port) if row.host is not None and row.port is not None else None
    return Replica(**fields, state=cast("State", row.state), endpoint=endpoint, own_ports=tuple(row.own_ports))


def _job(row: JobRow) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__dataclass_fields__})
