"""The door to scheduled jobs: what they are, what became of their runs, and running or suspending one by hand."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence

from roadbed.audit.service import Audit
from roadbed.kit.access import Authorise, Target
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, NotFound
from roadbed.runtimes import logs
from roadbed.runtimes.domain import key_of
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.logs import LogRecord, Source
from roadbed.runtimes.scheduled import reconcile, repository
from roadbed.runtimes.scheduled.domain import Run, Schedule
from roadbed.runtimes.scheduled.recording import Recorder
from roadbed.runtimes.scheduled.tables import ScheduleRow
from roadbed.runtimes.scheduled.views import JobView, RunView, job_view, run_view
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.workload.reader import nearest


class ScheduledJobs:
    """`target` is the application that has the jobs, `stack` its stack as text: `orders@dev`."""

    def __init__(
        self, database: Database, driver: Driver, authorise: Authorise, audit: Audit, recorder: Recorder, clock: Clock
    ) -> None:
        self._database, self._driver = database, driver
        self._authorise, self._audit = authorise, audit
        self._recorder, self._clock = recorder, clock

    async def jobs(self, call: Call, target: Target, stack: str) -> list[JobView]:
        self._authorise(call.principal, "application.view", target)
        found = [one for one in await repository.schedules(call.session, stack) if not one.removed]
        keys = [one.key for one in found]
        last = await repository.last_runs(call.session, keys)
        active = await repository.active(call.session, keys)
        now = self._clock.now()
        return [job_view(one, last.get(one.key), [run for run in active if run.key == one.key], now) for one in found]

    async def job(self, call: Call, target: Target, stack: str, name: str) -> JobView:
        found = {one.name: one for one in await self.jobs(call, target, stack)}
        _check(target, name, found)
        return found[name]

    async def runs(self, call: Call, target: Target, stack: str, name: str, *, limit: int = 100) -> list[RunView]:
        """The newest first."""
        self._authorise(call.principal, "application.view", target)
        schedule = await self._schedule(call, target, stack, name)
        now = self._clock.now()
        return [run_view(run, now) for run in await repository.runs(call.session, [schedule.key], limit)]

    async def logs(
        self,
        call: Call,
        target: Target,
        stack: str,
        name: str,
        number: int | None = None,
        *,
        n: int = 1000,
        follow: bool = False,
    ) -> AsyncGenerator[LogRecord, None]:
        """The last `n` lines of a run, of the newest that ran by default; with `follow` those to come, to its end."""
        self._authorise(call.principal, "application.logs", target)
        run = await self._run(call, await self._schedule(call, target, stack, name), number)
        source = Source(run.id, run.name, name, tuple(self._driver.log_files(run.id)))
        if not follow or not run.active:
            return _each(logs.tail([source], n))

        async def again() -> Sequence[Source]:
            return [source]

        async def ended() -> bool:
            async with self._database.call(call.principal) as later:
                now = await repository.run(later.session, run.key, run.number)
            return now is None or not now.active

        return logs.follow(again, n, ended)

    async def run(self, call: Call, target: Target, stack: str, name: str) -> RunView:
        """Begins a run now, also of a job that rests. Raises Conflict where another one is in its way."""
        self._authorise(call.principal, "job.run", target)
        row = await self._row(call, target, stack, name)
        schedule = repository.schedule_of(row)
        active = await repository.active(call.session, [row.key])
        if (reason := reconcile.in_the_way(schedule, active)) is not None:
            raise Conflict(
                f"{name} can't be run now: {reason}",
                hint=f"its overlap is {schedule.definition.overlap}; see: roadbed jobs history {target.name} {name}",
            )
        for action in reconcile.displaced(schedule, active):
            await self._recorder.record(call, row, action)
        by = "" if call.principal is None else call.principal.name
        begun = await self._recorder.begin(call, row, asked_by=by)
        await self._audit.record(call, "job.run", target, detail={"job": name, "run": begun.number})
        return run_view(begun, self._clock.now())

    async def suspend(self, call: Call, target: Target, stack: str, name: str, *, suspended: bool) -> JobView:
        """Has a job rest, or go on with the times that come from now on. What runs of it goes on.

        Raises Conflict where its file says that it rests: that is to be changed there.
        """
        self._authorise(call.principal, "job.suspend", target)
        row = await self._row(call, target, stack, name)
        if row.suspended and not suspended:
            raise Conflict(
                f"roadbed.yaml says that {name} is suspended", hint=f"take `suspended` out of jobs.{name} and deploy"
            )
        if suspended != (row.suspended_by is not None):
            row.suspended_by = call.principal.name if suspended and call.principal is not None else None
            row.considered_until = self._clock.now()
            await self._recorder.tell(call, row)
            await self._audit.record(call, "job.suspend", target, detail={"job": name, "suspended": suspended})
        await call.session.flush()
        return await self.job(call, target, stack, name)

    # Inside

    async def _row(self, call: Call, target: Target, stack: str, name: str) -> ScheduleRow:
        row = await repository.schedule_row(call.session, key_of(stack, name), lock=True)
        if row is None or row.removed:
            await self._schedule(call, target, stack, name)
        assert row is not None  # noqa: S101 - or there was none to be found
        return row

    async def _schedule(self, call: Call, target: Target, stack: str, name: str) -> Schedule:
        found = {one.name: one for one in await repository.schedules(call.session, stack) if not one.removed}
        _check(target, name, found)
        return found[name]

    async def _run(self, call: Call, schedule: Schedule, number: int | None) -> Run:
        if number is None:
            found = (await repository.last_runs(call.session, [schedule.key])).get(schedule.key)
            if found is None:
                raise NotFound(f"{schedule.name} has not run yet", hint=f"run it: roadbed jobs run {schedule.name}")
            return found
        run = await repository.run(call.session, schedule.key, number)
        if run is None:
            raise NotFound(f"{schedule.name} has no run {number}", hint=f"see: roadbed jobs history {schedule.name}")
        return run


def _check(target: Target, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise NotFound(f"{target.name} has no job {name!r}", hint=nearest(name, known) or "roadbed.yaml declares none")


async def _each(records: Sequence[LogRecord]) -> AsyncGenerator[LogRecord, None]:
    for record in records:
        yield record
