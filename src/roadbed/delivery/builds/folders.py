"""What builds do with folders: made beside their place and put there whole, handed to the build's user, taken back."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from roadbed.delivery.builds.commands import BUILD_UID
from roadbed.kit.errors import Unavailable

MAKING = ".making-"
"""How folders begin that are not finished."""
_LEFT_BEHIND_S = 6 * 3600
_LOCK_POLL_S = 0.05


@asynccontextmanager
async def beside(parent: Path) -> AsyncIterator[Path]:
    """A folder to make something in. What is left of it afterwards, because it failed, is removed."""
    made = await asyncio.to_thread(_new_folder, parent)
    try:
        yield made
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


def _new_folder(parent: Path) -> Path:
    parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    sweep(parent)
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=parent))
    made.chmod(0o755)  # programs that run as another user pass through it
    return made


def sweep(folder: Path) -> None:
    """Removes what a crash left half-made: it is older than anything that is still being made."""
    for left in folder.glob(f"{MAKING}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND_S:
                shutil.rmtree(left, ignore_errors=True)


def put(made: Path, place: Path) -> None:
    """Makes a finished folder visible, whole. If another got there first, that one stays: it is the same."""
    try:
        made.rename(place)
    except OSError:
        if not place.exists():
            raise
        shutil.rmtree(made, ignore_errors=True)


@asynccontextmanager
async def alone(lock_file: Path) -> AsyncIterator[None]:
    """Holds a file lock: another process that builds the same waits, and then finds it made."""
    with open(lock_file, "w") as lock:  # noqa: ASYNC230, PTH123 - it takes no time
        while not _try_lock(lock.fileno()):  # noqa: ASYNC110 - another process may hold it
            await asyncio.sleep(_LOCK_POLL_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """A disk that is full or read-only is the platform's trouble, said in a sentence."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Unavailable(
            f"{folder} can't be written: {reason}", hint="free space there, or mend its rights"
        ) from error


def make_writable(folder: Path) -> None:
    """A folder for the build's user: as root that is another one."""
    folder.mkdir(mode=0o755, exist_ok=True)
    give(folder)


def give(path: Path) -> None:
    if os.geteuid() == 0:
        os.lchown(path, BUILD_UID, BUILD_UID)


def give_all(folder: Path) -> None:
    """A folder and everything in it."""
    for path, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            give(Path(path, name))


def link_tree(source: Path, target: Path) -> None:
    """The same files once more, by hard links: they are never written to. Folders are new, for what is compiled."""
    make_writable(target)
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if entry.is_symlink():
                place.symlink_to(Path(entry.path).readlink())
            elif entry.is_dir(follow_symlinks=False):
                link_tree(Path(entry.path), place)
            else:
                os.link(entry.path, place)


def copy_tree(source: Path, target: Path) -> None:
    """The same files for the build's user to write to; modes and times stay. It follows no link."""
    make_writable(target)
    with os.scandir(source) as entries:
        for entry in entries:
            place = target / entry.name
            if entry.is_dir(follow_symlinks=False):
                copy_tree(Path(entry.path), place)
            else:
                shutil.copy2(entry.path, place, follow_symlinks=False)
                give(place)


def take_back(folder: Path) -> int:
    """What the build's user made becomes ours and readable for all. The sum of the files' bytes.

    Folders are left writable for all: within a folder that is ours alone nobody reaches them, and who runs from them
    writes into a layer over them, as a user that is not known yet.

    Nothing but files, folders and links stays: a pipe would hold up whoever reads it.
    """
    root = os.geteuid() == 0
    size = 0
    for path, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            entry = Path(path, name)
            status = entry.lstat()
            if root and status.st_uid != 0:
                os.lchown(entry, 0, 0)
            if entry.is_symlink():
                continue
            if not (entry.is_dir() or entry.is_file()):
                entry.unlink()
                continue
            _open_to_all(entry, status.st_mode)
            size += status.st_size if name in files else 0
    return size


def _open_to_all(entry: Path, mode: int) -> None:
    wanted = 0o777 if entry.is_dir() else (mode & 0o755) | (0o555 if mode & 0o100 else 0o444) | 0o200
    if mode & 0o7777 != wanted:
        entry.chmod(wanted)
