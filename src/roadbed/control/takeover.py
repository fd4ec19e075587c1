"""Finding the work of workers that are gone, and putting it back.

A worker whose process is dead on this host is gone at once; one on another host after 30 s without a heartbeat. A
process that lives on this host is never declared gone, however old its heartbeat: it may have been suspended with the
machine. Should one that was declared gone come back, its operations have a new attempt, and what it writes is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.control.processes import ProcessId, this_process
from roadbed.control.queue import QUEUE

_HEARTBEAT_LIMIT = "30 seconds"

_RUNNING = text(
    """
    SELECT job.id, job.worker_id, owner.host, owner.pid, owner.started,
           coalesce(worker.last_heartbeat < now() - cast(:limit AS interval), true) AS silent
      FROM procrastinate_jobs job
      LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
      LEFT JOIN operation_workers owner ON owner.id = job.worker_id
     WHERE job.status = 'doing' AND job.queue_name = :queue
       FOR UPDATE OF job SKIP LOCKED
    """
)
_PUT_BACK = text("SELECT procrastinate_retry_job_v2(:job, NULL, NULL, NULL, NULL)")
_WORKERS = text("SELECT id, host, pid, started FROM operation_workers")
_FORGET = text(
    "WITH gone AS (DELETE FROM operation_workers WHERE id = ANY(:workers) RETURNING id)"
    " DELETE FROM procrastinate_workers WHERE id IN (SELECT id FROM gone)"
)
_FORGET_PRUNED = text("DELETE FROM operation_workers WHERE id NOT IN (SELECT id FROM procrastinate_workers)")


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that the queue takes for running. `worker` None: it was removed; `silent`: it gave no heartbeat lately."""

    id: int
    worker: int | None
    process: ProcessId | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Here:
    """What this process knows of itself: its worker now, the jobs it does, those it could not report the end of."""

    process: ProcessId
    worker: int | None
    doing: Collection[int]
    abandoned: Collection[int]


def is_orphaned(job: RunningJob, here: Here) -> bool:
    """Whether nobody does this job any more."""
    if job.id in here.doing:
        return False
    if job.worker is None or job.id in here.abandoned:
        return True
    if job.process is None or job.process.host != here.process.host:
        return job.silent
    if job.process == here.process:
        return job.worker != here.worker
    return not job.process.alive()


async def put_back_orphans(session: AsyncSession, here: Here) -> Sequence[int]:
    """The jobs that were put back: whichever worker is free takes them. Several processes may do this at once."""
    rows = await session.execute(_RUNNING, {"queue": QUEUE, "limit": _HEARTBEAT_LIMIT})
    jobs = [RunningJob(row.id, row.worker_id, _process(row), row.silent) for row in rows]
    orphans = [job.id for job in jobs if is_orphaned(job, here)]
    for orphan in orphans:
        await session.execute(_PUT_BACK, {"job": orphan})
    await _forget_dead_workers(session)
    return orphans


async def _forget_dead_workers(session: AsyncSession) -> None:
    await session.execute(_FORGET_PRUNED)
    host = this_process().host
    processes = {row.id: _process(row) for row in await session.execute(_WORKERS)}
    dead = [id_ for id_, process in processes.items() if process and process.host == host and not process.alive()]
    if dead:
        await session.execute(_FORGET, {"workers": dead})


def _process(row: Row[Any]) -> ProcessId | None:
    return None if row.host is None else ProcessId(row.host, row.pid, row.started)
