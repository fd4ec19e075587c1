"""The door to an application's resources: which it has, how they are added and taken away, how they are opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.delivery import repository
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.deployment.asked import DeploymentInput
from roadbed.delivery.directory import Directory
from roadbed.delivery.domain import SettingsChange
from roadbed.delivery.planning import Planning, Wanted, application_target
from roadbed.delivery.requesting import Requests
from roadbed.delivery.resource_changes import ResourceChange, changed
from roadbed.delivery.resource_views import AskedResource, Connection, Proposal, asked_resources
from roadbed.delivery.rotation import ROTATION, ROTATION_STEPS
from roadbed.delivery.set_resources import Declared, SetResource, declared_in
from roadbed.detection.editing import difference, edited, written
from roadbed.engine.revealing import Revealing
from roadbed.engine.rotating import Rotating
from roadbed.engine.service import Engine
from roadbed.kit.access import system
from roadbed.kit.clock import Clock, isoformat
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.platform.blocks import Block, check_request
from roadbed.platform.service import Platform
from roadbed.storage.call import Call
from roadbed.workload.document import MAX_BYTES, decode
from roadbed.workload.files import APPLICATION_FILES
from roadbed.workload.reader import nearest


@dataclass(frozen=True, slots=True)
class _Standing:
    """An application as it is in force, and who owns it. `needs` are those of what it was understood to need that it
    was given.
    """

    wanted: Wanted
    owner: str | None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that can be done: what is declared then, and was declared before."""

    asked: ResourceChange
    declared: Declared | None
    before: Declared | None
    settings: SettingsChange


