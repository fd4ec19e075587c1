"""Compiles an application for an environment and has the engine plan it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from roadbed.delivery import compiler, repository
from roadbed.delivery.builds.service import Builds
from roadbed.delivery.domain import Settings
from roadbed.delivery.explanation import explain, noted
from roadbed.delivery.imports import check_exported
from roadbed.delivery.notes import idle_notes, interruptions, not_acted_upon, place_of, size_note, unknown_owner
from roadbed.delivery.own_ports import check_own_ports
from roadbed.delivery.scaling import check_scaled
from roadbed.delivery.set_resources import with_set
from roadbed.delivery.surroundings import Surroundings
from roadbed.delivery.volumes import volume_sizes
from roadbed.detection.domain import Need
from roadbed.detection.needs import standing
from roadbed.detection.source import ReadApplication
from roadbed.engine.domain import Judged, Note, Plan
from roadbed.engine.expressions.named_secrets import SetSecrets, with_stored_secrets
from roadbed.engine.expressions.values import imports
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.access import Target, require_somebody
from roadbed.kit.errors import Conflict, InvalidInput, Problem
from roadbed.kit.names import StackName
from roadbed.platform.domain import Environment
from roadbed.platform.service import Platform
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.types import VOLUME
from roadbed.runtimes.volume_sizes import is_over
from roadbed.sdk.graph import VERSION
from roadbed.storage.call import Call
from roadbed.workload.declared import ApplicationSource


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a deployment is to bring about: what the files declare, and what was set over them.

    `back`: the jobs that have run stay as they are, since going back runs none, and what holds data stays, whether or
    not it is declared there. Without `rollouts` what runs ends, and what failed stays as it is, for its logs.
    """

    stack: StackInfo
    digest: str
    files: ApplicationSource
    settings: Settings
    back: bool = False
    rollouts: bool = True

    @property
    def source(self) -> ApplicationSource:
        return with_set(self.files, self.settings.resources)


