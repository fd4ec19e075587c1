"""The door to applications: what there is, and every change of it as an operation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from roadbed.approvals.domain import Approval
from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.delivery import destruction, repository, summaries, views
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.directory import Directory
from roadbed.delivery.domain import Settings, SettingsChange, check_variable_names
from roadbed.delivery.planning import Planning, application_target
from roadbed.delivery.repository import Record
from roadbed.delivery.requesting import Requests
from roadbed.delivery.volumes import volume_sizes
from roadbed.engine.domain import Recorded
from roadbed.engine.known import secret_context
from roadbed.engine.service import Engine, StackInfo
from roadbed.kit.access import Authorise, Target, visible_owners
from roadbed.kit.clock import Clock, isoformat
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.ids import new_id
from roadbed.kit.names import StackName, check_label
from roadbed.runtimes.domain import ReplicaView, ServiceView
from roadbed.runtimes.logs import LogRecord
from roadbed.runtimes.service import Runtimes
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

MAX_REPLICAS = 50


class Applications:
    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        operations: Operations,
        directory: Directory,
        planning: Planning,
        engine: Engine,
        runtimes: Runtimes,
        secrets: Secrets,
        clock: Clock,
    ) -> None:
        self._requests = Requests(authorise, audit, operations, planning, clock)
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._directory = directory
        self._planning, self._engine, self._runtimes = planning, engine, runtimes
        self._secrets, self._clock = secrets, clock

    # Reading

    async def applications(self, call: Call, environment: str | None = None) -> Sequence[views.Application]:
        """Those that the caller may see, by name."""
        visible = visible_owners(self._authorise, call.principal, "application.view", "application")
        if environment is not None:
            await self._planning.environment(call, environment)
        releases = await repository.active_releases(call.session)
        records = await repository.applications(call.session, environment)
        return [
            summaries.summary(record, releases.get(str(record.stack)), *await self._running(call, record))
            for record in records
            if visible is None or record.owner in visible
        ]

    async def application(self, call: Call, name: str, environment: str) -> views.ApplicationDetail:
        record, stack = await self._directory.known(call, name, environment, "application.view")
        active = await repository.active_release(call.session, record.stack)
        services, resources = await self._running(call, record)
        volumes = await volume_sizes(call, self._runtimes, stack, resources)
        return summaries.detail(record, active, services, resources, volumes)

    async def replicas(self, call: Call, name: str, environment: str) -> Sequence[ReplicaView]:
        record, _ = await self._directory.known(call, name, environment, "application.view")
        return await self._runtimes.replicas(call, str(record.stack), owner=record.owner)

    async def releases(self, call: Call, name: str, environment: str) -> Sequence[views.Release]:
        """The newest first."""
        record, _ = await self._directory.known(call, name, environment, "application.view")
        return [views.release(item) for item in await repository.releases(call.session, record.stack)]

    async def config(self, call: Call, name: str, environment: str) -> Sequence[views.ConfigValue]:
        """What was set by `roadbed config`; what the files declare is not repeated."""
        record, _ = await self._directory.known(call, name, environment, "application.view")
        settings = await self._settings(call, record.stack)
        plain = [views.ConfigValue(key, value, source="config") for key, value in settings.config.items()]
        secret = [views.ConfigValue(key, None, secret=True, source="config") for key in settings.secrets]
        return sorted((*plain, *secret), key=lambda entry: entry.name)

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        *,
        n: int = 100,
        follow: bool = False,
        workload: str | None = None,
    ) -> AsyncIterator[LogRecord]:
        """The last `n` lines of all replicas by time, and what follows."""
        record, _ = await self._directory.known(call, name, environment, "application.logs")
        return await self._runtimes.logs(
            call, str(record.stack), n=n, follow=follow, workload=workload, owner=record.owner
        )

    # Changing

    async def deploy(
        self,
        call: Call,
        name: str,
        environment: str,
        source: str,
        message: str | None = None,
        *,
        needs: Sequence[str] = (),
        delete_data: bool = False,
        final_backups: bool = True,
    ) -> Operation:
        """Reads the source at once, so that a wrong file is refused before anything is begun. `needs` are the names of
        those that are accepted of a tree without a Score file.
        """
        check_label(name, "the application")
        declared = await self._planning.source(call, source, StackName(name, environment), Settings(needs=tuple(needs)))
        owner = await self._directory.owner(call, name, declared.owner)
        await self._directory.check_ownership(call, name, environment, owner)
        change = SettingsChange(needs=tuple(needs))
        asked = DeploymentInput(
            name,
            environment,
            source,
            change,
            message=message,
            delete_data=delete_data,
            final_backups=final_backups,
        )
        return await self._deployment(call, asked, "application.deploy", owner, f"Deploy {name} to {environment}")

    async def rollback(self, call: Call, name: str, environment: str, release: str | None = None) -> Operation:
        """To `release`, or to the newest that was in force before the one that is."""
        record, _ = await self._directory.known(call, name, environment, "application.view")
        number = await self._rollback_number(call, record.stack, release)
        asked = DeploymentInput(name, environment, rollback_to=number)
        title = f"Roll {name} back to v{number} in {environment}"
        return await self._deployment(call, asked, "application.rollback", record.owner, title)

    async def restart(self, call: Call, name: str, environment: str, workload: str | None = None) -> Operation:
        record, _ = await self._directory.known(call, name, environment, "application.view")
        workloads = [workload] if workload else await self._workloads(call, record)
        await self._check_workloads(call, record, workloads)
        now = isoformat(self._clock.now())
        change = SettingsChange(restart=dict.fromkeys(workloads, now))
        asked = DeploymentInput(name, environment, change=change, message="Restart")
        return await self._deployment(
            call, asked, "application.restart", record.owner, f"Restart {name} in {environment}"
        )

    async def scale(self, call: Call, name: str, environment: str, replicas: Mapping[str, int]) -> Operation:
        record, _ = await self._directory.known(call, name, environment, "application.view")
        await self._check_workloads(call, record, list(replicas))
        for workload, count in replicas.items():
            if not 0 <= count <= MAX_REPLICAS:
                raise InvalidInput(
                    f"{workload} can't have {count} replicas", hint=f"choose a number from 0 to {MAX_REPLICAS}"
                )
        wanted = ", ".join(f"{workload}={count}" for workload, count in replicas.items())
        asked = DeploymentInput(name, environment, change=SettingsChange(scale=replicas), message=f"Scale {wanted}")
        title = f"Scale {name} in {environment}: {wanted}"
        return await self._deployment(call, asked, "application.scale", record.owner, title)

    async def configure(
        self,
        call: Call,
        name: str,
        environment: str,
        *,
        set: Mapping[str, str],
        unset: Sequence[str] = (),
        secret: bool = False,
    ) -> Operation | None:
        """Sets and unsets variables. None when that changes nothing."""
        record, _ = await self._directory.known(call, name, environment, "application.view")
        check_variable_names([*set, *unset])
        before = await self._settings(call, record.stack)
        missing = [key for key in unset if key not in before.config and key not in before.secrets]
        if missing:
            raise NotFound(f"{name} has no variable {missing[0]!r} to unset", hint=f"see: roadbed config {name}")
        if not secret and not unset and all(before.config.get(key) == value for key, value in set.items()):
            return None
        sealed = await self._seal(call, record.stack, set) if secret else {}
        change = SettingsChange(set={} if secret else set, seal=sealed, unset=tuple(unset))
        said = ", ".join((*(f"set {key}" for key in set), *(f"unset {key}" for key in unset)))
        asked = DeploymentInput(name, environment, change=change, message=said[:1].upper() + said[1:])
        title = f"Configure {name} in {environment}: {said}"
        return await self._deployment(call, asked, "application.configure", record.owner, title)

    async def destroy(self, call: Call, name: str, environment: str, *, final_backups: bool = True) -> Operation:
        """Deletes everything the application has in this environment, its databases included. What holds data is backed
        up before, unless `final_backups` says otherwise.
        """
        record, info = await self._directory.known(call, name, environment, "application.destroy")
        target = application_target(record.stack, record.owner, info.kind)
        operation = await self._operations.enqueue(
            call,
            kind="destruction",
            title=f"Destroy {name} in {environment}",
            target=Target("stack", str(record.stack), record.owner, environment, {"kind": info.kind}),
            input={"stack": str(record.stack), "kind": info.kind, "final_backups": final_backups},
            lock=str(record.stack),
            steps=destruction.STEPS,
        )
        await repository.set_operation(call.session, record.stack, operation.id, self._clock.now())
        await self._audit.record(call, "application.destroy", target, detail={"operation": operation.id})
        return operation

    async def destroy_again(self, call: Call, found: Approval, operation: Operation) -> Operation:
        """What was not approved in time, planned anew."""
        stack = StackName.parse(found.stack)
        return await self.destroy(call, stack.owner, stack.environment)

    # Inside

    async def _deployment(
        self, call: Call, asked: DeploymentInput, action: str, owner: str | None, title: str
    ) -> Operation:
        return await self._requests.deployment(call, asked, action, owner, title)

    async def _settings(self, call: Call, stack: StackName) -> Settings:
        active = await repository.active_release(call.session, stack)
        return active.settings if active else Settings()

    async def _seal(self, call: Call, stack: StackName, values: Mapping[str, str]) -> dict[str, str]:
        ids = {}
        for name, value in values.items():
            ids[name] = new_id("secret")
            sealed = self._secrets.seal(value, context=secret_context(str(stack), ids[name]))
            await repository.add_secret(call.session, stack, ids[name], name, sealed, self._clock.now())
        return ids

    async def _workloads(self, call: Call, record: Record) -> list[str]:
        services = await self._runtimes.services(call, str(record.stack), owner=record.owner)
        return [item.workload for item in services]

    async def _check_workloads(self, call: Call, record: Record, asked: Sequence[str]) -> None:
        known = await self._workloads(call, record)
        for workload in asked:
            if workload not in known:
                raise NotFound(
                    f"{record.stack.owner} has no workload {workload!r}",
                    hint=f"its workloads are: {', '.join(known) or 'none'}",
                )

    async def _rollback_number(self, call: Call, stack: StackName, release: str | None) -> int:
        if release is not None:
            number = _release_number(release)
            found = await repository.release(call.session, stack, number)
            if found is None:
                raise NotFound(f"{stack} has no release v{number}", hint=f"see: roadbed releases {stack.owner}")
            if found.status == "failed":
                raise InvalidInput(f"v{number} of {stack} failed and never served", hint="choose one that was in force")
            return number
        earlier = [item for item in await repository.releases(call.session, stack) if item.status == "superseded"]
        if not earlier:
            raise NotFound(f"{stack} has no earlier release to go back to", hint="deploy again instead")
        return earlier[0].number

    async def _running(self, call: Call, record: Record) -> tuple[Sequence[ServiceView], Mapping[str, Recorded]]:
        """Read once for all that a page says of it, so that none of its parts is of another moment."""
        kind = (await self._planning.environment(call, record.stack.environment)).kind
        resources = await self._engine.resources(call, StackInfo(record.stack, record.owner, kind))
        return await self._runtimes.services(call, str(record.stack), owner=record.owner), resources


def _release_number(text: str) -> int:
    digits = text.removeprefix("v")
    if not digits.isdecimal() or len(digits) > 9:
        raise InvalidInput(f"{text!r} is not a release", hint="write it as v3")
    return int(digits)
