"""The first step of a deployment: what it goes by, decided once. Everything after follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from roadbed.control.run import Run
from roadbed.delivery import repository
from roadbed.delivery.builds.domain import Origin
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.domain import Release, Settings, SettingsChange
from roadbed.delivery.planning import Planning
from roadbed.delivery.set_resources import refuse_if_changed
from roadbed.detection.summary import told
from roadbed.engine.service import StackInfo
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.storage.call import Call
from roadbed.workload.declared import ApplicationSource

READ = ("read", "Reading the application")


@dataclass(frozen=True, slots=True)
class Basis:
    """The source and the settings that are deployed, and whose stack it is. `owner` and `kind` are the stack's.

    `active` is the number of the release in force and `built` its build, None before the first. `builds`: there is a
    workload to build for. `new_source` and `new_settings`: they are others than those in force. What has a default was
    not recorded by earlier versions, whose operations are taken up as well.
    """

    source: str
    origin: Origin
    settings: Settings
    owner: str | None
    kind: str
    active: int | None
    built: str | None = None
    builds: bool = True
    new_source: bool = False
    new_settings: bool = False

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        origin, settings = Origin.from_dict(document["origin"]), Settings.from_dict(document["settings"])
        return cls(**{**document, "origin": origin, "settings": settings})

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "origin": self.origin.to_dict(),
            "settings": self.settings.to_dict(),
            "owner": self.owner,
            "kind": self.kind,
            "active": self.active,
            "built": self.built,
            "builds": self.builds,
            "new_source": self.new_source,
            "new_settings": self.new_settings,
        }

    def stack(self, name: StackName) -> StackInfo:
        return StackInfo(name, self.owner, self.kind)


class Reading:
    def __init__(self, planning: Planning, builds: Builds, clock: Clock) -> None:
        self._planning, self._builds, self._clock = planning, builds, clock

    async def step(self, run: Run, asked: DeploymentInput) -> Basis:
        """Reads the source too, and notes the application by what it says of itself."""

        async def read(call: Call) -> dict[str, Any]:
            return (await self._basis(call, run, asked)).to_dict()

        return Basis.from_dict(await run.transaction(*READ, read))

    async def _basis(self, call: Call, run: Run, asked: DeploymentInput) -> Basis:
        active = await repository.active_release(call.session, asked.stack)
        before = await _before(call, asked, active)
        digest = asked.source or (before.source if before else None)
        if digest is None:
            raise NotFound(f"{asked.stack} has no release yet", hint="deploy it first: roadbed deploy")
        environment = await self._planning.environment(call, asked.environment)
        settings = before.settings if before else Settings()
        if active is not None:
            settings = settings.with_secrets_of(active.settings)
        read = await self._planning.application(call, digest, asked.stack, asked.change.apply(settings))
        wanted = _changed(settings, asked.change, read.source)
        for line in told(read):
            await run.log(line, READ[0])
        await self._note(call, run, asked.stack, read.source)
        return Basis(
            source=digest,
            origin=before.origin if before and asked.source is None else await self._builds.origin(call, digest),
            settings=wanted,
            owner=run.operation.owner,
            kind=environment.kind,
            active=active.number if active else None,
            built=active.build if active else None,
            builds=bool(read.source.workloads),
            new_source=active is None or digest != active.source,
            new_settings=active is None or wanted != active.settings,
        )

    async def _note(self, call: Call, run: Run, stack: StackName, source: ApplicationSource) -> None:
        record = repository.Record(
            stack=stack,
            owner=run.operation.owner,
            description=source.description,
            system=source.system,
            operation=run.operation.id,
            updated_at=self._clock.now(),
        )
        await repository.save(call.session, record)


async def _before(call: Call, asked: DeploymentInput, active: Release | None) -> Release | None:
    """The release that says what isn't asked for otherwise. Before one was in force, the newest that failed says it: a
    variable that it lacked can be set.
    """
    if asked.rollback_to is not None:
        return await repository.release(call.session, asked.stack, asked.rollback_to)
    return active or next(iter(await repository.releases(call.session, asked.stack, limit=1)), None)


def _changed(settings: Settings, change: SettingsChange, source: ApplicationSource) -> Settings:
    """Raises Conflict where a resource was changed since the change of it was asked for."""
    settings = settings.over(source)
    for name, expected in change.expected.items():
        refuse_if_changed(name, expected, source, settings.resources)
    return change.apply(settings)