class Resources:
    def __init__(
        self,
        audit: Audit,
        directory: Directory,
        planning: Planning,
        builds: Builds,
        engine: Engine,
        revealing: Revealing,
        platform: Platform,
        requests: Requests,
        rotating: Rotating,
        clock: Clock,
    ) -> None:
        self._audit, self._directory, self._planning = audit, directory, planning
        self._builds, self._engine, self._revealing = builds, engine, revealing
        self._platform, self._requests, self._rotating, self._clock = platform, requests, rotating, clock

    @property
    def rotated(self) -> frozenset[str]:
        """The types whose credentials can be exchanged."""
        return self._rotating.types

    async def blocks(self, call: Call, environment: str | None = None) -> Sequence[Block]:
        """What can be asked for: in one environment, or anywhere."""
        blocks = await self._platform.blocks(call)
        if environment is None:
            return blocks
        await self._platform.environment(call, environment)
        return [block for block in blocks if block.offered_in(environment)]

    async def check(self, call: Call, environment: str, change: ResourceChange) -> None:
        """Raises InvalidInput, with the nearest name, for what nobody offers there."""
        await self._platform.environment(call, environment)
        await self._check(call, environment, change.type, change.resource_class, change.params)

    async def resources(self, call: Call, name: str, environment: str) -> Sequence[AskedResource]:
        """All that the release in force asks for, wherever that is said."""
        stands = await self._standing(call, name, environment, "application.view")
        wanted = stands.wanted
        explanation = await self._planning.explanation(_reading(call), wanted)
        state = await self._engine.resources(call, wanted.stack)
        return asked_resources(explanation, wanted.source, wanted.settings.resources, state)

    async def resource(self, call: Call, name: str, environment: str, resource: str) -> AskedResource:
        return _named(await self.resources(call, name, environment), resource, name)

    async def plan(self, call: Call, name: str, environment: str, change: ResourceChange) -> Proposal:
        """What a change would do, and what it writes into the application's file. Nothing is changed."""
        stands = await self._standing(call, name, environment, "resource.change")
        made = await self._changed(call, stands, change)
        now = stands.wanted
        settings = made.settings.apply(now.settings)
        wanted = await self._planning.wanted(_reading(call), now.stack, now.digest, settings)
        plan = await self._planning.plan(call, wanted)
        folder = await self._builds.source_tree(call, wanted.digest)
        file, text = await asyncio.to_thread(_application_file, folder)
        diff = _diff(text, made, file, name)
        lines = "" if made.declared is None else written(change.resource, made.declared)
        return Proposal(change.resource, made.declared, file, diff, lines, plan)

    async def change(
        self,
        call: Call,
        name: str,
        environment: str,
        change: ResourceChange,
        *,
        delete_data: bool = False,
        final_backups: bool = True,
    ) -> Operation:
        """Does it as a setting of the application, which stands until its files say the same."""
        stands = await self._standing(call, name, environment, "resource.change")
        made = await self._changed(call, stands, change)
        asked = DeploymentInput(
            name,
            environment,
            change=made.settings,
            message=change.said,
            delete_data=delete_data,
            final_backups=final_backups,
        )
        title = f"{change.said}: {name} in {environment}"
        return await self._requests.deployment(call, asked, "resource.change", stands.owner, title)

    async def rotate(self, call: Call, name: str, environment: str, resource: str) -> Operation:
        """Exchanges a resource's credentials: who uses them is rolled, and the old ones end after that."""
        stands = await self._standing(call, name, environment, "resource.rotate")
        found = _named(await self.resources(call, name, environment), resource, name)
        urns = [part.urn for part in found.parts if part.type in self.rotated and part.state == "created"]
        if not urns:
            made = ", ".join(sorted({part.type for part in found.parts})) or "nothing yet"
            raise Conflict(
                f"there is nothing of {found.name} whose credentials the platform can exchange: it is {made}",
                hint=f"those of {', '.join(sorted(self.rotated))} can be",
            )
        for urn in urns:
            await self._rotating.check(call, stands.wanted.stack, urn)
        said = f"Rotate {found.name}"
        asked = DeploymentInput(name, environment, message=said, rotates=urns)
        title = f"{said}: {name} in {environment}"
        return await self._requests.deployment(
            call, asked, "resource.rotate", stands.owner, title, operation_kind=ROTATION, steps=ROTATION_STEPS
        )

    async def connection(self, call: Call, name: str, environment: str, resource: str) -> Connection:
        """What opens a resource, in the clear: who asks is noted."""
        stands = await self._standing(call, name, environment, "resource.connect")
        wanted = stands.wanted
        explanation = await self._planning.explanation(_reading(call), wanted)
        found = _named(asked_resources(explanation, wanted.source, wanted.settings.resources, {}), resource, name)
        outputs = (await self._planning.outputs(_reading(call), wanted))[found.uid]
        values, secret = await self._revealing.values(call, wanted.stack, outputs)
        if outputs and not values:
            raise Conflict(f"{found.name} isn't there yet", hint=f"see: roadbed status {name} -e {environment}")
        target = application_target(wanted.stack.name, stands.owner, wanted.stack.kind)
        await self._audit.record(call, "resource.connect", target, detail={"resource": found.name})
        return Connection(found.name, found.type, values, secret)

    # Inside

    async def _standing(self, call: Call, name: str, environment: str, action: str) -> _Standing:
        record, info = await self._directory.known(call, name, environment, action)
        active = await repository.active_release(call.session, record.stack)
        if active is None:
            raise NotFound(f"{record.stack} has no release in force", hint="deploy it first: roadbed deploy")
        read = await self._planning.application(_reading(call), active.source, record.stack, active.settings)
        return _Standing(Wanted(info, active.source, read.source, active.settings), record.owner, read.guessed)

    async def _changed(self, call: Call, stands: _Standing, change: ResourceChange) -> _Change:
        """Raises what keeps it from being done, before anything is begun."""
        wanted = stands.wanted
        environment = wanted.stack.name.environment
        if change.action == "add":
            await self.check(call, environment, change)
        declared = changed(change, wanted.source, stands.needs)
        if change.action == "resize" and declared is not None:
            kind = declared.get("class", "default")
            await self._check(call, environment, declared["type"], kind, declared.get("params", {}))
        name, before = change.resource, declared_in(wanted.source).get(change.resource)
        by = "" if call.principal is None else call.principal.name
        setting = SetResource(declared, declared_in(wanted.files).get(name), by, isoformat(self._clock.now()))
        return _Change(change, declared, before, SettingsChange(resources={name: setting}, expected={name: before}))

    async def _check(
        self, call: Call, environment: str, type: str, resource_class: str, params: Mapping[str, Any]
    ) -> None:
        check_request(await self._platform.blocks(call), type, resource_class, params, environment)


def _reading(call: Call) -> Call:
    """Whoever may see an application may see what its files declare, which takes the right to build to read."""
    return call.as_(system("delivery"))


def _named(found: Sequence[AskedResource], name: str, application: str) -> AskedResource:
    """By its name; or by the end of it, where only one has that: `db` for `web.db`."""
    if (exact := next((each for each in found if each.name == name), None)) is not None:
        return exact
    ends = [each for each in found if each.name.rpartition(".")[2] == name]
    if len(ends) == 1:
        return ends[0]
    if ends:
        several = ", ".join(each.name for each in ends)
        raise InvalidInput(f"{application} has several resources {name!r}", hint=f"say which: {several}")
    hint = nearest(name, [each.name for each in found])
    raise NotFound(f"{application} has no resource {name!r}", hint=hint)


def _application_file(folder: Path) -> tuple[str, str | None]:
    """Its name and text; the usual name and None where a tree has none."""
    for name in APPLICATION_FILES:
        path = folder / name
        if path.is_file():
            with path.open("rb") as file:
                return name, decode(file.read(MAX_BYTES + 1), name)
    return APPLICATION_FILES[0], None


def _diff(text: str | None, made: _Change, file: str, application: str) -> str:
    """Empty for a file that must be edited by hand, and where there is none to take something out of."""
    if text is None and made.declared is None:
        return ""
    try:
        after = edited(text, made.asked.resource, made.declared, file=file, application=application)
    except InvalidInput:
        return ""
    return difference(text, after, file)
