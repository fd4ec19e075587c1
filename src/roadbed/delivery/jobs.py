"""The door to an application's scheduled jobs, for whoever may act on the application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from roadbed.delivery.directory import Directory
from roadbed.delivery.planning import application_target
from roadbed.kit.access import Target
from roadbed.runtimes.logs import LogRecord
from roadbed.runtimes.scheduled.service import ScheduledJobs
from roadbed.runtimes.scheduled.views import JobView, RunView
from roadbed.storage.call import Call


class Jobs:
    def __init__(self, directory: Directory, scheduled: ScheduledJobs) -> None:
        self._directory, self._scheduled = directory, scheduled

    async def jobs(self, call: Call, name: str, environment: str) -> Sequence[JobView]:
        target, stack = await self._known(call, name, environment, "application.view")
        return await self._scheduled.jobs(call, target, stack)

    async def job(self, call: Call, name: str, environment: str, job: str) -> JobView:
        target, stack = await self._known(call, name, environment, "application.view")
        return await self._scheduled.job(call, target, stack, job)

    async def runs(self, call: Call, name: str, environment: str, job: str) -> Sequence[RunView]:
        """The newest first."""
        target, stack = await self._known(call, name, environment, "application.view")
        return await self._scheduled.runs(call, target, stack, job)

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        job: str,
        number: int | None = None,
        *,
        n: int = 1000,
        follow: bool = False,
    ) -> AsyncIterator[LogRecord]:
        """The last `n` lines of a run, of the newest by default; with `follow` those to come, to its end."""
        target, stack = await self._known(call, name, environment, "application.logs")
        return await self._scheduled.logs(call, target, stack, job, number, n=n, follow=follow)

    async def run(self, call: Call, name: str, environment: str, job: str) -> RunView:
        """Begins a run now."""
        target, stack = await self._known(call, name, environment, "job.run")
        return await self._scheduled.run(call, target, stack, job)

    async def suspend(self, call: Call, name: str, environment: str, job: str, *, suspended: bool) -> JobView:
        """Has a job rest, or go on."""
        target, stack = await self._known(call, name, environment, "job.suspend")
        return await self._scheduled.suspend(call, target, stack, job, suspended=suspended)

    async def _known(self, call: Call, name: str, environment: str, action: str) -> tuple[Target, str]:
        _, info = await self._directory.known(call, name, environment, action)
        return application_target(info.name, info.owner, info.kind), str(info.name)
