"""Watching one instance: its end, and the answers to its probes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from roadbed.kit.errors import RoadbedError
from roadbed.runtimes.domain import Probe, Replica, Workload
from roadbed.runtimes.driver import Driver, Status
from roadbed.runtimes.observe import Observation
from roadbed.runtimes.probes import Answer, Prober

STARTING_EVERY_S = 0.05
"""While a replica starts, so that an update waits for nothing but the application."""

EVERY_S = 2.0
FAILURES = 3
"""So many bad answers in a row make a replica unready, or dead."""

_SETTLED_S = 1.0


class Watcher:
    """`observation` is what is known so far; `changed` is called when that has changed."""

    def __init__(self, replica: Replica, workload: Workload, driver: Driver, changed: Callable[[], None]) -> None:
        was_ready = replica.state == "ready"
        self.observation = Observation(ready=True if was_ready else None)
        self.trouble = ""
        self._workload = workload
        self._prober = Prober(driver, replica.id, workload, replica.endpoint)
        self._changed = changed
        self._tasks = [
            asyncio.create_task(self._await_end(driver, replica.id), name=f"end of {replica.instance}"),
            asyncio.create_task(self._probe(), name=f"probes of {replica.instance}"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _await_end(self, driver: Driver, id_: str) -> None:
        try:
            status = await driver.wait(id_)
        except RoadbedError as error:  # its folder was taken away under it
            status = Status(0, datetime.now(UTC), code=137, reason=error.message)
        self._tasks[1].cancel()
        self._see(replace(self.observation, ended=status))

    async def _probe(self) -> None:
        if self.observation.ready is None:
            await self._become_ready()
        readiness, liveness = _Streak(), _Streak()
        while True:
            await asyncio.sleep(EVERY_S)
            ready = readiness.count(await self._ask(self._workload.readiness))
            alive = self._workload.liveness is None or liveness.count(await self._ask(self._workload.liveness))
            self._see(replace(self.observation, ready=ready, alive=alive))

    async def _become_ready(self) -> None:
        if self._workload.readiness is None and not self._workload.listens:
            await asyncio.sleep(_SETTLED_S)  # there is nothing to ask; not to have ended at once is all it can show
        while True:
            answer = await self._ask(self._workload.readiness)
            if answer.good:
                break
            await asyncio.sleep(STARTING_EVERY_S)
        self._see(replace(self.observation, ready=True))

    async def _ask(self, probe: Probe | None) -> Answer:
        answer = Answer(False, "the probe could not be run")
        with suppress(RoadbedError):
            answer = await self._prober.ask(probe)
        self.trouble = answer.message
        return answer

    def _see(self, observation: Observation) -> None:
        if observation != self.observation:
            self.observation = observation
            self._changed()


class _Streak:
    """One bad answer says little: good until `FAILURES` bad ones in a row, good again after one that is."""

    def __init__(self) -> None:
        self._bad = 0

    def count(self, answer: Answer) -> bool:
        self._bad = 0 if answer.good else self._bad + 1
        return self._bad < FAILURES
