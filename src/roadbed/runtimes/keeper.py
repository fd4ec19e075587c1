"""Keeps one service to its specification: load, observe, reconcile, record, act.

What is decided is recorded before it is done, and doing it again is harmless. So a daemon that dies in between leaves
nothing that its successor would not set right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from roadbed.gateway.domain import Backend
from roadbed.kit.errors import RoadbedError
from roadbed.kit.ids import new_id
from roadbed.runtimes import reconcile as plan
from roadbed.runtimes import repository, sealed
from roadbed.runtimes.domain import Replica, Rollout, Service
from roadbed.runtimes.driver import Instance
from roadbed.runtimes.errors import CannotStart
from roadbed.runtimes.logs import last_words
from roadbed.runtimes.observe import observe
from roadbed.runtimes.tables import ServiceRow
from roadbed.runtimes.taken import holder_of, wanted_ports
from roadbed.runtimes.tools import ME, Tools
from roadbed.runtimes.turning import Turning
from roadbed.runtimes.watch import Watcher, endpoints_of
from roadbed.runtimes.workloads import Workload
from roadbed.storage.call import Call

_LONGEST_REST_S = 3600.0


@dataclass(slots=True)
class _Work:
    """What remains to be done of a turn once it is recorded."""

    starts: list[Replica] = field(default_factory=list)
    stops: list[Replica] = field(default_factory=list)
    route: list[Replica] | None = None
    forget: Sequence[str] = ()
    removed: bool = False


class Keeper(Turning):
    """One service's. `run` returns when the service is gone."""

    def __init__(self, key: str, tools: Tools) -> None:
        super().__init__(key)
        self._stack = key.partition("/")[0]
        self._tools = tools
        self._owner: str | None = None
        self._watchers: dict[str, Watcher] = {}
        self._workloads: dict[int, Workload] = {}
        self._adopted = False
        self._moved = False  # one that is ready was found on a port of its own, where it is to be reached from now on
        self._chosen: int | None = None  # where the last replica that was ready is used, if it chose that port itself

    async def _close(self) -> None:
        for watcher in self._watchers.values():
            await watcher.close()

    async def _turn(self) -> float | None:
        async with self._tools.database.call(ME) as call:
            row = await repository.service_row(call.session, self._key, lock=True)
            if row is None:
                return None
            self._owner = row.owner
            replicas = await self._observe(call, await repository.replicas(call.session, [self._key]))
            rollout = await repository.running_rollout(call.session, self._key)
            running = repository.rollout_of(rollout) if rollout else None
            now = self._tools.clock.now()
            drain = timedelta(seconds=self._tools.settings.drain_s)
            decision = plan.reconcile(repository.service_of(row), replicas, running, now, drain=drain)
            work = await self._record(call, row, replicas, decision, running)
            if self._moved and work.route is None:
                work.route = [replica for replica in replicas if replica.instance in row.routed]
            self._moved = False
        await self._do(repository.service_of(row), work)
        if work.removed:
            return None
        if decision.actions:
            return 0.0
        wait = (decision.wake_at - now).total_seconds() if decision.wake_at else _LONGEST_REST_S
        return max(wait, 0.001)

    async def _observe(self, call: Call, replicas: Sequence[Replica]) -> list[Replica]:
        """The replicas as they are now, those left out that ended for good."""
        if not self._adopted:
            await self._adopt(call, replicas)
            replicas = await repository.replicas(call.session, [self._key])
            self._adopted = True
        now = self._tools.clock.now()
        found = []
        for before in replicas:
            watcher = self._watchers.get(before.instance)
            after = observe(before, watcher.observation, now) if watcher else before
            if after != before:
                await self._save(call, after)
            if after.state == "failing":
                await self._tools.driver.stop(after.id)
            if after.state == before.state == "ready" and after.own_ports != before.own_ports:
                self._moved = True
            if watcher is not None and after.state == "ready":
                self._tools.driver.settled(after.id)
                self._chosen = after.chosen_port
            while watcher is not None and watcher.dead:
                self._tools.driver.restart(after.id, watcher.dead.pop())
            if after.state in {"stopped", "crashed"}:
                await self._unwatch(before)
            if after.state != "stopped":
                found.append(after)
        return found

    async def _adopt(self, call: Call, replicas: Sequence[Replica]) -> None:
        """After the daemon's death: finds those that run, and starts or ends what it had only noted down."""
        for replica in replicas:
            if replica.state == "crashed":
                continue
            status = self._tools.driver.inspect(replica.id)
            there = status is not None and status.attempt == replica.attempt
            if not there and replica.state == "stopping":
                await self._save(call, replace(replica, state="stopped", since=self._tools.clock.now()))
                continue
            if replica.state == "starting" and (not there or replica.endpoint is None):
                await self._start(call, replica)
                continue
            await self._watch(call, replica)
            if replica.state == "stopping":
                await self._tools.driver.stop(replica.id)

    async def _record(
        self, call: Call, row: ServiceRow, replicas: Sequence[Replica], decision: plan.Decision, rollout: Rollout | None
    ) -> _Work:
        by_id = {replica.id: replica for replica in replicas}
        work = _Work()
        for action in decision.actions:
            match action:
                case plan.Start(generation):
                    before = await repository.replicas(call.session, [self._key], ended=True)
                    own_ports = before[-1].own_ports if before else ()
                    work.starts.append(await self._save(call, self._new(row, generation, rollout, own_ports)))
                case plan.Restart(id_):
                    work.starts.append(await self._save(call, self._again(by_id[id_])))
                case plan.Stop(id_):
                    work.stops.append(await self._save(call, self._ending(by_id[id_])))
                case plan.Route(instances):
                    work.route = [replica for replica in replicas if replica.instance in instances]
                case plan.Succeed():
                    row.active, row.active_replicas = row.target, row.replicas
                    row.release = rollout.release if rollout is not None else row.release
                    await self._finish(call, row, "succeeded", None)
                case plan.Fail():
                    message = await self._explain(call, by_id, action)
                    row.target, row.replicas = row.active, row.active_replicas
                    await self._finish(call, row, "failed", message)
                case plan.Remove():
                    ended = await repository.replicas(call.session, [self._key], ended=True)
                    work.forget = [replica.id for replica in ended]
                    work.removed = True
                    await repository.remove_service(call.session, self._key)
        return work

    async def _do(self, service: Service, work: _Work) -> None:
        for replica in work.stops:
            await self._tools.driver.stop(replica.id)
        if work.starts:
            await asyncio.gather(*(self._start_recorded(replica) for replica in work.starts))
        if work.route is not None:
            await self._route(service, work.route)
        for id_ in work.forget:
            self._tools.driver.forget(id_)

    async def _start_recorded(self, replica: Replica) -> None:
        async with self._tools.database.call(ME) as call:
            await self._start(call, replica)

    async def _start(self, call: Call, replica: Replica) -> None:
        now = self._tools.clock.now()
        try:
            workload = _named(await self._workload(call, replica.generation), replica)
            instance = Instance(replica.id, replica.attempt, self._stack)
            endpoints = await self._tools.driver.start(instance, workload)
        except RoadbedError as error:
            failed = replace(replica, state="crashed", since=now, reason=error.message, failures=replica.failures + 1)
            await self._save(call, failed)
            return
        main = workload.main_port
        endpoint = endpoints.get(main.name) if main is not None else None
        started = await self._save(call, replace(replica, endpoint=endpoint, started_at=now))
        await self._watch(call, started)

    async def _route(self, service: Service, replicas: Sequence[Replica]) -> None:
        async with self._tools.database.call(ME) as call:
            backends = [backend for replica in replicas for backend in await self._backends(call, replica)]
            await self._tools.router.set_backends(call, self._key, backends)
        shown = frozenset(replica.instance for replica in replicas)
        async with self._tools.database.call(ME) as call:
            row = await repository.service_row(call.session, self._key, lock=True)
            if row is not None:
                row.routed = sorted(shown)
            now = self._tools.clock.now()
            for replica in await repository.replicas(call.session, [self._key]):
                if replica.instance in service.routed - shown:
                    await self._save(call, replace(replica, unrouted_at=now))

    async def _backends(self, call: Call, replica: Replica) -> list[Backend]:
        """One for each of its ports, by its name and by its number; where there is only one, it answers to any."""
        workload = await self._workload(call, replica.generation)
        if (endpoint := replica.endpoint) is None:
            return []
        if len(workload.routed_ports) == 1:
            return [Backend(replica.instance, endpoint.host, endpoint.port)]
        at = endpoints_of(replica, workload, self._tools.driver)
        return [
            Backend(replica.instance, at[port.name].host, at[port.name].port, name)
            for port in workload.routed_ports
            if port.name in at
            for name in sorted({port.name, str(port.number)})
        ]

    async def _watch(self, call: Call, replica: Replica) -> None:
        workload = await self._workload(call, replica.generation)
        row = await repository.service_row(call.session, self._key)
        only = row is not None and row.replicas == 1
        settle_s = self._tools.settings.settle_s
        watcher = Watcher(
            replica, workload, self._tools.driver, self.wake, settle_s=settle_s, only=only, chosen=self._chosen
        )
        self._watchers[replica.instance] = watcher

    async def _unwatch(self, replica: Replica) -> None:
        if watcher := self._watchers.pop(replica.instance, None):
            await watcher.close()

    async def _workload(self, call: Call, generation: int) -> Workload:
        if generation not in self._workloads:
            row = await repository.workload(call.session, self._key, generation)
            if row is None:
                raise CannotStart(f"{self._key} has no generation {generation}")
            context = sealed.sealing_context(self._key, generation)
            self._workloads[generation] = sealed.decode(self._tools.secrets.open(row.sealed, context=context))
        return self._workloads[generation]

    async def _save(self, call: Call, replica: Replica) -> Replica:
        await repository.save_replica(call.session, replica)
        await self._tell(call)
        return replica

    async def _tell(self, call: Call) -> None:
        data = {"service": self._key} | ({"owner": self._owner} if self._owner else {})
        await self._tools.events.emit(call, "replica.changed", f"stack:{self._stack}", data)

    async def _finish(self, call: Call, row: ServiceRow, outcome: str, message: str | None) -> None:
        rollout = await repository.running_rollout(call.session, self._key)
        if rollout is not None:
            rollout.outcome, rollout.message, rollout.finished_at = outcome, message, self._tools.clock.now()
        await call.session.flush()
        service = repository.service_of(row)
        for id_ in await repository.prune_replicas(call.session, self._key, self._tools.settings.kept_replicas):
            self._tools.driver.forget(id_)
        await repository.prune_workloads(call.session, service)
        kept = {service.target, service.active}
        self._workloads = {number: one for number, one in self._workloads.items() if number in kept}
        await self._tell(call)

    def _new(self, row: ServiceRow, generation: int, rollout: Rollout | None, own_ports: tuple[int, ...]) -> Replica:
        """`own_ports`: those of the one before it, on which this one will listen too, until it is seen."""
        now = self._tools.clock.now()
        release = rollout.release if rollout is not None and rollout.generation == generation else row.release
        return Replica(new_id("rep"), self._key, generation, release, "starting", 1, now, now, own_ports=own_ports)

    def _again(self, replica: Replica) -> Replica:
        fresh = replace(replica, attempt=replica.attempt + 1, restarts=replica.restarts + 1, endpoint=None)
        return replace(fresh, state="starting", since=self._tools.clock.now(), unrouted_at=None)

    def _ending(self, replica: Replica) -> Replica:
        """One that has crashed has ended already."""
        now = self._tools.clock.now()
        if replica.state == "crashed":
            return replace(replica, state="stopped", since=now)
        return replace(replica, state="stopping", since=now)

    async def _explain(self, call: Call, replicas: Mapping[str, Replica], failure: plan.Fail) -> str:
        replica = replicas.get(failure.replica) if failure.replica else None
        if replica is None:
            return failure.reason
        watcher = self._watchers.get(replica.instance)
        trouble = watcher.trouble if watcher else replica.reason
        words = last_words(self._tools.driver, replica.id)
        wanted = wanted_ports(replica, await self._workload(call, replica.generation), words)
        held = await holder_of(self._tools, call, replica, wanted)
        sentences = dict.fromkeys((self._elsewhere(replicas.values(), replica.generation), held, words))
        because = f" ({trouble})" if trouble and trouble not in sentences else ""
        return "; ".join([f"{failure.reason}{because}", *filter(None, sentences)])

    def _elsewhere(self, replicas: Iterable[Replica], generation: int) -> str | None:
        """That one of them listens on another port than PORT: why the others, which want the same, can't."""
        alike = [replica for replica in replicas if replica.generation == generation]
        watchers = [self._watchers[replica.instance] for replica in alike if replica.instance in self._watchers]
        return next((watcher.elsewhere for watcher in watchers if watcher.elsewhere), None)


def _named(workload: Workload, replica: Replica) -> Workload:
    """What a replica may know of itself: its own name, and the release that it was started for."""
    release = "" if replica.release is None else f"v{replica.release}"
    own = {"ROADBED_REPLICA": replica.name, "ROADBED_RELEASE": release}
    containers = {name: replace(one, variables={**one.variables, **own}) for name, one in workload.containers.items()}
    return replace(workload, containers=containers)
