"""Builds for tests: a home with its sources and builder, what was said, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from roadbed.delivery.builds.builder import Builder, Order, Teller
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.recipes.choose import Wishes, choose
from roadbed.delivery.builds.sources import Sources
from roadbed.delivery.builds.watching import Ceiling
from roadbed.sandbox.domain import Host, Mount, Sandbox
from roadbed.sandbox.run import Completed, run
from source_archives import packed, stream


class Bench:
    def __init__(self, home: Path, machine: Machine, host: Host | None = None, ceiling: Ceiling | None = None) -> None:
        self.home, self.machine = home, machine
        self.sources, self.builder = Sources(home), Builder(home, machine, host, ceiling=ceiling or Ceiling())
        self.said: list[str] = []
        self.progress: list[tuple[int, int, str | None]] = []

    async def _say(self, line: str) -> None:
        self.said.append(line)

    async def _progress(self, done: int, total: int, message: str | None) -> None:
        self.progress.append((done, total, message))

    async def source(self, files: Mapping[str, str]) -> str:
        return (await self.sources.accept(stream(packed(files)))).digest

    async def build(
        self, files: Mapping[str, str], wishes: Wishes | None = None, secrets: Mapping[str, str] | None = None
    ) -> Path:
        source = await self.source(files)
        content = self.sources.content(source)
        recipe = choose(content.digest, self.sources.kept_tree(source), self.machine, wishes)
        order = Order(recipe, source, self.sources.tree(source), secrets or {}, content)
        return (await self.builder.make(order, Teller(self._say, self._progress))).folder


async def in_artifact(folder: Path, *command: str) -> Completed:
    """Runs a command as a replica would, with a loopback of its own, where every port is free."""
    artifact = json.loads((folder / "artifact.json").read_text())
    sandbox = Sandbox(
        mounts=tuple(Mount(mount["source"], mount["target"]) for mount in artifact["mounts"]),
        environment=artifact["environment"],
        workdir=artifact["workdir"],
        network=False,
    )
    return await run(sandbox, command, timeout=60)


def listing(folder: Path) -> dict[str, str]:
    """What each path below is: the digest of a file's content, a link's target, and whether it may be run."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            what = f"link to {path.readlink()}"
        elif path.is_dir():
            what = "folder"
        else:
            what = hashlib.sha256(path.read_bytes()).hexdigest() + (" +x" if path.stat().st_mode & 0o100 else "")
        found[str(path.relative_to(folder))] = what
    return found
