"""Recording what is decided of runs, whoever decides it: the keeper, or somebody who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from roadbed.control.events import Events
from roadbed.kit.clock import Clock
from roadbed.kit.ids import new_id
from roadbed.runtimes.scheduled import reconcile as plan
from roadbed.runtimes.scheduled import repository
from roadbed.runtimes.scheduled.domain import Run, RunState
from roadbed.runtimes.scheduled.tables import ScheduleRow
from roadbed.storage.call import Call

JOB_CHANGED = "job.changed"
"""The event of whatever happened to a job: it wakes its keeper, and whoever looks at it reads it again."""
JOB_FAILED = "job.failed"
"""The event of a run that failed for good, or that nobody could begin in time."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """The caller has locked the row of the job."""

    events: Events
    clock: Clock

    async def record(self, call: Call, row: ScheduleRow, action: plan.Action) -> None:
        now = self.clock.now()
        match action:
            case plan.Consider(begin):
                row.considered_until = now
                if begin is not None:
                    await self.begin(call, row, due_at=begin)
            case plan.Leave(at, state, reason):
                await self._leave(call, row, at, state, reason)
            case plan.Start(run):
                started = replace(run, state="running", attempt=run.attempt + 1, started_at=now, cause=None)
                await self._save(call, row, started)
            case plan.Stop(run, cause):
                await self._save(call, row, replace(run, state="stopping", cause=cause))
            case plan.Retry(run, at, ended):
                waiting = replace(run, state="waiting", begin_at=at, code=ended.code, reason=ended.reason)
                await self._save(call, row, waiting)
            case plan.End(run, state, code, reason):
                await self._save(call, row, replace(run, state=state, code=code, reason=reason, ended_at=now))
                if state == "failed":
                    await self._failed(call, row, run.number, reason)
            case plan.Remove():
                await repository.remove(call.session, row.key)

    async def begin(
        self, call: Call, row: ScheduleRow, *, due_at: datetime | None = None, asked_by: str | None = None
    ) -> Run:
        """A run that waits for its first attempt."""
        run = self._new(row, "waiting", due_at, asked_by)
        await repository.add_run(call.session, run, row.sealed)
        await self.tell(call, row)
        return run

    async def tell(self, call: Call, row: ScheduleRow) -> None:
        await self.events.emit(call, JOB_CHANGED, f"stack:{row.stack}", _data(row))

    async def _leave(self, call: Call, row: ScheduleRow, due_at: datetime, state: RunState, reason: str) -> None:
        run = self._new(row, state, due_at, None)
        await repository.add_run(call.session, replace(run, ended_at=run.created_at, reason=reason), "")
        await self.tell(call, row)
        if state == "missed":
            await self._failed(call, row, run.number, reason)

    async def _save(self, call: Call, row: ScheduleRow, run: Run) -> None:
        await repository.save_run(call.session, run)
        await self.tell(call, row)

    async def _failed(self, call: Call, row: ScheduleRow, number: int, reason: str | None) -> None:
        data = {**_data(row), "run": number, "reason": reason or ""}
        await self.events.emit(call, JOB_FAILED, f"stack:{row.stack}", data)

    def _new(self, row: ScheduleRow, state: RunState, due_at: datetime | None, asked_by: str | None) -> Run:
        row.numbers += 1
        now = self.clock.now()
        return Run(
            id=new_id("run"),
            key=row.key,
            number=row.numbers,
            generation=row.generation,
            release=row.release,
            state=state,
            created_at=now,
            begin_at=now,
            due_at=due_at,
            asked_by=asked_by,
        )


def _data(row: ScheduleRow) -> dict[str, str]:
    return {"job": row.key} | ({"owner": row.owner} if row.owner else {})
