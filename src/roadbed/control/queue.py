"""The job queue (Procrastinate's): a job is put in and taken out in the caller's transaction.

A job holds nothing but the operation's id. It is deleted when it was done: the operation is the record.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager, NotificationCallback
from sqlalchemy.ext.asyncio import AsyncSession

from roadbed.control.listener import Listener
from roadbed.control.processes import this_process

log = logging.getLogger(__name__)

QUEUE = "operations"
CHANNEL = f"procrastinate_queue_v1#{QUEUE}"
_TASK = "roadbed.operation"
_CONNECT_TIMEOUT = 5.0
_RETRY_WITHIN = 10.0**9  # seconds: the pool never gives up on a database that is away

Work = Callable[[int, str], Awaitable[None]]
"""Does one job: its number, and the operation that it is for."""


class Interrupted(Exception):  # (no failure of the work)
    """The work was cut short and nothing is lost: the job is to be done again."""


class JobQueue:
    """`url` is a libpq URL. Jobs can be put in at once; to do them, `open` and `run`."""

    def __init__(self, url: str) -> None:
        self._connector = PsycopgConnector(
            conninfo=url, min_size=1, max_size=3, timeout=_CONNECT_TIMEOUT, reconnect_timeout=_RETRY_WITHIN
        )
        self._app = App(connector=self._connector)
        self._manager = _Manager(self._connector)
        self._app.job_manager = self._manager

    async def put(self, session: AsyncSession, operation: str, lock: str | None) -> int:
        """The number of the job, which starts after the commit, once no earlier job with that lock is left."""
        deferrer = self._app.configure_task(_TASK, queue=QUEUE, lock=lock, connection=await _connection(session))
        number: int = await deferrer.defer_async(operation=operation)
        return number

    async def take_out(self, session: AsyncSession, job: int) -> bool:
        """False when a worker has it already."""
        connection = await _connection(session)
        return await self._manager.cancel_job_by_id_async(job, delete_job=True, connection=connection)

    def serve(self, work: Work, listener: Listener) -> None:
        """Says how a job is done, and what wakes this process's worker. Before `listener` starts."""
        self._manager.wake_by(listener)

        @self._app.task(name=_TASK, queue=QUEUE, pass_context=True, retry=_AgainIfInterrupted())
        async def perform(context: JobContext, operation: str) -> None:
            await work(context.job.id or 0, operation)

    async def run(self, *, concurrency: int, poll: float, grace: float) -> None:
        """Does jobs until it is cancelled; then gives those under way `grace` seconds and interrupts them."""
        async with self._app.open_async():
            await self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                fetch_job_polling_interval=poll,
                abort_job_polling_interval=3600.0,  # we never abort by the queue: `cancel_requested` is our way
                shutdown_graceful_timeout=grace,
                delete_jobs="always",
                install_signal_handlers=False,
            )

    @property
    def worker(self) -> int | None:
        """The number of the worker that `run` registered last."""
        return self._manager.worker

    @property
    def abandoned(self) -> set[int]:
        """Jobs that ended here while the database was away: it still takes them for running."""
        return self._manager.abandoned


class _AgainIfInterrupted(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision() if isinstance(exception, (Interrupted, asyncio.CancelledError)) else None


class _Manager(JobManager):
    """Procrastinate's, but it lives through a database that goes away, and knows which process a worker is."""

    def __init__(self, connector: PsycopgConnector) -> None:
        super().__init__(connector)
        self.worker: int | None = None
        self.abandoned: set[int] = set()
        self._woken = asyncio.Event()

    def wake_by(self, listener: Listener) -> None:
        listener.on(CHANNEL, self._woken.set)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """In place of a connection of its own: `Listener` hears for the whole process."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            await on_notification(channel=CHANNEL, notification={"type": "job_inserted", "job_id": 0})

    async def register_worker(self) -> int:
        me = this_process()
        self.worker = await super().register_worker()
        await self.connector.execute_query_async(
            "INSERT INTO operation_workers (id, host, pid, started) VALUES (%(id)s, %(host)s, %(pid)s, %(started)s)",
            id=self.worker,
            host=me.host,
            pid=me.pid,
            started=me.started,
        )
        return self.worker

    async def unregister_worker(self, worker_id: int) -> None:
        await super().unregister_worker(worker_id)
        await self.connector.execute_query_async("DELETE FROM operation_workers WHERE id = %(id)s", id=worker_id)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        try:
            return await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            _raise_unless_lost(error)
            return None

    async def update_heartbeat(self, worker_id: int) -> None:
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            _raise_unless_lost(error)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        try:
            await super().finish_job(job, status, delete_job)
        except ConnectorException as error:
            self._abandon(job, error)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        try:
            await super().retry_job(job, retry_at, priority, queue, lock)
        except ConnectorException as error:
            self._abandon(job, error)

    def _abandon(self, job: Job, error: ConnectorException) -> None:
        """The take-over puts it back once the database answers again; an operation that ended isn't done again."""
        _raise_unless_lost(error)
        if job.id is not None:
            self.abandoned.add(job.id)


def _raise_unless_lost(error: ConnectorException) -> None:
    if not isinstance(error.__cause__, psycopg.OperationalError):
        raise error
    log.warning("the job queue's database is away: %s", error.__cause__)


async def _connection(session: AsyncSession) -> Any:
    """psycopg's connection below the session, in its transaction."""
    return (await (await session.connection()).get_raw_connection()).driver_connection
