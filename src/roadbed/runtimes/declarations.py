"""Saying what services are to be: for the provider alone, which holds a plan that is being applied.

An import contract keeps everybody else out.
"""

from __future__ import annotations

from datetime import timedelta

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.kit.access import Authorise, Target, require_somebody
from roadbed.kit.clock import Clock
from roadbed.kit.ids import new_id
from roadbed.runtimes import repository, sealed
from roadbed.runtimes.domain import Replica, ReplicaView, Rollout, Service, is_anothers, stack_of
from roadbed.runtimes.driver import Driver
from roadbed.runtimes.elsewhere import only_one
from roadbed.runtimes.errors import InvalidService, ServiceNotFound, WorkloadTaken
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.tables import RolloutRow, ServiceRow, WorkloadRow
from roadbed.runtimes.views import replica_view
from roadbed.runtimes.workloads import Workload
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

SERVICE_CHANGED = "service.changed"
"""The event that wakes the controller: a service was declared or removed."""


class Declarations:
    """`owner` is the group that owns the application, where one does. `key` is a service's: `orders@dev/web`."""

    def __init__(
        self,
        driver: Driver,
        authorise: Authorise,
        audit: Audit,
        secrets: Secrets,
        events: Events,
        clock: Clock,
        settings: RuntimeSettings,
    ) -> None:
        self._driver = driver
        self._authorise = authorise
        self._audit = audit
        self._secrets = secrets
        self._events = events
        self._clock = clock
        self._settings = settings

    async def declare(
        self,
        call: Call,
        key: str,
        workload: Workload,
        *,
        replicas: int,
        release: int | None,
        owner: str | None,
        creation: str = "",
    ) -> Rollout | None:
        """Says what a service is to be from now on; its controller does the rest. The rollout to wait for.

        None when it is so already. Saying the same again while its rollout runs gives that rollout. Only the number
        of replicas changes: those that there are stay. `creation` is the token of one that is made, empty for what is
        known to be there. Raises WorkloadTaken if another creation has the service.
        """
        await self._change(call, key, owner, {"replicas": replicas, "release": release})
        row = await self._row(call, key, owner, listens=workload.listens)
        if not row.removed and is_anothers(row.creation, creation):
            raise WorkloadTaken(key)
        row.creation = creation or row.creation
        comes_back, row.removed = row.removed, False
        text = sealed.encode(workload)
        running = await repository.running_rollout(call.session, key)
        current = await repository.workload(call.session, key, row.target)
        same = current is not None and sealed.alike(self._opened(current), text) and not comes_back
        if same and row.replicas == replicas and running is not None:
            running.release = release
            return repository.rollout_of(running)
        if same and row.replicas == replicas and row.active == row.target:
            row.release = release
            return None
        if same and replicas > row.replicas:
            await self._check_alike(call, row, replicas)
        generation = row.target if same and row.target is not None else await self._generation(call, row, text, release)
        row.target, row.replicas, row.listens = generation, replicas, workload.listens
        if running is not None:
            running.outcome, running.finished_at = "superseded", self._clock.now()
            await call.session.flush()
        return await self._begin(call, row, generation, release)

    async def remove(self, call: Call, key: str, creation: str = "") -> bool:
        """Ends all of a service's replicas, and forgets it when they have. Also when there is none.

        False if it is another creation's, and left alone.
        """
        await self._change(call, key, None, {"removed": True})
        row = await repository.service_row(call.session, key, lock=True)
        if row is not None and is_anothers(row.creation, creation):
            return False
        if row is not None:
            row.removed = True
            await self._wake(call, row)
        return True

    async def service(self, call: Call, key: str) -> Service | None:
        self._authorise(call.principal, "application.view", self._target(key, None))
        row = await repository.service_row(call.session, key)
        return repository.service_of(row) if row else None

    async def workload(self, call: Call, key: str) -> Workload | None:
        """What a service is to run, secrets in the clear: in memory only, and for who may change it."""
        self._authorise(call.principal, "runtime.change", self._target(key, None))
        row = await repository.service_row(call.session, key)
        found = await repository.workload(call.session, key, row.target) if row else None
        if found is None:
            return None
        return sealed.decode(self._opened(found))

    async def rollout(self, call: Call, id: str) -> Rollout:
        require_somebody(call.principal)
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

    async def interrupts(self, call: Call, rollout: Rollout) -> frozenset[int]:
        """The ports of its own choice on which what runs listens, for which it must end before the new can start."""
        self._authorise(call.principal, "application.view", self._target(rollout.key, None))
        replicas = await repository.replicas(call.session, [rollout.key])
        old = [replica for replica in replicas if replica.generation != rollout.generation]
        return frozenset(port for replica in old for port in replica.own_ports)

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

    async def _check_alike(self, call: Call, row: ServiceRow, replicas: int) -> None:
        """Raises InvalidService where no second replica could stand beside those that there are."""
        there = await repository.replicas(call.session, [row.key])
        held = {port for replica in there if replica.generation == row.target for port in replica.own_ports}
        if held and replicas > 1:
            problem = only_one(row.key.partition("/")[2], held)
            raise InvalidService(problem.message, hint=problem.hint)

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
                creation="",
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
                sealed=self._secrets.seal(text, context=sealed.sealing_context(row.key, row.generations)),
            )
        )
        return row.generations

    def _opened(self, row: WorkloadRow) -> str:
        return self._secrets.open(row.sealed, context=sealed.sealing_context(row.key, row.generation))

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
        return replica_view(replica, usage, None, self._clock.now())

    def _target(self, key: str, owner: str | None) -> Target:
        stack = stack_of(key)
        return Target("application", stack.owner, owner=owner, environment=stack.environment)
