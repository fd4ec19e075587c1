"""What a command was given as its source: a folder, a revision of one, an archive, or the URL of a git repository."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roadbed.cli.directories import check_directory
from roadbed.kit.errors import InvalidInput, Unavailable

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:[^\s]+")
_ARCHIVES = (".tar.gz", ".tgz")
_OTHERS = (".zip", ".tar", ".tar.bz2", ".tar.xz", ".tbz", ".txz", ".7z", ".rar")
_VERSION = re.compile(r"-(?:v?\d[\w.]*|[0-9a-f]{7,40}|main|master)$")
_REVISION = re.compile(r"[0-9a-f]{40,64}")
_TIMEOUT_S = 60.0
_LONGEST_REF = 200
"""Characters that the platform keeps."""


@dataclass(frozen=True, slots=True)
class Given:
    """Either a `directory` to be packed, or a `url` for the platform to fetch. `revision` is the commit, if any, `ref`
    what names it.

    A `dirty` tree has changes that no commit has; a revision `leaves_changes` of its folder out.
    """

    kind: Literal["folder", "revision", "archive", "git"]
    directory: Path = Path()
    url: str | None = None
    ref: str | None = None
    revision: str | None = None
    dirty: bool = False
    leaves_changes: bool = False

    @property
    def said(self) -> str | None:
        """`1a2b3c4 with changes that are not committed`."""
        if self.revision is None:
            return None
        return self.revision[:7] + (" with changes that are not committed" if self.dirty else "")


@contextmanager
def source_of(given: str, ref: str | None = None) -> Iterator[Given]:
    """What `given` names, laid out for as long as it is used. Raises InvalidInput for what is no source."""
    if _URL.match(given) or (_SCP.fullmatch(given) and not Path(given).exists()):
        yield Given("git", url=given, ref=ref)
        return
    path = Path(given)
    if path.is_file():
        with _archive(path, ref) as found:
            yield found
    elif ref is not None:
        with _revision(check_directory(path), ref) as found:
            yield found
    else:
        yield _folder(check_directory(path))


def _folder(directory: Path) -> Given:
    """With the commit that it stands on, and its tag or branch, where git is there and knows them."""
    said = _git(directory, "log", "-1", "--no-show-signature", "--decorate=short", "--format=%H %D")
    revision, _, names = said.partition(" ")
    if not _REVISION.fullmatch(revision):
        return Given("folder", directory)
    return Given("folder", directory, ref=_named(names), revision=revision, dirty=_changed(directory))


def _named(names: str) -> str | None:
    """The tag, else the branch, of git's `HEAD -> main, tag: v1, origin/main`."""
    every = names.split(", ")
    tags = [name.removeprefix("tag: ") for name in every if name.startswith("tag: ")]
    branches = [name.removeprefix("HEAD -> ") for name in every if name.startswith("HEAD -> ")]
    return next((name for name in (*tags, *branches) if len(name) <= _LONGEST_REF), None)


def _changed(directory: Path) -> bool:
    return bool(_git(directory, "status", "--porcelain", "--untracked-files=normal", "--", "."))


@contextmanager
def _revision(directory: Path, ref: str) -> Iterator[Given]:
    if ref.startswith("-") or not ref.isprintable():
        raise InvalidInput(f"{ref!r} is no branch, tag or revision")
    revision = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if not _REVISION.fullmatch(revision):
        raise InvalidInput(
            f"{directory} has no revision {ref!r}", hint="name a branch, a tag or a commit of its git repository"
        )
    with tempfile.TemporaryDirectory(prefix="roadbed-") as temporary:
        packed = Path(temporary, "source.tar.gz")
        arguments = ("git", "-C", str(directory), "archive", "--format=tar.gz", "-1", f"--output={packed}", revision)
        done = _run(arguments)
        if done.returncode != 0:
            raise InvalidInput(f"git could not pack {ref}: {_last(done.stderr)}")
        tree = _unpacked(packed, Path(temporary, "tree"), directory.resolve().name)
        yield Given("revision", tree, ref=ref, revision=revision, leaves_changes=_changed(directory))


@contextmanager
def _archive(path: Path, ref: str | None) -> Iterator[Given]:
    if ref is not None:
        raise InvalidInput(f"{path} is an archive, which has no revisions", hint="leave --ref out")
    name = next((path.name.removesuffix(end) for end in _ARCHIVES if path.name.lower().endswith(end)), None)
    if name is None:
        if path.name.lower().endswith(_OTHERS):
            raise InvalidInput(f"{path.name} is no tar.gz", hint="unpack it and name the folder, or pack it as tar.gz")
        raise InvalidInput(f"{path} is a file, no directory", hint="name a directory, a tar.gz or a git URL")
    with tempfile.TemporaryDirectory(prefix="roadbed-") as temporary:
        yield Given("archive", _unpacked(path, Path(temporary, "tree"), name))


def _unpacked(packed: Path, folder: Path, name: str) -> Path:
    """The tree of an archive, with the platform's own suspicion. Where all lies in one folder, that is the tree."""
    from roadbed.delivery.builds.archive import unpack

    tree = folder / (_VERSION.sub("", name) or name)
    tree.mkdir(parents=True)
    try:
        with packed.open("rb") as file:
            unpack(file, tree)
    except OSError as error:
        raise InvalidInput(f"can't be read: {error.strerror}", file=str(packed)) from error
    entries = list(tree.iterdir())
    if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
        return tree
    inner = folder / f"inner/{_VERSION.sub('', entries[0].name) or entries[0].name}"
    inner.parent.mkdir()
    return entries[0].rename(inner)


def _git(directory: Path, *arguments: str) -> str:
    """What git says; empty where it fails, or isn't there. Nothing that the repository configures is run."""
    safe = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    try:
        done = _run(("git", *safe, "-C", str(directory), *arguments))
    except Unavailable:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _run(arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            arguments,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise Unavailable("git is not installed", hint="install git, or name a folder without --ref") from None
    except subprocess.TimeoutExpired:
        raise Unavailable("git did not answer in time", hint="see what holds it up: git status") from None


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
