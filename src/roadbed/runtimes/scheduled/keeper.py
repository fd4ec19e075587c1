"""Keeps one scheduled job: load, reconcile, record, act.

What is decided is recorded before it is done, and doing it again is harmless: an attempt that was recorded and not
begun is begun by whoever finds it, one that was begun is taken up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from roadbed.kit.errors import RoadbedError
from roadbed.runtimes import sealed
from roadbed.runtimes.driver import Instance
from roadbed.runtimes.observe import why
from roadbed.runtimes.scheduled import reconcile as plan
from roadbed.runtimes.scheduled import repository
from roadbed.runtimes.scheduled.domain import Run
from roadbed.runtimes.scheduled.recording import Recorder
from roadbed.runtimes.scheduled.tables import ScheduleRow
from roadbed.runtimes.tools import ME, Tools
from roadbed.runtimes.turning import Turning
from roadbed.runtimes.workloads import Workload
from roadbed.storage.call import Call

CANNOT_START, GONE, TOLD_TO_END = 126, 137, 143
_LONGEST_REST_S = 300.0
"""Also of a job whose time comes next year: the machine may have slept, or its clock been put right."""


@dataclass(slots=True)
class _Work:
    """What remains to be done of a turn once it is recorded."""

    removed: bool
    forget: list[str] = field(default_factory=list)


class JobKeeper(Turning):
    """One job's. `run` returns when the job is gone."""

    def __init__(self, key: str, tools: Tools) -> None:
        super().__init__(key)
        self._tools = tools
        self._recorder = Recorder(tools.events, tools.clock)
        self._following: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, plan.Ended] = {}

    async def _close(self) -> None:
        for task in self._following.values():
            task.cancel()
        await asyncio.gather(*self._following.values(), return_exceptions=True)

    async def _turn(self) -> float | None:
        async with self._tools.database.call(ME) as call:
            row = await repository.schedule_row(call.session, self._key, lock=True)
            if row is None:
                return None
            active = await repository.active(call.session, [self._key])
            now = self._tools.clock.now()
            decision = plan.reconcile(repository.schedule_of(row), active, self._ended, now)
            work = await self._record(call, row, decision.actions)
            running = await repository.active(call.session, [self._key])
        await self._act(running, work)
        if work.removed:
            return None
        if decision.actions:
            return 0.0
        wait = (decision.wake_at - now).total_seconds() if decision.wake_at else _LONGEST_REST_S
        return min(max(wait, 0.001), _LONGEST_REST_S)

    async def _record(self, call: Call, row: ScheduleRow, actions: Sequence[plan.Action]) -> _Work:
        work = _Work(removed=plan.Remove() in actions)
        if work.removed:
            work.forget = [run.id for run in await repository.runs(call.session, [self._key])]
        for action in actions:
            await self._recorder.record(call, row, action)
        if actions and not work.removed:
            work.forget = await repository.prune_runs(call.session, self._key, row.history)
        return work

    async def _act(self, active: Sequence[Run], work: _Work) -> None:
        """After the turn was recorded: follows what runs, and tells to end what is to, each turn anew: when it was told
        the first time it may not have begun.
        """
        running = {run.id: run for run in active if run.state != "waiting"}
        self._ended = {id_: ended for id_, ended in self._ended.items() if id_ in running}
        for id_ in set(self._following) - set(running):
            self._following.pop(id_).cancel()
        for run in running.values():
            if run.id not in self._following:
                self._following[run.id] = asyncio.create_task(self._follow(run), name=f"run {run.name}")
            elif run.state == "stopping":
                await self._tools.driver.stop(run.id)
        for id_ in work.forget:
            self._tools.driver.forget(id_)

    async def _follow(self, run: Run) -> None:
        """Begins an attempt that is recorded and isn't there, and waits for its end."""
        self._ended[run.id] = await self._end_of(run)
        self.wake()

    async def _end_of(self, run: Run) -> plan.Ended:
        driver = self._tools.driver
        try:
            status = driver.inspect(run.id)
            there = status is not None and status.attempt == run.attempt
            if not there and run.state == "stopping":
                return plan.Ended(TOLD_TO_END, "it was told to end before it began")
            if not there:
                stack = self._key.partition("/")[0]
                await driver.start(Instance(run.id, run.attempt, stack), await self._workload(run))
                self.wake()
            if run.state == "stopping":
                await driver.stop(run.id)
            status = await driver.wait(run.id)
        except RoadbedError as error:
            return plan.Ended(CANNOT_START, error.message)
        return plan.Ended(GONE if status.code is None else status.code, why(status))

    async def _workload(self, run: Run) -> Workload:
        async with self._tools.database.call(ME) as call:
            text = await repository.sealed_of(call.session, run.id)
        context = sealed.sealing_context(self._key, run.generation)
        workload = sealed.decode(self._tools.secrets.open(text, context=context))
        release = "" if run.release is None else f"v{run.release}"
        own = {"ROADBED_JOB": self._key.partition("/")[2], "ROADBED_RUN": str(run.number), "ROADBED_RELEASE": release}
        containers = {
            name: replace(one, variables={**one.variables, **own}) for name, one in workload.containers.items()
        }
        return replace(workload, containers=containers)
