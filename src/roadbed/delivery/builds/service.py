"""The one door to sources and builds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from roadbed.audit.service import Audit
from roadbed.control.run import Run, StepRun
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.builder import Builder, Made
from roadbed.delivery.builds.domain import Build, Machine, Source
from roadbed.delivery.builds.errors import BuildNotFound
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipe import FILES, Recipe, choose
from roadbed.delivery.builds.sources import Sources
from roadbed.kit.access import Authorise, Target, visible_owners
from roadbed.kit.clock import Clock
from roadbed.kit.pagination import Page, clamp
from roadbed.storage.call import Call
from roadbed.workload.source import ApplicationSource, read_source

SOURCE, BUILD = Target("source"), Target("build")


class Builds:
    """`home` is ROADBED_HOME. Digests are hexadecimal SHA-256."""

    def __init__(
        self, home: Path, authorise: Authorise, audit: Audit, clock: Clock, machine: Machine | None = None
    ) -> None:
        self._authorise, self._audit, self._clock = authorise, audit, clock
        self._machine = machine or this_machine()
        self._sources = Sources(home)
        self._builder = Builder(home, self._machine)

    async def accept(self, call: Call, stream: AsyncIterator[bytes]) -> Source:
        """Keeps a source tree that comes as tar.gz. The same files give the same digest, however they were packed.

        Raises InvalidInput for an archive that can't be trusted, TooLarge beyond 100 MB packed or 1 GB unpacked.
        """
        self._authorise(call.principal, "source.upload", SOURCE)
        source = await self._sources.accept(stream)
        await self._audit.record(call, "source.upload", Target("source", source.digest), detail={"size": source.size})
        return source

    async def application_source(self, call: Call, source: str, environment: str | None = None) -> ApplicationSource:
        """What a source tree declares for an environment. Raises InvalidInput with all that is wrong in its files."""
        self._authorise(call.principal, "build.create", BUILD)
        return await asyncio.to_thread(read_source, lambda names: self._sources.read_files(source, names), environment)

    async def source_tree(self, call: Call, source: str) -> Path:
        """The folder that holds a source tree, only to be read. Raises SourceNotFound."""
        self._authorise(call.principal, "build.create", BUILD)
        return await asyncio.to_thread(self._sources.tree, source)

    async def artifact_digest(self, call: Call, source: str) -> str:
        """The digest that a build of this source has or will have. Builds nothing."""
        self._authorise(call.principal, "build.create", BUILD)
        return (await asyncio.to_thread(self._recipe, source)).artifact(source)

    async def ensure(self, run: Run, step: StepRun, source: str) -> Build:
        """The build of a source, made if there is none yet; what it does is told to the step's log.

        Raises InvalidInput when nothing here can build it, BuildFailed with the last lines when a command failed.
        """
        self._authorise(run.principal, "build.create", BUILD)
        recipe = await asyncio.to_thread(self._recipe, source)
        digest = recipe.artifact(source)
        if self._builder.has(digest):
            async with run.database.call(run.principal) as call:
                if (build := await repository.get(call.session, digest)) is not None:
                    await step.log(f"Nothing to build: {digest[:12]} was built before")
                    return build
        made = await run.unless_cancelled(self._builder.make(recipe, source, self._sources.tree(source), step.log))
        await step.log(f"Built {digest[:12]} in {made.duration_s:.1f} s")
        return await self._record(run, recipe, source, made)

    async def _record(self, run: Run, recipe: Recipe, source: str, made: Made) -> Build:
        build = Build(
            digest=recipe.artifact(source),
            source=source,
            layer=recipe.layer,
            recipe=recipe.to_dict(),
            created_at=self._clock.now(),
            created_by=str(run.principal),
            duration_s=made.duration_s,
            size=made.size,
            log=str(made.log),
            owner=run.operation.owner,
            lock=made.lock,
        )
        async with run.database.call(run.principal) as call:
            if await repository.add(call.session, build):
                target = Target("build", build.digest, build.owner)
                await self._audit.record(call, "build.create", target, detail={"source": source})
        return build

    async def get(self, call: Call, digest: str) -> Build:
        """Raises BuildNotFound, also for a build of somebody else's."""
        build = await repository.get(call.session, digest)
        self._authorise(call.principal, "build.view", Target("build", digest, build.owner) if build else BUILD)
        if build is None:
            raise BuildNotFound(f"there is no build {digest[:16]!r}", hint="`roadbed releases APP` names builds")
        return build

    async def list(self, call: Call, *, limit: int | None = None, cursor: str | None = None) -> Page[Build]:
        """The newest first, of the groups in which the caller may see builds."""
        owners = visible_owners(self._authorise, call.principal, "build.view", "build")
        count = clamp(limit)
        found = await repository.newest(call.session, owners, count + 1, cursor)
        return Page(found[:count], found[count - 1].digest if len(found) > count else None)

    def _recipe(self, source: str) -> Recipe:
        files = self._sources.read_files(source, FILES)
        return choose(source, files, self._sources.has(source, "**/*.py"), self._machine)
