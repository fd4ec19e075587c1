"""A platform with the bench's own provider in it, and the modules that are applied to it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from bench.engine.accounts import Accounts, Told
from bench.engine.commands import Done, run
from bench.engine.world import PROFILE, WORLD
from bench.platform import ROADBED, ROOT, Platform, fresh_platform

_PLUGIN = "roadbed-bench-provider"
_numbers = count(1)


def plugin_folder(folder: Path) -> Path:
    """What brings the bench's provider to a server that has this folder on its PYTHONPATH: an installed plugin."""
    info = folder / f"{_PLUGIN.replace('-', '_')}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {_PLUGIN}\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[roadbed.providers]\nbench = bench.engine.provider:make\n")
    return folder


def settings(folder: Path, *, profiled: bool = False) -> dict[str, str]:
    """The environment of a platform with the plugin. `folder` holds it, and the world that it makes."""
    plugin, world = plugin_folder(folder / "plugin"), folder / "world"
    (world / "things").mkdir(parents=True)
    profile = {PROFILE: str(folder / "profile.json")} if profiled else {}
    paths = [str(plugin), str(ROOT), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), WORLD: str(world), **profile}


class Site:
    """A running platform, by its commands. `folder` is the bench's own: plugin, world, profile."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform, self.folder = platform, folder
        self.accounts = Accounts(platform)

    @property
    def world(self) -> Path:
        return self.folder / "world"

    def module(self, text: str, name: str | None = None) -> str:
        """Writes a module of the platform repo, new unless it is named, and gives its stack's name."""
        name = name or f"bench-{next(_numbers)}"
        program = self.platform.home / "platform" / "modules" / name / "roadbed.py"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        return f"{name}@dev"

    def touch(self, stack: str) -> None:
        """Changes the program's text, not what it declares."""
        name = stack.partition("@")[0]
        program = self.platform.home / "platform" / "modules" / name / "roadbed.py"
        with program.open("a") as file:
            file.write(f"# {next(_numbers)}\n")

    def roadbed(self, *arguments: str) -> Done:
        """As somebody runs it whose output goes to a file: the same that terraform is measured by."""
        command = [str(ROADBED), *arguments]
        return run(command, cwd=self.platform.work, environment=self.platform.environment)

    def told(self, *arguments: str) -> Told:
        """The same, and what each process of the platform spent on it."""
        return self.accounts.of(lambda: self.roadbed(*arguments))

    def apply(self, stack: str) -> Told:
        return self.told("apply", stack, "--refresh", "--yes")

    def plan(self, stack: str) -> Told:
        done = self.told("plan", stack, "--refresh")
        if "Nothing to change" not in done.done.output:
            raise RuntimeError(f"the plan was to change nothing: {done.done.output[-500:]}")
        return done

    def destroy(self, stack: str) -> Told:
        return self.told("apply", stack, "--destroy", "--refresh", "--yes")


@contextmanager
def site(*, profiled: bool = False) -> Iterator[Site]:
    """A fresh platform; nothing is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="roadbed-bench-engine-"))
    folder.chmod(0o755)
    try:
        with fresh_platform(settings(folder, profiled=profiled)) as platform:
            yield Site(platform, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
