"""The bare git repositories that golden paths publish to: `$ROADBED_HOME/repositories/<name>.git`."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from roadbed.golden_paths.errors import NameTaken, SourceNotFound
from roadbed.kit.errors import OperationFailed, Unavailable
from roadbed.kit.names import check_label

BRANCH = "main"
_AUTHOR, _EMAIL = "Roadbed", "roadbed@localhost"
_TIMEOUT = 60.0
_SETTINGS = ("-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false")


class Repositories:
    """`mark` names the run that made a repository: only that run may find it made already, or remove it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, name: str) -> Path:
        return self._root / f"{check_label(name, 'the repository')}.git"

    def exists(self, name: str) -> bool:
        return self.path(name).is_dir()

    async def publish(self, name: str, folder: Path, *, message: str, mark: str) -> str:
        """Commits all of `folder` but what it ignores, to a new repository; gives the commit. Raises NameTaken.

        The repository appears whole or not at all. Called again with the same mark, it gives the same commit.
        """
        target = self.path(name)
        unfinished = self._root / f".{mark}.unfinished"
        await asyncio.to_thread(_make_empty, unfinished)
        await _git("init", "--quiet", "--bare", f"--initial-branch={BRANCH}", str(unfinished))
        inside = ("--git-dir", str(unfinished))
        await _git(*inside, "config", "roadbed.run", mark)
        await _git(*inside, "--work-tree", str(folder), "add", "--all", ".", cwd=folder)
        await _git(
            *inside,
            "--work-tree",
            str(folder),
            "commit",
            "--quiet",
            "--allow-empty",
            f"--message={message}",
            cwd=folder,
        )
        try:
            await asyncio.to_thread(unfinished.rename, target)
        except OSError:
            await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)
            if not await self._is_marked(name, mark):
                raise taken(name) from None
        return await self.head(name)

    async def is_made_by(self, name: str, mark: str) -> bool:
        return self.exists(name) and await self._is_marked(name, mark)

    def set_aside(self, name: str, *, mark: str) -> Path:
        """Frees the name, for the run `mark`. Nothing is lost: gives where the repository lies from now on."""
        kept = self._aside(name, mark)
        self.path(name).rename(kept)
        return kept

    def put_back(self, name: str, *, mark: str) -> None:
        """Undoes `set_aside`; nothing if there was none."""
        kept = self._aside(name, mark)
        if kept.is_dir() and not self.exists(name):
            kept.rename(self.path(name))

    def _aside(self, name: str, mark: str) -> Path:
        """The id of a run begins with its time, so what was kept sorts by it."""
        return self._root / f"{check_label(name, 'the repository')}-{mark}.git"

    async def head(self, name: str) -> str:
        return (await self._run(name, "rev-parse", BRANCH)).decode().strip()

    async def read(self, name: str, path: str) -> bytes:
        """A file of the latest commit. Raises SourceNotFound."""
        try:
            return await self._run(name, "cat-file", "blob", f"{BRANCH}:{path.lstrip('/')}")
        except OperationFailed:
            raise SourceNotFound(f"the repository {name} has no file {path}") from None

    async def bundle(self, name: str) -> bytes:
        """All of it as a git bundle, which `git clone` reads. Raises SourceNotFound."""
        return await self._run(name, "bundle", "create", "--quiet", "-", BRANCH, "HEAD")

    async def remove(self, name: str, *, mark: str) -> None:
        """Removes the repository if the run `mark` made it."""
        if await self.is_made_by(name, mark):
            await asyncio.to_thread(shutil.rmtree, self.path(name))

    async def _is_marked(self, name: str, mark: str) -> bool:
        try:
            return (await self._run(name, "config", "--get", "roadbed.run")).decode().strip() == mark
        except OperationFailed:
            return False

    async def _run(self, name: str, *arguments: str) -> bytes:
        if not self.exists(name):
            raise SourceNotFound(f"no golden path made a repository {name!r}")
        return await _git("--git-dir", str(self.path(name)), *arguments)


def taken(name: str) -> NameTaken:
    return NameTaken(f"there is a repository {name!r} already", hint="choose another name")


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)


async def _git(*arguments: str, cwd: Path | None = None) -> bytes:
    """What git prints. Nothing of this machine's or the user's configuration is read, no hook runs."""
    git = shutil.which("git")
    if git is None:
        raise Unavailable("git is not installed", hint="install git with the package manager of this machine")
    process = await asyncio.create_subprocess_exec(
        git,
        *_SETTINGS,
        *arguments,
        cwd=cwd,
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), _TIMEOUT)
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode != 0:
        said = errors.decode(errors="replace").strip()[-500:]
        raise OperationFailed(f"git failed: {said}", hint="is the disk full, or ROADBED_HOME read-only?")
    return output


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": _AUTHOR,
        "GIT_AUTHOR_EMAIL": _EMAIL,
        "GIT_COMMITTER_NAME": _AUTHOR,
        "GIT_COMMITTER_EMAIL": _EMAIL,
    }
