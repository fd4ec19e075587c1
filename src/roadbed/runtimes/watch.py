"""Watching one instance: its end, and the answers to its probes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from roadbed.kit.errors import RoadbedError
from roadbed.runtimes import elsewhere
from roadbed.runtimes.domain import Endpoint, Replica
from roadbed.runtimes.driver import Driver, Status
from roadbed.runtimes.observe import Observation
from roadbed.runtimes.probes import Answer, Prober
from roadbed.runtimes.workloads import Workload

STARTING_EVERY_S = 0.05
"""While a replica starts, so that an update waits for nothing but the application."""

EVERY_S = 2.0
FAILURES, FAILURES_AT_START = 3, 30
"""So many bad answers in a row make a replica unready, or dead: more for a container that was started again."""

_LOOK_EVERY_S = 0.25
_LATER_LOOKS = 5
"""So many more times its own ports are looked for once it is ready: nobody need wait for a container that opens one."""


class Watcher:
    """`observation` is what is known so far; `changed` is called when that has changed.

    `elsewhere` says that it listens on another port than PORT, if so. `dead` are those of several containers whose
    liveness probe failed since somebody took note of it. `settle_s`: so long it must stay up where there is nothing to
    ask. `only`: it is the only replica, so that a program which listens on a port of its own choice may do so, and be
    used there. `chosen` is where the one before it was used.
    """

    def __init__(
        self,
        replica: Replica,
        workload: Workload,
        driver: Driver,
        changed: Callable[[], None],
        *,
        settle_s: float,
        only: bool,
        chosen: int | None,
    ) -> None:
        was_ready = replica.state == "ready"
        seen = None if replica.state == "starting" else replica.own_ports
        self.observation = Observation(ready=True if was_ready else None, own_ports=seen)
        self.trouble = ""
        self.dead: set[str] = set()
        self._replica = replica
        self._workload = workload
        self._driver = driver
        known = replace(replica, own_ports=seen or ())
        self._prober = Prober(driver, replica.id, workload, endpoints_of(known, workload, driver))
        self._changed = changed
        self._only, self._chosen = only, chosen
        self._settle_s = settle_s
        self.elsewhere: str | None = None
        self._found: tuple[elsewhere.Elsewhere, float] | None = None
        self._look_at = 0.0
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
        readiness = _Streak()
        liveness = {name: _Streak() for name, one in self._workload.lasting().items() if one.liveness is not None}
        alone = len(self._workload.containers) > 1  # one of several is ended alone; an only one with its replica
        looks = _LATER_LOOKS
        while True:
            await asyncio.sleep(EVERY_S)
            ready = readiness.count(await self._answer(self._prober.ready()))
            failing = await self._failing(liveness)
            own_ports = await self._own_ports() if looks else self.observation.own_ports
            looks = max(0, looks - 1)
            self._probe_there(own_ports or ())
            self._see(replace(self.observation, ready=ready, alive=alone or not failing, own_ports=own_ports))
            if alone and failing:
                liveness |= {name: _Streak(FAILURES_AT_START) for name in failing}
                self.dead |= failing
                self._changed()

    async def _failing(self, liveness: dict[str, _Streak]) -> set[str]:
        """Those whose liveness probe failed too often. One that doesn't run will have time to come up."""
        failing = set()
        for name in self._prober.down() & liveness.keys():
            liveness[name] = _Streak(FAILURES_AT_START)
        for name in liveness.keys() - self._prober.down():
            if not liveness[name].count(await self._answer(self._prober.alive(name))):
                failing.add(name)
        return failing

    async def _become_ready(self) -> None:
        probed = any(one.readiness is not None for one in self._workload.lasting().values())
        if not probed and not self._workload.listens:
            await asyncio.sleep(self._settle_s)  # there is nothing to ask; to stay up for a while is all it can show
        waiting = set(self._workload.awaited_healthy())
        while True:
            if (await self._answer(self._start_on(waiting))).good:
                break
            await asyncio.sleep(STARTING_EVERY_S)
        adopted, own_ports = self._adopted(), await self._own_ports()
        self._probe_there(own_ports)
        self._see(replace(self.observation, ready=True, elsewhere=adopted, own_ports=own_ports))

    def _probe_there(self, own_ports: tuple[int, ...]) -> None:
        """Asks its other ports from now on where it is reached at them."""
        main = self._workload.main_port
        if own_ports and main is not None:
            known = replace(self._replica, endpoint=self._prober.endpoints.get(main.name), own_ports=own_ports)
            self._prober = replace(self._prober, endpoints=endpoints_of(known, self._workload, self._driver))

    async def _start_on(self, waiting: set[str]) -> Answer:
        """Lets those go on that wait until one of `waiting` is healthy, then asks whether the whole is ready."""
        for name in sorted(waiting):
            answer = await self._prober.healthy(name)
            if not answer.good:
                return await self._look_elsewhere(answer)
            self._driver.healthy(self._replica.id, name)
            waiting.discard(name)
        return await self._look_elsewhere(await self._prober.ready(at_first=True))

    async def _look_elsewhere(self, answer: Answer) -> Answer:
        """Where nothing listens on a port that it was given: says on which it does, or takes that for its endpoint."""
        if answer.good or not answer.refused:
            return answer
        now = asyncio.get_running_loop().time()
        if now < self._look_at:
            return replace(answer, message=self.trouble or answer.message)
        self._look_at = now + _LOOK_EVERY_S
        endpoints = self._prober.endpoints
        given = {name: endpoint.port for name, endpoint in endpoints.items()}
        listening = await asyncio.to_thread(self._driver.listening, self._replica.id)
        found = elsewhere.find_elsewhere(listening, given, self._workload.routed_ports)
        if found is not None and self._only and self._believed(found, now):
            moved = {name: replace(endpoints[name], port=port) for name, port in found.ports.items()}
            prober = replace(self._prober, endpoints={**endpoints, **moved})
            if not (there := await prober.ready(at_first=True)).refused:  # what is asked there says why it is not ready
                self._prober = prober if there.good else self._prober
                self.elsewhere = None
                return there
        name, ports = self._replica.key.partition("/")[2], self._workload.routed_ports
        self.elsewhere = elsewhere.sentence(name, listening, given, ports)
        return replace(answer, message=self.elsewhere) if self.elsewhere else answer

    def _believed(self, found: elsewhere.Elsewhere, now: float) -> bool:
        if self._found is None or self._found[0] != found:
            self._found = (found, now)
        main = self._workload.main_port
        if main is not None and self._chosen is not None and found.ports.get(main.name) == self._chosen:
            return True
        told_apart = found.declared or len(self._workload.containers) == 1  # the port may be another container's own
        return told_apart and now - self._found[1] >= found.patience_s

    def _adopted(self) -> Endpoint | None:
        """The endpoint that it chose itself, if it did."""
        port = self._workload.main_port
        here = self._prober.endpoints.get(port.name) if port is not None else None
        return here if here != self._replica.endpoint else None

    async def _own_ports(self) -> tuple[int, ...]:
        """The ports of its own choice on which it listens now, or did since it is ready; none of one among several."""
        if not self._only:
            return ()
        given = {endpoint.port for endpoint in self._driver.endpoints(self._replica.id).values()}
        listening = await asyncio.to_thread(self._driver.listening, self._replica.id)
        adopted = {here.port} if (here := self._adopted()) is not None else set()
        known = {*(self.observation.own_ports or ()), *adopted}
        return tuple(sorted({*elsewhere.own_ports(listening, given), *known}))

    async def _answer(self, asking: Awaitable[Answer]) -> Answer:
        answer = Answer(False, "the probe could not be run")
        with suppress(RoadbedError):
            answer = await asking
        self.trouble = answer.message
        return answer

    def _see(self, observation: Observation) -> None:
        if observation != self.observation:
            self.observation = observation
            self._changed()


def endpoints_of(replica: Replica, workload: Workload, driver: Driver) -> dict[str, Endpoint]:
    """Its ports' endpoints by name: the main one's is the replica's, which may have chosen it; another's is where
    its Score file says, if the replica listens there whatever it was given.
    """
    given = driver.endpoints(replica.id)
    own = {
        port.name: replace(given[port.name], port=port.target)
        for port in workload.routed_ports
        if port.target is not None and port.target in replica.own_ports and port.name in given
    }
    main = workload.main_port
    chosen = {main.name: replica.endpoint} if main is not None and replica.endpoint is not None else {}
    return {**given, **own, **chosen}


class _Streak:
    """One bad answer says little: good until so many bad ones in a row, good again after one that is.

    `allowed` holds until the first good one.
    """

    def __init__(self, allowed: int = FAILURES) -> None:
        self._allowed = allowed
        self._bad = 0

    def count(self, answer: Answer) -> bool:
        if answer.good:
            self._allowed = FAILURES
        self._bad = 0 if answer.good else self._bad + 1
        return self._bad < self._allowed
