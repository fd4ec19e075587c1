"""Layers on disk: `layers/<digest>/`, one for each set of dependencies, shared by all builds that have the same."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from roadbed.delivery.builds import commands
from roadbed.delivery.builds.commands import Command
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.folders import alone, beside, give_all, link_tree, make_writable, put, take_back
from roadbed.delivery.builds.log import BuildLog
from roadbed.delivery.builds.platform_files import remove
from roadbed.delivery.builds.recipes.parts import APP, Part

Execute: TypeAlias = Callable[[Command, BuildLog], Awaitable[None]]

FACTS, LOCK = "layer.json", "lock"
_LONGEST_LOCK = 2_000_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What layers are made from: a source tree, of which `left_out` is no part, and the values of secrets."""

    tree: Path
    secrets: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


class Layers:
    """`folder` is `builds/`. A layer has the folders that its part keeps, `lock`, and `layer.json`: its size."""

    def __init__(self, folder: Path, machine: Machine, execute: Execute) -> None:
        self._folder, self._machine, self._execute = folder, machine, execute

    def place(self, digest: str) -> Path:
        return self._folder / "layers" / digest

    def lacks(self, digest: str) -> bool:
        return not self.place(digest).is_dir()

    async def ensure(self, part: Part, digest: str, ground: Ground, log: BuildLog) -> Path:
        place = self.place(digest)
        with suppress(FileNotFoundError):
            os.utime(place)  # whoever prunes sees that it is wanted
            return place
        async with alone(self._folder / "locks" / digest):
            if not place.is_dir():
                async with beside(self._folder / "layers") as made:
                    put(await self._make(part, ground, made, log), place)
        return place

    async def _make(self, part: Part, ground: Ground, made: Path, log: BuildLog) -> Path:
        cache, work, kept = self._folder / "cache", made / "work", made / "kept"
        for folder in (cache, work, kept):
            make_writable(folder)
        tree = ground.tree
        if part.needs_tree and ground.left_out:
            tree = made / "tree"
            await asyncio.to_thread(link_tree, ground.tree, tree)
            await asyncio.to_thread(remove, tree, ground.left_out)
        await asyncio.to_thread(_lay_out, part, tree, work)
        for command in commands.install(
            part, self._machine, tree=tree, layer=work, cache=cache, secrets=ground.secrets
        ):
            await self._execute(command, log)
        await asyncio.to_thread(_keep, part, work, kept)
        return kept


def _lay_out(part: Part, tree: Path, work: Path) -> None:
    """The folders that its steps write to, and what they find there: its own files, or the tree where it needs that."""
    for name, target in part.work.items():
        if target == APP and part.needs_tree:
            shutil.copytree(tree / part.folder, work / name, symlinks=True)
        make_writable(work / name)
    for name, content in part.files.items():
        file = work / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if content.startswith(b"#!") else 0o644)
    give_all(work)


def _keep(part: Part, work: Path, kept: Path) -> None:
    for name in part.keep:
        source, target = work / name, kept / name
        if source.is_dir() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
    if part.lock is not None:
        _keep_lock(work / part.lock, kept / LOCK)
    size = take_back(kept)
    facts = {"language": part.language, "version": part.version, "size": size}
    (kept / FACTS).write_text(json.dumps(facts))


def _keep_lock(made: Path, kept: Path) -> None:
    """What a build wrote is not followed anywhere."""
    if made.is_file() and not made.is_symlink() and made.stat().st_size <= _LONGEST_LOCK:
        shutil.copyfile(made, kept)
