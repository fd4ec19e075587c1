"""Makes layers and artifacts: each beside its place, by one process at once, and renamed there when it is whole."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from roadbed.delivery.builds import commands
from roadbed.delivery.builds.commands import Command
from roadbed.delivery.builds.domain import Machine
from roadbed.delivery.builds.errors import BuildFailed
from roadbed.delivery.builds.log import BuildLog
from roadbed.delivery.builds.recipe import Recipe
from roadbed.delivery.builds.sources import MAKING, put, sweep
from roadbed.kit.errors import Unavailable
from roadbed.sandbox.domain import Host
from roadbed.sandbox.run import run

Say: TypeAlias = Callable[[str], Awaitable[None]]

AT_ONCE = 2
"""More builds than this wait for one another: they share the machine with what it runs."""

_SHOWN_LINES = 15
_OVER_LIMIT = frozenset({128 + signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGXFSZ})
_LOCK_POLL_S = 0.05
_LONGEST_LOCK = 5_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact on disk. `lock` is what its layer holds, in pip's format, None without dependencies."""

    folder: Path
    duration_s: float
    size: int
    log: Path
    lock: str | None


class Builder:
    """`ROADBED_HOME/builds/`: `<digest>/` artifacts, `layers/<digest>/`, `logs/<digest>.log`, `cache/` of packages."""

    def __init__(self, home: Path, machine: Machine, host: Host | None = None) -> None:
        self.folder = home / "builds"
        self._machine, self._host = machine, host
        self._slots = asyncio.Semaphore(AT_ONCE)

    def has(self, digest: str) -> bool:
        return (self.folder / digest / "artifact.json").is_file()

    async def make(self, recipe: Recipe, source: str, tree: Path, say: Say) -> Made:
        """Builds what isn't there yet. Raises BuildFailed with the last lines of the command that failed."""
        digest = recipe.artifact(source)
        began = time.monotonic()
        with self._disk():
            for name in ("layers", "logs", "locks"):
                (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o755)
            with BuildLog(self.folder / "logs" / f"{digest}.log", say) as log:
                layer = await self._layer(recipe, tree, log)
                async with self._alone(digest):
                    if not self.has(digest):
                        await self._artifact(digest, tree, layer, log)
        return self._made(digest, recipe, time.monotonic() - began)

    def _made(self, digest: str, recipe: Recipe, duration_s: float) -> Made:
        folder = self.folder / digest
        lock = self.folder / "layers" / recipe.layer / commands.LOCKED
        return Made(
            folder=folder,
            duration_s=duration_s,
            size=json.loads((folder / "artifact.json").read_text())["size"],
            log=self.folder / "logs" / f"{digest}.log",
            lock=lock.read_text() if lock.is_file() else None,
        )

    async def _layer(self, recipe: Recipe, tree: Path, log: BuildLog) -> Path:
        """`layers/<digest>/`: `python/` is the environment, `requirements.txt` what was installed."""
        place = self.folder / "layers" / recipe.layer
        if place.is_dir():
            return place / "python"
        async with self._alone(recipe.layer):
            if not place.is_dir():
                async with self._beside("layers") as made:
                    await self._install(recipe, tree, made, log)
                    put(made, place)
        return place / "python"

    async def _install(self, recipe: Recipe, tree: Path, made: Path, log: BuildLog) -> None:
        cache = self.folder / "cache"
        for folder in (cache, made / "python", made / "lock"):
            _make_writable_folder(folder)
        for command in commands.install(
            recipe, self._machine, tree=tree, layer=made / "python", cache=cache, lock=made / "lock"
        ):
            await self._run(command, log)
        locked = made / "lock" / commands.LOCKED
        if locked.is_file() and not locked.is_symlink() and locked.stat().st_size <= _LONGEST_LOCK:
            shutil.copyfile(locked, made / commands.LOCKED)
        shutil.rmtree(made / "lock")
        await asyncio.to_thread(_take_back, made)

    async def _artifact(self, digest: str, tree: Path, layer: Path, log: BuildLog) -> None:
        async with self._beside(".") as made:
            app = made / "app"
            await asyncio.to_thread(_link_tree, tree, app)
            await self._run(commands.compile_bytecode(self._machine, tree=app), log)
            size = await asyncio.to_thread(_take_back, made)
            final = self.folder / digest / "app"
            document = commands.artifact(
                digest, self._machine, tree=final, layer=layer, has_src=(tree / "src").is_dir()
            )
            (made / "artifact.json").write_text(json.dumps({**document, "size": size}, indent=1))
            put(made, self.folder / digest)

    async def _run(self, command: Command, log: BuildLog) -> None:
        await log.line(command.does)
        async with self._slots:
            done = await run(
                command.sandbox,
                command.arguments,
                timeout=command.timeout_s,
                on_line=log.line,
                max_output=0,
                host=self._host,
            )
        if done.timed_out:
            raise BuildFailed(
                f"the build was ended: it took longer than {command.timeout_s:g} s ({command.does})",
                hint="see its log for what it was doing",
            )
        if done.code not in command.good:
            lines = "\n".join(f"  {line}" for line in log.last(_SHOWN_LINES))
            raise BuildFailed(
                f"the build failed: {command.does} ended with code {done.code}\n{lines}",
                hint=_remedy(done.code),
            )

    @asynccontextmanager
    async def _beside(self, folder: str) -> AsyncIterator[Path]:
        """A folder to make something in. What is left of it afterwards, because it failed, is removed."""
        parent = self.folder / folder
        await asyncio.to_thread(sweep, parent)
        made = _new_folder(parent)
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    @asynccontextmanager
    async def _alone(self, digest: str) -> AsyncIterator[None]:
        """Holds a file lock: another process that builds the same waits, and then finds it made."""
        with (self.folder / "locks" / digest).open("w") as lock:
            while not _try_lock(lock.fileno()):  # noqa: ASYNC110 - another process may hold it
                await asyncio.sleep(_LOCK_POLL_S)
            yield

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise Unavailable(
                f"{self.folder} can't be written: {reason}", hint="free space there, or mend its rights"
            ) from error


def _new_folder(parent: Path) -> Path:
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=parent))
    made.chmod(0o755)  # programs that run as another user pass through it
    return made


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_writable_folder(folder: Path) -> None:
    """A folder for the build's user: as root that is another one."""
    folder.mkdir(mode=0o755, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, commands.BUILD_UID, commands.BUILD_UID)


def _link_tree(source: Path, target: Path) -> None:
    """The same files once more, by hard links: they are never written to. Folders are new, for what is compiled."""
    _make_writable_folder(target)
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if entry.is_symlink():
                place.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir(follow_symlinks=False):
                _link_tree(Path(entry.path), place)
            else:
                os.link(entry.path, place)


def _take_back(folder: Path) -> int:
    """What the build's user made becomes ours and readable for all. The sum of the files' bytes."""
    root = os.geteuid() == 0
    size = 0
    for path, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            entry = Path(path, name)
            status = entry.lstat()
            if root and status.st_uid != 0:
                os.lchown(entry, 0, 0)
            if not entry.is_symlink():
                _open_to_all(entry, status.st_mode)
                size += status.st_size if name in files else 0
    return size


def _open_to_all(entry: Path, mode: int) -> None:
    wanted = (mode & 0o755) | (0o555 if mode & 0o100 else 0o444)
    if mode & 0o7777 != wanted:
        entry.chmod(wanted)


def _remedy(code: int) -> str:
    if code in _OVER_LIMIT:
        return "it used more than a build may: 3 GB of memory, 1 GB in one file, 15 minutes of CPU"
    return "mend what its last lines name, then deploy again; the log holds all of it"
