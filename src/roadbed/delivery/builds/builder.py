"""Makes artifacts: each beside its place, by one process at once, and renamed there when it is whole."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from roadbed.delivery.builds import artifact, commands
from roadbed.delivery.builds.commands import Command
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.folders import alone, beside, copy_tree, disk, link_tree, make_writable, put, take_back
from roadbed.delivery.builds.layers import LOCK, Ground, Layers
from roadbed.delivery.builds.limits import run_within
from roadbed.delivery.builds.log import BuildLog, Progress, Say
from roadbed.delivery.builds.modules import settle
from roadbed.delivery.builds.oddities import told_of
from roadbed.delivery.builds.platform_files import remove
from roadbed.delivery.builds.recipes.choose import Recipe
from roadbed.delivery.builds.recipes.parts import APP, Part
from roadbed.delivery.builds.recipes.python import LAYER as PYTHON
from roadbed.delivery.builds.sources import Content
from roadbed.delivery.builds.watching import Ceiling
from roadbed.sandbox.domain import Host

AT_ONCE = 2
"""More builds than this wait for one another: they share the machine with what it runs."""


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact on disk. `lock` is what was installed where no lock file said so, None where one did."""

    folder: Path
    duration_s: float
    size: int
    log: Path
    lock: str | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Whoever waits for a build: `say` gets each line of its log, `progress` which step of how many it is at."""

    say: Say
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What to build: the `source` that lies in `tree`, by its recipe. `secrets` are the values of those it names.

    `content` is what of the source is built, None for all of it.
    """

    recipe: Recipe
    source: str
    tree: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None

    @property
    def digest(self) -> str:
        return self.recipe.artifact(self.content.digest if self.content else self.source, self.secrets)

    @property
    def left_out(self) -> frozenset[str]:
        return self.content.left_out if self.content else frozenset()


