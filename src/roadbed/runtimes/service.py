"""The door to services and replicas, for everybody who may see the application. Changes are in `declarations`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence

from roadbed.kit.access import Authorise, Target
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.runtimes import logs, repository
from roadbed.runtimes.domain import (
    Replica,
    ReplicaView,
    Rollout,
    Service,
    ServiceView,
)
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.logs import LogRecord, Source
from roadbed.runtimes.scheduled import repository as scheduled
from roadbed.runtimes.views import Meter, replica_view, service_view
from roadbed.runtimes.volume_sizes import VolumeSizes
from roadbed.storage.call import Call
from roadbed.storage.database import Database


class Runtimes:
    """`stack` is always text, such as `orders@dev`; `owner` the group that owns the application, where one does.

    Who owns a stack is known here from its services. Of one that has none, `owner` is what the caller knows; without
    it, only who may see everything sees that nothing runs.
    """

    def __init__(
        self, database: Database, driver: Driver, volumes: VolumeSizes, authorise: Authorise, clock: Clock
    ) -> None:
        self._volumes = volumes
        self._clock = clock
        self._database = database
        self._driver = driver
        self._authorise = authorise
        self._meter = Meter()

    async def services(self, call: Call, stack: str, *, owner: str | None = None) -> list[ServiceView]:
        services = await self._seen(call, stack, "application.view", owner)
        return await self._views(call, services)

    async def replicas(self, call: Call, stack: str, *, owner: str | None = None) -> list[ReplicaView]:
        """Those that have not ended for good, by workload and age."""
        services = await self._seen(call, stack, "application.view", owner)
        replicas = await repository.replicas(call.session, [service.key for service in services])
        return [self._view(replica) for replica in sorted(replicas, key=lambda replica: replica.key)]

    async def fixed_ports(self, call: Call, stack: str, *, owner: str | None = None) -> dict[str, tuple[int, ...]]:
        """By workload, where a replica listens on ports of its own choice: those."""
        services = await self._seen(call, stack, "application.view", owner)
        replicas = await repository.replicas(call.session, [service.key for service in services])
        found: dict[str, set[int]] = {}
        for replica in replicas:
            if replica.own_ports:
                found.setdefault(replica.key.partition("/")[2], set()).update(replica.own_ports)
        return {name: tuple(sorted(ports)) for name, ports in found.items()}

    async def volume_sizes(
        self, call: Call, stack: str, sources: Collection[str], *, owner: str | None = None
    ) -> dict[str, int]:
        """Bytes that these volumes of the stack hold, as they were at most half a minute ago."""
        await self._seen(call, stack, "application.view", owner)
        own = [source for source in sources if source.partition("/")[0] == stack]
        return {source: await asyncio.to_thread(self._volumes.held, source) for source in own}

    async def rollouts(self, call: Call, stack: str, *, limit: int = 20, owner: str | None = None) -> list[Rollout]:
        """The newest first."""
        services = await self._seen(call, stack, "application.view", owner)
        return await repository.rollouts(call.session, [service.key for service in services], limit)

    async def logs(
        self,
        call: Call,
        stack: str,
        *,
        workload: str | None = None,
        n: int = 100,
        follow: bool = False,
        owner: str | None = None,
    ) -> AsyncGenerator[LogRecord, None]:
        """The last `n` lines of all replicas and jobs, by time; with `follow`, those to come as well, without end.

        Asks for permission at once; the lines are read after the call's transaction, without one. Raises NotFound for
        a workload that the stack doesn't have, and that wrote nothing either: a job may come before its service.
        """
        services = await self._seen(call, stack, "application.logs", owner)
        found = await self._sources(call, stack, workload)
        known = [service.workload for service in services]
        if workload is not None and workload not in known and not found:
            raise NotFound(
                f"{StackName.parse(stack).owner} has no workload {workload!r}",
                hint=f"its workloads are: {', '.join(known) or 'none'}",
            )

        async def again() -> Sequence[Source]:
            async with self._database.call(call.principal) as later:
                return await self._sources(later, stack, workload)

        return logs.follow(again, n) if follow else _each(logs.tail(found, n))

    async def _seen(self, call: Call, stack: str, action: str, owner: str | None) -> list[Service]:
        """The stack's services, if the caller may. `owner` counts where nothing runs that says whose it is."""
        services = await repository.services(call.session, stack)
        owner = next((service.owner for service in services), owner)
        name = StackName.parse(stack)
        self._authorise(
            call.principal, action, Target("application", name.owner, owner=owner, environment=name.environment)
        )
        return [service for service in services if not service.removed]

    async def _views(self, call: Call, services: Sequence[Service]) -> list[ServiceView]:
        keys = [service.key for service in services]
        replicas = await repository.replicas(call.session, keys)
        rolling = await repository.rolling(call.session, keys)
        now = self._clock.now()
        return [
            service_view(service, [replica for replica in replicas if replica.key == service.key], rolling, now)
            for service in services
        ]

    async def _sources(self, call: Call, stack: str, workload: str | None) -> list[Source]:
        services = await repository.services(call.session, stack)
        keys = [service.key for service in services if workload in (None, service.workload)]
        replicas = await repository.replicas(call.session, keys, ended=True)
        jobs = await repository.jobs(call.session, stack, workload)
        schedules = [one for one in await scheduled.schedules(call.session, stack) if workload in (None, one.name)]
        runs = await scheduled.runs(call.session, [one.key for one in schedules])
        named = [(replica.id, replica.name, replica.key.partition("/")[2]) for replica in replicas]
        named += [(job.id, f"{job.workload}-{job.id[-5:]}", job.workload) for job in jobs]
        named += [(run.id, run.name, run.key.partition("/")[2]) for run in runs]
        return [Source(id_, name, part, tuple(self._driver.log_files(id_))) for id_, name, part in named]

    def _view(self, replica: Replica) -> ReplicaView:
        usage = self._driver.usage(replica.id)
        percent = self._meter.percent(replica.instance, usage) if usage else None
        status = self._driver.inspect(replica.id)
        containers = status.containers if status is not None and status.running else ()
        return replica_view(replica, usage, percent, self._clock.now(), containers)


async def _each(records: Sequence[LogRecord]) -> AsyncGenerator[LogRecord, None]:
    for record in records:
        yield record
