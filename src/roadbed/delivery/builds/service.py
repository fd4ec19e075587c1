"""The one door to sources and builds."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from roadbed.audit.service import Audit
from roadbed.control.run import Run, StepRun
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.builder import Builder, Made, Order, Teller
from roadbed.delivery.builds.domain import Build, Machine, Origin, Source
from roadbed.delivery.builds.errors import BuildNotFound
from roadbed.delivery.builds.fetching import fetch
from roadbed.delivery.builds.git import read_url
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.recipes.choose import Recipe, Wishes, choose
from roadbed.delivery.builds.settings import BuildSettings
from roadbed.delivery.builds.source_tree import tree_of
from roadbed.delivery.builds.sources import Content, Sources
from roadbed.delivery.builds.views import BuildView, Said
from roadbed.detection.languages import Languages
from roadbed.detection.source import ReadApplication, read_application_source
from roadbed.detection.summary import understood
from roadbed.kit.access import Authorise, Target, visible_owners
from roadbed.kit.clock import Clock
from roadbed.kit.errors import InvalidInput
from roadbed.kit.pagination import Page, clamp
from roadbed.storage.call import Call
from roadbed.workload.declared import ApplicationSource
from roadbed.workload.files import APPLICATION_FILES

Variables: TypeAlias = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]
"""The values of those of the named variables that are set."""

SOURCE, BUILD = Target("source"), Target("build")
_REMEMBERED = 256
_SHORTEST_PREFIX = 6


class Builds:
    """`home` is ROADBED_HOME. Digests are hexadecimal SHA-256."""

    def __init__(
        self,
        home: Path,
        authorise: Authorise,
        audit: Audit,
        clock: Clock,
        settings: BuildSettings | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._authorise, self._audit, self._clock = authorise, audit, clock
        self._settings, self._machine = settings or BuildSettings(), machine or this_machine()
        self._folder = home / "builds"
        self._sources = Sources(home)
        self._builder = Builder(home, self._machine, at_once=self._settings.at_once, ceiling=self._settings.ceiling)
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()
        self._contents = lru_cache(_REMEMBERED)(self._sources.content)
        self._applications = lru_cache(_REMEMBERED)(self._application)

    async def accept(self, call: Call, stream: AsyncIterator[bytes], origin: Origin | None = None) -> Source:
        """Keeps a source tree that comes as tar.gz. The same files give the same digest, however they were packed.

        Raises InvalidInput for an archive that can't be trusted, TooLarge beyond 100 MB packed or 1 GB unpacked.
        """
        self._authorise(call.principal, "source.upload", SOURCE)
        return await self._keep(call, await self._sources.accept(stream), origin or Origin())

    async def fetch(self, call: Call, url: str, ref: str | None = None) -> tuple[Source, Origin]:
        """Keeps a revision of a git repository: `https://…#rev`, or with the revision as `ref`.

        Raises InvalidInput for a URL that is not taken, FetchFailed with git's last words.
        """
        self._authorise(call.principal, "source.upload", SOURCE)
        wanted = read_url(url, ref, files=self._settings.git_files)
        source, origin = await fetch(self._sources, self._folder, self._machine, wanted)
        return await self._keep(call, source, origin), origin

    async def said_by(self, call: Call, source: str) -> Said:
        """What the files of a source say: nothing where they can't be read."""
        try:
            read = await self.application(call, source)
        except InvalidInput:
            return Said()
        if (found := read.detection) is None:
            return Said(read.source.name)
        return Said(found.name if found.named_by else None, understood(found))

    async def _keep(self, call: Call, source: Source, origin: Origin) -> Source:
        await repository.add_source(call.session, source, origin, self._clock.now(), str(call.principal))
        detail = {"size": source.size, **{name: value for name, value in origin.to_dict().items() if value}}
        await self._audit.record(call, "source.upload", Target("source", source.digest), detail=detail)
        return source

    async def application(
        self,
        call: Call,
        source: str,
        environment: str | None = None,
        name: str | None = None,
        needs: tuple[str, ...] = (),
    ) -> ReadApplication:
        """What a source tree declares for an environment; without a Score file, what is understood of it.

        `name` is what such an application is called, `needs` are the names of those that it is given. Raises
        InvalidInput with all that is wrong in its files.
        """
        self._authorise(call.principal, "build.create", BUILD)
        await asyncio.to_thread(self._sources.tree, source)
        return await asyncio.to_thread(self._applications, source, environment, name, needs)

    async def application_source(self, call: Call, source: str, environment: str | None = None) -> ApplicationSource:
        """As `application`, without what was understood."""
        return (await self.application(call, source, environment)).source

    def _application(
        self, source: str, environment: str | None, name: str | None, needs: tuple[str, ...]
    ) -> ReadApplication:
        """Remembered: a source never changes."""
        tree = tree_of(self._sources.tree(source))
        return read_application_source(
            lambda names: self._sources.read_files(source, names),
            tree,
            name,
            environment=environment,
            machine=Languages(),
            needs=needs,
        )

    async def origin(self, call: Call, source: str) -> Origin:
        """Where a source came from when it was last sent."""
        self._authorise(call.principal, "build.create", BUILD)
        return await repository.origin(call.session, source)

    async def source_tree(self, call: Call, source: str) -> Path:
        """The folder that holds a source tree, only to be read. Raises SourceNotFound."""
        self._authorise(call.principal, "build.create", BUILD)
        return await asyncio.to_thread(self._sources.tree, source)

    async def artifact_digest(self, call: Call, source: str, variables: Collection[str] = ()) -> str:
        """The digest that a build of this source has or will have where these variables are set. Builds nothing."""
        self._authorise(call.principal, "build.create", BUILD)
        recipe = await self._recipe(call, source)
        return recipe.artifact((await self._content(source)).digest, variables)

    async def ensure(self, run: Run, step: StepRun, source: str, variables: Variables | None = None) -> Build:
        """The build of a source, made if there is none yet; what it does is told to the step's log.

        `variables` gives the values of the secrets that its commands are shown. Raises InvalidInput when nothing here
        can build it, BuildFailed with the last lines when a command failed.
        """
        self._authorise(run.principal, "build.create", BUILD)
        async with run.database.call(run.principal) as call:
            recipe = await self._recipe(call, source)
            origin = await repository.origin(call.session, source)
        shown = await self._shown(step, recipe, variables)
        order = Order(recipe, source, self._sources.tree(source), shown, await self._content(source))
        if (known := await self._known(run, order, origin)) is not None:
            await step.log(f"Nothing to build: {order.digest[:12]} was built before")
            return known
        made = await run.unless_cancelled(self._builder.make(order, Teller(step.log, step.progress)))
        await step.log(f"Built {order.digest[:12]} in {made.duration_s:.1f} s")
        return await self._record(run, order, origin, made)

    async def _known(self, run: Run, order: Order, origin: Origin) -> Build | None:
        """The build, if it was made before and is still there."""
        async with run.database.call(run.principal) as call:
            build = await repository.use(call.session, order.digest, self._clock.now(), origin)
        return build if self._builder.has(order.digest) else None

    async def _shown(self, step: StepRun, recipe: Recipe, variables: Variables | None) -> Mapping[str, str]:
        """The secrets that the commands of the build are shown. What isn't set is said, and they do without."""
        if not recipe.secrets:
            return {}
        values = await variables(recipe.secrets) if variables else {}
        if missing := [name for name in recipe.secrets if name not in values]:
            await step.log(
                f"build.secrets names {', '.join(missing)}, which is not set: built without"
                f" (roadbed config set --secret {missing[0]}, then deploy again)"
            )
        return values

    async def _record(self, run: Run, order: Order, origin: Origin, made: Made) -> Build:
        now = self._clock.now()
        build = Build(
            digest=order.digest,
            source=order.source,
            recipe=order.recipe.to_dict(),
            created_at=now,
            created_by=str(run.principal),
            used_at=now,
            duration_s=made.duration_s,
            size=made.size,
            log=str(made.log),
            owner=run.operation.owner,
            lock=made.lock,
            origin=origin,
        )
        async with run.database.call(run.principal) as call:
            if await repository.add(call.session, build):
                target = Target("build", build.digest, build.owner)
                await self._audit.record(call, "build.create", target, detail={"source": order.source})
        return build

    async def notes(self, call: Call, digest: str, since: datetime, before: str | None) -> list[str]:
        """That no lock file says the versions of packages, where a build that was made since then chose them.
        What was chosen for the build `before` it, and is only used again, is left out.
        """
        files = ", ".join(await self._unlocked(call, digest, since, before))
        message = f"there is no lock file: this build chose the versions that {files} leaves open, and"
        return [f"{message} `roadbed builds show {digest[:12]}` lists them"] if files else []

    async def _unlocked(self, call: Call, digest: str, since: datetime, before: str | None) -> Sequence[str]:
        self._authorise(call.principal, "build.create", BUILD)
        made = await repository.get(call.session, digest)
        if made is None or made.created_at < since or (made.lock is not None and not _lists_any(made.lock)):
            return ()
        was = await repository.get(call.session, before) if before else None
        known = {part["layer"] for part in was.recipe["parts"]} if was else set()
        return [part["unlocked"] for part in made.recipe["parts"] if "unlocked" in part and part["layer"] not in known]

    async def get(self, call: Call, digest: str) -> BuildView:
        """By its digest or the first six of its digits. Raises BuildNotFound, also for a build of somebody else's."""
        build = await repository.get(call.session, digest)
        if build is None and len(digest) >= _SHORTEST_PREFIX:
            alike = await repository.like(call.session, digest)
            build = alike[0] if len(alike) == 1 else None
        target = Target("build", build.digest, build.owner) if build else BUILD
        self._authorise(call.principal, "build.view", target)
        if build is None:
            raise BuildNotFound(f"there is no build {digest[:16]!r}", hint="`roadbed builds` lists them")
        used = await repository.users(call.session, [build.digest])
        return BuildView(build, tuple(used.get(build.digest, ())))

    async def log(self, call: Call, digest: str) -> str:
        """What was said while it was made. Empty once it is gone from this machine."""
        build = (await self.get(call, digest)).build
        return await asyncio.to_thread(_read_log, Path(build.log))

    async def list(self, call: Call, *, limit: int | None = None, cursor: str | None = None) -> Page[BuildView]:
        """The newest first, of the groups in which the caller may see builds."""
        owners = visible_owners(self._authorise, call.principal, "build.view", "build")
        count = clamp(limit)
        found = await repository.newest(call.session, owners, count + 1, cursor)
        used = await repository.users(call.session, [build.digest for build in found])
        views = [BuildView(build, tuple(used.get(build.digest, ()))) for build in found[:count]]
        return Page(views, found[count - 1].digest if len(found) > count else None)

    async def _recipe(self, call: Call, source: str) -> Recipe:
        """Remembered: a source never changes."""
        if (known := self._recipes.get(source)) is not None:
            self._recipes.move_to_end(source)
            return known
        wishes = await self._wishes(call, source)
        content = await self._content(source)
        recipe = await asyncio.to_thread(
            lambda: choose(content.digest, self._sources.kept_tree(source), self._machine, wishes)
        )
        self._recipes[source] = recipe
        if len(self._recipes) > _REMEMBERED:
            self._recipes.popitem(last=False)
        return recipe

    async def _content(self, source: str) -> Content:
        return await asyncio.to_thread(self._contents, source)

    async def _wishes(self, call: Call, source: str) -> Wishes:
        """What the application says of its build. A tree may be built that says nothing of what is to run."""
        try:
            read = await self.application(call, source)
        except InvalidInput:
            if self._sources.read_files(source, APPLICATION_FILES):
                raise
            return Wishes()
        declared = read.source
        containers = [one for item in declared.workloads.values() for one in item.workload.containers.values()]
        words = tuple(word for one in containers for word in (*one.command, *one.args))
        ports = [port.target_port for item in declared.workloads.values() for port in item.workload.ports.values()]
        return Wishes(
            application=declared.name,
            commands=declared.build.commands,
            secrets=declared.build.secrets,
            variables=declared.build.variables,
            network=declared.build.network,
            runs=words,
            ports=ports,
            requirements=read.detection.requirements if read.detection else (),
        )


def _lists_any(lock: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in lock.splitlines())


def _read_log(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""