class Builder:
    """`ROADBED_HOME/builds/`: `<digest>/` artifacts, `layers/<digest>/`, `logs/<digest>.log`, `cache/` of packages."""

    def __init__(
        self,
        home: Path,
        machine: Machine,
        host: Host | None = None,
        at_once: int = AT_ONCE,
        ceiling: Ceiling = Ceiling(),  # noqa: B008 - it never changes
    ) -> None:
        self.folder = home / "builds"
        self._machine, self._host, self._ceiling = machine, host, ceiling
        self._slots = asyncio.Semaphore(at_once)
        self._layers = Layers(self.folder, machine, self._run)

    def has(self, digest: str) -> bool:
        return (self.folder / digest / "artifact.json").is_file()

    async def make(self, order: Order, teller: Teller) -> Made:
        """Builds what isn't there yet. Raises BuildFailed with the last lines of the command that failed."""
        began = time.monotonic()
        with disk(self.folder):
            for name in ("layers", "logs", "locks"):
                (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o755)
            with self._log(order, teller) as log:
                for part, digest in self._parts(order.recipe):
                    await self._layers.ensure(part, digest, Ground(order.tree, order.secrets, order.left_out), log)
                async with alone(self.folder / "locks" / order.digest):
                    if not self.has(order.digest):
                        await self._artifact(order, log)
                await log.done()
        return self._made(order, time.monotonic() - began)

    def _log(self, order: Order, teller: Teller) -> BuildLog:
        lacking = [part for part, digest in self._parts(order.recipe) if self._layers.lacks(digest)]
        own = 1 + len(order.recipe.commands) + (_python(order.recipe) is not None)
        return BuildLog(
            self.folder / "logs" / f"{order.digest}.log",
            teller.say,
            secrets=tuple(order.secrets.values()),
            progress=teller.progress,
            total=sum(len(part.steps) for part in lacking) + own,
            notes=tuple(dict.fromkeys(order.recipe.notes)),
        )

    @staticmethod
    def _parts(recipe: Recipe) -> list[tuple[Part, str]]:
        return list(zip(recipe.parts, recipe.layers, strict=True))

    def _made(self, order: Order, duration_s: float) -> Made:
        folder = self.folder / order.digest
        locks = [self._layers.place(digest) / LOCK for digest in order.recipe.layers]
        texts = [lock.read_text(errors="replace") for lock in locks if lock.is_file()]
        return Made(
            folder=folder,
            duration_s=duration_s,
            size=json.loads((folder / "artifact.json").read_text())["size"],
            log=self.folder / "logs" / f"{order.digest}.log",
            lock="\n".join(texts) if texts else None,
        )

    async def _artifact(self, order: Order, log: BuildLog) -> None:
        folders = self._folders(order.recipe)
        async with beside(self.folder) as made:
            app = made / "app"
            await log.step("Laying out the source tree")
            await asyncio.to_thread(copy_tree if order.recipe.commands else link_tree, order.tree, app)
            await asyncio.to_thread(remove, app, order.left_out)
            if order.recipe.commands:
                folders = await self._execute(order, app, folders, log)
            if (python := _python(order.recipe)) is not None:
                await self._run(commands.compile_bytecode(self._machine, app=app, python=python), log)
            if order.recipe.commands:
                for line in await asyncio.to_thread(told_of, app):
                    await log.line(line)
            size = await asyncio.to_thread(_settle, made, folders, mounted=self._machine.sandboxed)
            final = self.folder / order.digest
            placed = {
                target: final / folder.relative_to(made) if folder.is_relative_to(made) else folder
                for target, folder in folders.items()
            }
            text = artifact.document(
                order.digest, order.source, order.recipe, self._machine, app=final / "app", folders=placed
            )
            (made / "artifact.json").write_text(json.dumps({**text, "size": size}, indent=1))
            put(made, self.folder / order.digest)

    async def _execute(self, order: Order, app: Path, folders: dict[str, Path], log: BuildLog) -> dict[str, Path]:
        """Runs the commands of the build. Returns the folders of layers that the artifact still needs after them."""
        seen = {target: source for target, source in folders.items() if not target.startswith(f"{APP}/")}
        within = {target: source for target, source in folders.items() if target not in seen}
        for target, modules in within.items():
            await asyncio.to_thread(copy_tree, modules, app / target.removeprefix(f"{APP}/"))
        own = await self._own(order.recipe, seen, app.parent)
        cache = self._cache(order.recipe)
        for command in commands.run(
            order.recipe, self._machine, app=app, layers=seen, cache=cache, secrets=order.secrets, own=own
        ):
            await self._attempt(command, log)
        for target, place in own.items():
            same = await asyncio.to_thread(settle, folders[target], place)
            seen[target] = folders[target] if same else place
        unchanged = [
            target
            for target, modules in within.items()
            if await asyncio.to_thread(settle, modules, app / target.removeprefix(f"{APP}/"))
        ]
        return {**seen, **{target: within[target] for target in unchanged}}

    @staticmethod
    async def _own(recipe: Recipe, seen: dict[str, Path], made: Path) -> dict[str, Path]:
        """Copies of layers that commands with a network may add to, by where they are mounted: taken from `seen`."""
        own = {target: made / "own" / PurePosixPath(target).name for target in seen if target == PYTHON}
        if not recipe.network or not own:
            return {}
        make_writable(made / "own")
        for target, place in own.items():
            await asyncio.to_thread(copy_tree, seen.pop(target), place)
        return own

    def _cache(self, recipe: Recipe) -> Path:
        """Where packages and what was compiled are kept, with the folders that the recipe's commands use of it."""
        cache = self.folder / "cache"
        for folder in (cache, *(cache / name for name in commands.caches_of(recipe).values())):
            make_writable(folder)
        return cache

    async def _attempt(self, command: Command, log: BuildLog) -> None:
        try:
            await self._run(command, log)
        except BuildFailed as failure:
            if not command.step.optional:
                raise
            shown = failure.message.partition("\n")[0]
            await log.line(f"{shown}; nobody asked for this command, so the build goes on without it")
            await log.line("to have it run, or left out, say which commands in roadbed.yaml: build.commands")

    def _folders(self, recipe: Recipe) -> dict[str, Path]:
        """Where a layer's folders are mounted → where they lie. What a layer doesn't have is not mounted."""
        return {
            target: folder
            for part, digest in self._parts(recipe)
            for name, target in part.keep.items()
            if (folder := self._layers.place(digest) / name).is_dir()
        }

    async def _run(self, command: Command, log: BuildLog) -> None:
        await log.step(command.step.does)
        async with self._slots:
            await run_within(command, log, self._host, self._ceiling)


def _python(recipe: Recipe) -> str | None:
    """The interpreter that the application is compiled by."""
    return next((str(part.inputs["python"]) for part in recipe.parts if part.language == "python"), None)


def _settle(made: Path, folders: Mapping[str, Path], *, mounted: bool) -> int:
    """Makes the places where folders of layers will be mounted within the application. Its size in bytes.

    Where nothing can be mounted, links stand there.
    """
    for target, folder in folders.items():
        if target.startswith(f"{APP}/"):
            place = made / "app" / target.removeprefix(f"{APP}/")
            if place.is_symlink():
                place.unlink()
            if mounted:
                place.mkdir(parents=True, exist_ok=True)
            elif not place.exists():
                place.symlink_to(folder)
    return take_back(made)
