"""Saying what scheduled jobs are to be: for the provider alone, which holds a plan that is being applied."""

from __future__ import annotations

from dataclasses import dataclass

from roadbed.audit.service import Audit
from roadbed.kit.access import Authorise, Target
from roadbed.kit.clock import Clock
from roadbed.kit.names import StackName
from roadbed.runtimes import sealed
from roadbed.runtimes.domain import is_anothers
from roadbed.runtimes.errors import WorkloadTaken
from roadbed.runtimes.scheduled import repository
from roadbed.runtimes.scheduled.domain import Definition, Schedule
from roadbed.runtimes.scheduled.recording import Recorder
from roadbed.runtimes.scheduled.tables import ScheduleRow
from roadbed.runtimes.workloads import Workload
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call


@dataclass(frozen=True, slots=True)
class ScheduleDeclarations:
    """`key` is a job's: `orders@dev/report`; `owner` the group that owns the application, where one does."""

    authorise: Authorise
    audit: Audit
    secrets: Secrets
    recorder: Recorder
    clock: Clock

    async def declare(
        self,
        call: Call,
        key: str,
        definition: Definition,
        workload: Workload,
        *,
        release: int | None,
        owner: str | None,
        creation: str = "",
    ) -> None:
        """Says what a job is from now on; what runs of it goes on. `creation` is the token of one that is made.

        Another schedule, or one that rests no more, begins with what comes from now on. Raises WorkloadTaken if another
        creation has the job.
        """
        await self._change(call, key, owner, {"schedule": definition.cron, "release": release})
        row = await repository.schedule_row(call.session, key, lock=True)
        if row is not None and not row.removed and is_anothers(row.creation, creation):
            raise WorkloadTaken(key)
        if row is None:
            row = _new(key)
            call.session.add(row)
        before = (row.cron, row.timezone, row.suspended, row.removed)
        row.owner, row.release, row.removed = owner, release, False
        row.creation = creation or row.creation or ""
        for name in Definition.__dataclass_fields__:
            setattr(row, name, getattr(definition, name))
        if before != (row.cron, row.timezone, row.suspended, row.removed):
            row.considered_until = self.clock.now()
        row.generation += 1
        context = sealed.sealing_context(key, row.generation)
        row.sealed = self.secrets.seal(sealed.encode(workload), context=context)
        await call.session.flush()
        await self.recorder.tell(call, row)

    async def remove(self, call: Call, key: str, creation: str = "") -> bool:
        """Ends what runs of a job, and forgets it when that has. Also when there is none.

        False if it is another creation's, and left alone.
        """
        await self._change(call, key, None, {"removed": True})
        row = await repository.schedule_row(call.session, key, lock=True)
        if row is None:
            return True
        if is_anothers(row.creation, creation):
            return False
        row.removed = True
        await self.recorder.tell(call, row)
        return True

    async def schedule(self, call: Call, key: str) -> Schedule | None:
        self.authorise(call.principal, "application.view", _target(key, None))
        row = await repository.schedule_row(call.session, key)
        return repository.schedule_of(row) if row else None

    async def _change(self, call: Call, key: str, owner: str | None, detail: dict[str, object]) -> None:
        target = _target(key, owner)
        self.authorise(call.principal, "runtime.change", target)
        await self.audit.record(call, "runtime.change", target, detail=detail)


def _new(key: str) -> ScheduleRow:
    """A row that has the definition yet to come."""
    return ScheduleRow(key=key, stack=key.partition("/")[0], generation=0, numbers=0, suspended_by=None, removed=True)


def _target(key: str, owner: str | None) -> Target:
    stack = StackName.parse(key.partition("/")[0])
    return Target("application", stack.owner, owner=owner, environment=stack.environment)
