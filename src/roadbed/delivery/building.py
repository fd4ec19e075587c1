"""Builds that are asked for by themselves, without a deployment; and the secrets that builds are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.run import Run, StepRun
from roadbed.control.service import Operations
from roadbed.delivery import repository
from roadbed.delivery.builds.service import Builds, Variables
from roadbed.delivery.directory import Directory
from roadbed.delivery.domain import Settings
from roadbed.delivery.planning import Planning, application_target
from roadbed.engine.known import secret_context
from roadbed.kit.access import Authorise, Target
from roadbed.kit.names import StackName
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call

BUILD = "build"
_STEPS = (("build", "Building"),)


def variables(run: Run, stack: StackName, settings: Settings, secrets: Secrets) -> Variables:
    """Looks up what an application has set. Secrets are opened when they are asked for, and kept nowhere."""

    async def look(names: Collection[str]) -> Mapping[str, str]:
        plain = {name: settings.config[name] for name in names if name in settings.config}
        async with run.database.call(run.principal) as call:
            sealed = await repository.secrets(call.session, stack)
        ids = {name: settings.secrets[name] for name in names if settings.secrets.get(name) in sealed}
        opened = {name: secrets.open(sealed[id_], context=secret_context(str(stack), id_)) for name, id_ in ids.items()}
        return {**plain, **opened}

    return look


class Building:
    """Asks for builds and does them: the handler of `build` operations."""

    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        operations: Operations,
        directory: Directory,
        planning: Planning,
        builds: Builds,
        secrets: Secrets,
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._directory, self._planning = directory, planning
        self._builds, self._secrets = builds, secrets

    async def request(self, call: Call, source: str, environment: str, application: str | None = None) -> Operation:
        """Takes the right to deploy it there: commands of a build see what its application has set."""
        self._authorise(call.principal, "build.create", Target("build"))
        declared = (await self._builds.application(call, source, environment, application)).source
        stack = StackName(declared.name, environment)
        owner = await self._directory.owner(call, declared.name, declared.owner)
        await self._directory.check_ownership(call, declared.name, environment, owner)
        kind = (await self._planning.environment(call, environment)).kind
        self._authorise(call.principal, "application.deploy", application_target(stack, owner, kind))
        await self._builds.artifact_digest(call, source)  # what can't be built is refused at once
        return await self._operations.enqueue(
            call,
            kind=BUILD,
            title=f"Build {declared.name}",
            target=Target("application", declared.name, owner, environment, {"kind": kind}),
            input={"source": source, "application": declared.name, "environment": environment},
            steps=_STEPS,
        )

    async def run(self, run: Run) -> Mapping[str, Any]:
        done: Mapping[str, Any] = await run.step("build", "Building", lambda step: self._build(run, step))
        return done

    async def _build(self, run: Run, step: StepRun) -> dict[str, Any]:
        asked = run.operation.input
        stack = StackName(asked["application"], asked["environment"])
        async with run.database.call(run.principal) as call:
            active = await repository.active_release(call.session, stack)
        look = variables(run, stack, active.settings if active else Settings(), self._secrets)
        build = await self._builds.ensure(run, step, asked["source"], look)
        async with run.database.call(run.principal) as call:
            before = active.build if active else None
            notes = await self._builds.notes(call, build.digest, run.operation.created_at, before)
        return {
            "application": stack.owner,
            "build": build.digest,
            "source": build.source,
            "size": build.size,
            "duration_s": build.duration_s,
            "notes": notes,
        }