class Planning:
    """`groups` gives the references of all groups, `reserved` the ports of the platform itself, and whose each is."""

    def __init__(
        self,
        platform: Platform,
        builds: Builds,
        engine: Engine,
        runtimes: Runtimes,
        groups: Callable[[Call], Awaitable[Collection[str]]],
        reserved: Callable[[], Mapping[int, str]],
    ) -> None:
        self._platform, self._builds, self._engine, self._runtimes = platform, builds, engine, runtimes
        self._groups, self._reserved = groups, reserved

    async def source(self, call: Call, digest: str, stack: StackName, settings: Settings) -> ApplicationSource:
        """What a source tree declares for an environment. Raises InvalidInput when it is another application's.

        `settings` say which needs of a tree without a Score file were accepted, and which were taken away.
        """
        return (await self.application(call, digest, stack, settings)).source

    async def application(self, call: Call, digest: str, stack: StackName, settings: Settings) -> ReadApplication:
        """As `source`, with what was understood of a tree without a Score file. It keeps the databases that it has."""
        read = await self._builds.application(call, digest, stack.environment, stack.owner)
        if read.detection and read.detection.needs:
            there = await self._standing(call, stack, read.detection.needs)
            given = {*settings.needs, *there} - settings.taken
            wanted = tuple(name for name in read.detection.needs if name in given)
            read = await self._builds.application(call, digest, stack.environment, stack.owner, wanted)
        if (name := stack.owner) != read.source.name:
            raise InvalidInput(
                f"this source declares the application {read.source.name!r}, not {name!r}",
                hint="name it the same in roadbed.yaml (metadata.name), or deploy it under its own name",
            )
        if read.detection is not None:
            check_own_ports(read.detection, self._reserved())
        return read

    async def _standing(self, call: Call, stack: StackName, needs: Mapping[str, Need]) -> tuple[str, ...]:
        record = await repository.application(call.session, stack) if needs else None
        if record is None:
            return ()
        kind = (await self.environment(call, stack.environment)).kind
        rows = await self._engine.resources(call, StackInfo(stack, record.owner, kind))
        named = [(need.name, need.type) for need in needs.values()]
        return standing(named, [(row.name, row.type) for row in rows.values()])

    async def wanted(
        self,
        call: Call,
        stack: StackInfo,
        digest: str,
        settings: Settings,
        *,
        back: bool = False,
        rollouts: bool = True,
    ) -> Wanted:
        """What a deployment of this source with these settings is to bring about."""
        files = await self.source(call, digest, stack.name, settings)
        return Wanted(stack, digest, files, settings, back=back, rollouts=rollouts)

    async def environment(self, call: Call, name: str) -> Environment:
        return await self._platform.environment(call, name)

    async def check_free(self, call: Call, name: str) -> None:
        """Raises Conflict for the name of a module: its stacks would be taken for the application's."""
        if name in {module.name for module in await self._platform.modules(call)}:
            raise Conflict(f"the platform repo has a module {name!r}", hint="call the application something else")

    async def plan(self, call: Call, wanted: Wanted) -> Plan:
        """Compiles, and stores a plan. No build is needed: an artifact's digest follows from its source."""
        document, unused = await self._compiled(call, wanted)
        if not wanted.rollouts:
            return await self._plan_without_rollouts(call, wanted.stack, document)
        keep = _jobs(document) if wanted.back else frozenset()
        environments = {one.name for one in await self._platform.environments(call)}
        owner = unknown_owner(wanted.source, await self._groups(call))
        notes = (
            *idle_notes(wanted.source, (*owner, *unused), environments),
            *await self._sizes(call, wanted.stack, document),
        )
        fixed = await self._runtimes.fixed_ports(call, str(wanted.stack.name), owner=wanted.stack.owner)
        remarks = interruptions(document, fixed)
        plan = await self._engine.plan(
            call, PlanRequest(wanted.stack, document, keep=keep, keep_data=wanted.back, notes=notes, remarks=remarks)
        )
        check_scaled(plan.steps, fixed, wanted.source, wanted.settings.scale)
        return plan

    async def _sizes(self, call: Call, stack: StackInfo, document: Mapping[str, Any]) -> list[Note]:
        """Of volumes: the runtime measures how much they hold."""
        sized = [item for item in document["resources"] if item["type"] == VOLUME and "size" in item["properties"]]
        if not sized:
            return []
        there = await self._engine.resources(call, stack)
        volumes = {row.urn: row for row in there.values() if row.type == VOLUME and row.properties.get("size")}
        held = await volume_sizes(call, self._runtimes, stack, volumes)
        sizes = {urn: row.properties["size"] for urn, row in volumes.items()}
        full = {urn: size for urn, size in sizes.items() if is_over(held.get(urn, 0), size)}
        return [Note(size_note(item["name"], full.get(item["urn"])), place_of(item)) for item in sized]

    async def document(self, call: Call, wanted: Wanted) -> dict[str, Any]:
        """Compiles: the graph document of the application in its environment."""
        return (await self._compiled(call, wanted))[0]

    async def _compiled(self, call: Call, wanted: Wanted) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """The graph document, and what the provisioners note.

        What nobody provides is told of before what can't be built: no build mends it.
        """
        around, answer = await self._provisioned(call, wanted)
        return await self._assembled(call, wanted, around, answer), noted(answer)

    async def _provisioned(self, call: Call, wanted: Wanted) -> tuple[Surroundings, dict[str, Any]]:
        """Where it is compiled for, and what the provisioners answer there."""
        around = await self.around(call, wanted)
        return around, await self._platform.provision(call, compiler.provision_request(wanted.source, around))

    async def assembled(self, call: Call, wanted: Wanted, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The graph document that comes of an answer of the provisioners."""
        return await self._assembled(call, wanted, await self.around(call, wanted), answer)

    async def _assembled(
        self, call: Call, wanted: Wanted, around: Surroundings, answer: Mapping[str, Any]
    ) -> dict[str, Any]:
        around = replace(around, artifact=await self._artifact(call, wanted))
        program = await self._program(call, wanted, around) if wanted.source.program else None
        if program is not None:
            program = with_stored_secrets(program, await _set_secrets(call, wanted))
        document = compiler.assemble(wanted.source, answer, around, program)
        missing = await self._engine.not_exported(call, wanted.stack, imports(document["resources"]))
        check_exported(wanted.source, answer, missing)
        return document

    async def check(self, call: Call, wanted: Wanted) -> Judged:
        """What policies say of what it compiles to; no plan is stored."""
        return await self._engine.check(call, PlanRequest(wanted.stack, await self.document(call, wanted)))

    async def explanation(self, call: Call, wanted: Wanted) -> dict[str, Any]:
        """Why the application is compiled to what it is."""
        around, answer = await self._provisioned(call, wanted)
        return explain(wanted.source, answer, around, not_acted_upon(wanted.source))

    async def outputs(self, call: Call, wanted: Wanted) -> Mapping[str, Mapping[str, Any]]:
        """What each resource gives to workloads, by UID: expressions of the graph document."""
        _, answer = await self._provisioned(call, wanted)
        outputs: Mapping[str, Mapping[str, Any]] = answer["outputs"]
        return outputs

    async def around(self, call: Call, wanted: Wanted) -> Surroundings:
        """Where an application is compiled for. Without an artifact: only what runs it must know which."""
        require_somebody(call.principal)
        environment = await self._platform.environment(call, wanted.stack.name.environment)
        return Surroundings(
            stack=wanted.stack.name,
            kind=wanted.stack.kind,
            owner=wanted.stack.owner,
            artifact="",
            settings=wanted.settings,
            variables=environment.variables,
        )

    async def _artifact(self, call: Call, wanted: Wanted) -> str:
        """The digest of what runs; empty where nothing does."""
        if not wanted.source.workloads:
            return ""
        return await self._builds.artifact_digest(
            call, wanted.digest, {*wanted.settings.config, *wanted.settings.secrets}
        )

    async def _program(self, call: Call, wanted: Wanted, around: Surroundings) -> dict[str, Any]:
        """What the `roadbed.py` of the source tree declares, run as it was uploaded."""
        folder = await self._builds.source_tree(call, wanted.digest)
        asked = compiler.declare_request(around)
        return await self._platform.declare_application(call, folder, wanted.digest, asked)

    async def _plan_without_rollouts(self, call: Call, stack: StackInfo, document: Mapping[str, Any]) -> Plan:
        state = await self._engine.resources(call, stack)
        running = {urn for urn, item in state.items() if item.type in _RUNNING and not item.broken}
        rest = [item for item in document["resources"] if item["urn"] not in running]
        keep = frozenset(item["urn"] for item in rest if item["type"].startswith("runtime:"))
        return await self._engine.plan(call, PlanRequest(stack, {**document, "resources": rest}, keep=keep))

    async def plan_end(self, call: Call, stack: StackInfo) -> Plan:
        """A plan that deletes everything the stack has."""
        empty = {"version": VERSION, "stack": str(stack.name), "resources": []}
        return await self._engine.plan(call, PlanRequest(stack, empty))


_RUNNING = ("runtime:Service", "runtime:ScheduledJob")


async def _set_secrets(call: Call, wanted: Wanted) -> SetSecrets:
    """Variables are set by a release that follows another, so there is none to set them for before the first."""
    name = wanted.stack.name
    setting = f"roadbed config {name.owner} --environment {name.environment} --secret set"
    released = await repository.active_release(call.session, name) is not None
    beforehand = "" if released else "deploy it once without its secrets"
    return SetSecrets(name.owner, wanted.settings.secrets, setting, beforehand)


def _jobs(document: Mapping[str, list[Mapping[str, str]]]) -> frozenset[str]:
    return frozenset(item["urn"] for item in document["resources"] if item["type"] == "runtime:Job")


def application_target(stack: StackName, owner: str | None, kind: str) -> Target:
    """What permission is asked for when somebody acts on an application in an environment."""
    return Target("application", stack.owner, owner, stack.environment, {"kind": kind})
