"""The door to services and replicas: readers for everybody who may see the application, changes for the provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.kit.access import Authorise, Target
from roadbed.kit.clock import Clock
from roadbed.kit.ids import new_id
from roadbed.kit.names import StackName
from roadbed.runtimes import logs, repository, spec
from roadbed.runtimes.domain import (
    Health,
    Replica,
    ReplicaView,
    Rollout,
    Service,
    ServiceView,
    Workload,
    stack_of,
    worst,
)
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.errors import ServiceNotFound
from roadbed.runtimes.logs import LogRecord, Source
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.tables import RolloutRow, ServiceRow, WorkloadRow
from roadbed.runtimes.views import Meter, replica_view, service_view
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database

SERVICE_CHANGED = "service.changed"
"""The event that wakes the controller: a service was declared or removed."""


class Runtimes:
    """`stack` is always text, such as `orders@dev`; `owner` the group that owns the application, where one does.

    Who owns a stack is known here from its services. Of one that has none yet, only who may see everything sees that.
    """

    def __init__(
        self,
        database: Database,
        driver: Driver,
        authorise: Authorise,
        audit: Audit,
        secrets: Secrets,
        events: Events,
        clock: Clock,
        settings: RuntimeSettings,
    ) -> None:
        self._database = database
        self._driver = driver
        self._authorise = authorise
        self._audit = audit
        self._secrets = secrets
        self._events = events
        self._clock = clock
        self._settings = settings
        self._meter = Meter()

    async def services(self, call: Call, stack: str) -> list[ServiceView]:
        services = await self._seen(call, stack, "application.view")
        return await self._views(call, services)

    async def health(self, call: Call, stack: str) -> Health:
        """Of the whole stack: `unknown` where it has no services."""
        return worst([view.health for view in await self.services(call, stack)])

    async def overview(self, call: Call, stacks: Sequence[str]) -> dict[str, list[ServiceView]]:
        """The services of several stacks: what a list of applications shows."""
        found: dict[str, list[ServiceView]] = {stack: [] for stack in stacks}
        services = [service for stack in stacks for service in await self._seen(call, stack, "application.view")]
        for service, view in zip(services, await self._views(call, services), strict=True):
            found[str(service.stack)].append(view)
        return found

    async def replicas(self, call: Call, stack: str) -> list[ReplicaView]:
        """Those that have not ended for good, by workload and age."""
        services = await self._seen(call, stack, "application.view")
        replicas = await repository.replicas(call.session, [service.key for service in services])
        return [self._view(replica) for replica in sorted(replicas, key=lambda replica: replica.key)]

    async def rollouts(self, call: Call, stack: str, *, limit: int = 20) -> list[Rollout]:
        """The newest first."""
        services = await self._seen(call, stack, "application.view")
        return await repository.rollouts(call.session, [service.key for service in services], limit)

    async def logs(
        self, call: Call, stack: str, *, workload: str | None = None, n: int = 100, follow: bool = False
    ) -> AsyncGenerator[LogRecord, None]:
        """The last `n` lines of all replicas and jobs, by time; with `follow`, those to come as well, without end.

        Asks for permission at once; the lines are read after the call's transaction, without one.
        """
        await self._seen(call, stack, "application.logs")
        found = await self._sources(call, stack, workload)

        async def again() -> Sequence[Source]:
            async with self._database.call(call.principal) as later:
                return await self._sources(later, stack, workload)

        return logs.follow(again, n) if follow else _each(logs.tail(found, n))

    async def declare(
        self, call: Call, key: str, workload: Workload, *, replicas: int, release: int | None, owner: str | None
    ) -> Rollout | None:
        """Says what a service is to be from now on; its controller does the rest. The rollout to wait for.

        None when it is so already. Saying the same again while its rollout runs gives that rollout. Only the number
        of replicas changes: those that there are stay.
        """
        await self._change(call, key, owner, {"replicas": replicas, "release": release})
        row = await self._row(call, key, owner, listens=workload.listens)
        comes_back, row.removed = row.removed, False
        text = spec.encode(workload)
        fingerprint = self._secrets.fingerprint(text)
        running = await repository.running_rollout(call.session, key)
        current = await repository.workload(call.session, key, row.target)
        same = current is not None and current.fingerprint == fingerprint and not comes_back
        if same and row.replicas == replicas and running is not None:
            running.release = release
            return repository.rollout_of(running)
        if same and row.replicas == replicas and row.active == row.target:
            row.release = release
            return None
        generation = row.target if same and row.target is not None else await self._generation(call, row, text, release)
        row.target, row.replicas, row.listens = generation, replicas, workload.listens
        if running is not None:
            running.outcome, running.finished_at = "superseded", self._clock.now()
            await call.session.flush()
        return await self._begin(call, row, generation, release)

    async def remove(self, call: Call, key: str) -> None:
        """Ends all of a service's replicas, and forgets it when they have. Also when there is none."""
        await self._change(call, key, None, {"removed": True})
        row = await repository.service_row(call.session, key, lock=True)
        if row is not None:
            row.removed = True
            await self._wake(call, row)

    async def service(self, call: Call, key: str) -> Service | None:
        self._authorise(call.principal, "application.view", self._target(key, None))
        row = await repository.service_row(call.session, key)
        return repository.service_of(row) if row else None

    async def rollout(self, call: Call, id: str) -> Rollout:
        found = await repository.rollout(call.session, id)
        if found is None:
            raise ServiceNotFound(f"there is no rollout {id}")
        self._authorise(call.principal, "application.view", self._target(found.key, None))
        return found

    async def progress(self, call: Call, rollout: Rollout) -> list[ReplicaView]:
        """The replicas that a rollout is about."""
        self._authorise(call.principal, "application.view", self._target(rollout.key, None))
        replicas = await repository.replicas(call.session, [rollout.key])
        return [self._view(replica) for replica in replicas if replica.generation == rollout.generation]

    async def unsettled(self, call: Call, key: str) -> list[ReplicaView]:
        """The replicas that are still ending."""
        self._authorise(call.principal, "application.view", self._target(key, None))
        row = await repository.service_row(call.session, key)
        replicas = await repository.replicas(call.session, [key])
        return [
            self._view(replica)
            for replica in replicas
            if row is not None and (replica.generation != row.target or replica.state == "stopping")
        ]

    async def _seen(self, call: Call, stack: str, action: str) -> list[Service]:
        """The stack's services, if the caller may."""
        services = await repository.services(call.session, stack)
        owner = next((service.owner for service in services), None)
        name = StackName.parse(stack)
        self._authorise(
            call.principal, action, Target("application", name.owner, owner=owner, environment=name.environment)
        )
        return [service for service in services if not service.removed]

    async def _views(self, call: Call, services: Sequence[Service]) -> list[ServiceView]:
        keys = [service.key for service in services]
        replicas = await repository.replicas(call.session, keys)
        rolling = await repository.rolling(call.session, keys)
        return [
            service_view(service, [replica for replica in replicas if replica.key == service.key], rolling)
            for service in services
        ]

    async def _sources(self, call: Call, stack: str, workload: str | None) -> list[Source]:
        services = await repository.services(call.session, stack)
        keys = [service.key for service in services if workload in (None, service.workload)]
        replicas = await repository.replicas(call.session, keys, ended=True)
        jobs = await repository.jobs(call.session, stack, workload)
        named = [(replica.id, replica.name, replica.key.partition("/")[2]) for replica in replicas]
        named += [(job.id, f"{job.workload}-{job.id[-5:]}", job.workload) for job in jobs]
        return [Source(id_, name, part, tuple(self._driver.log_files(id_))) for id_, name, part in named]

    async def _change(self, call: Call, key: str, owner: str | None, detail: dict[str, object]) -> None:
        target = self._target(key, owner)
        self._authorise(call.principal, "runtime.change", target)
        await self._audit.record(call, "runtime.change", target, detail=detail)

    async def _row(self, call: Call, key: str, owner: str | None, *, listens: bool) -> ServiceRow:
        row = await repository.service_row(call.session, key, lock=True)
        if row is None:
            row = ServiceRow(
                key=key,
                stack=str(stack_of(key)),
                owner=owner,
                target=None,
                active=None,
                generations=0,
                replicas=0,
                active_replicas=0,
                release=None,
                routed=[],
                removed=False,
                listens=listens,
            )
            call.session.add(row)
            await call.session.flush()
        row.owner = owner
        return row

    async def _generation(self, call: Call, row: ServiceRow, text: str, release: int | None) -> int:
        """A new one, which runs the workload that `text` says."""
        row.generations += 1
        call.session.add(
            WorkloadRow(
                key=row.key,
                generation=row.generations,
                release=release,
                sealed=self._secrets.seal(text, context=spec.sealing_context(row.key, row.generations)),
                fingerprint=self._secrets.fingerprint(text),
            )
        )
        return row.generations

    async def _begin(self, call: Call, row: ServiceRow, generation: int, release: int | None) -> Rollout:
        now = self._clock.now()
        rollout = RolloutRow(
            id=new_id("ro"),
            key=row.key,
            generation=generation,
            replicas=row.replicas,
            release=release,
            started_at=now,
            deadline=now + timedelta(seconds=self._settings.deadline_s),
            outcome="running",
        )
        call.session.add(rollout)
        await call.session.flush()
        await self._wake(call, row)
        return repository.rollout_of(rollout)

    async def _wake(self, call: Call, row: ServiceRow) -> None:
        data = {"service": row.key} | ({"owner": row.owner} if row.owner else {})
        await self._events.emit(call, SERVICE_CHANGED, f"stack:{row.stack}", data)

    def _view(self, replica: Replica) -> ReplicaView:
        usage = self._driver.usage(replica.id)
        percent = self._meter.percent(replica.instance, usage) if usage else None
        return replica_view(replica, usage, percent)

    def _target(self, key: str, owner: str | None) -> Target:
        stack = stack_of(key)
        return Target("application", stack.owner, owner=owner, environment=stack.environment)


async def _each(records: Sequence[LogRecord]) -> AsyncGenerator[LogRecord, None]:
    for record in records:
        yield record
