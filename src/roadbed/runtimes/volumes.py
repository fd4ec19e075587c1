"""Volumes: folders below `ROADBED_HOME/volumes`, which outlive every replica, release and restart."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadbed.kit.errors import NotFound, Unavailable
from roadbed.runtimes import volume_backups
from roadbed.runtimes.domain import user_of
from roadbed.runtimes.errors import InvalidService
from roadbed.runtimes.volume_sizes import held_bytes
from roadbed.sandbox.folders import open_within
from roadbed.sdk.backups import Archive, Contents

_SOURCE = re.compile(r"([a-z0-9-]+@[a-z0-9-]+)/([A-Za-z0-9_-]{1,128})")
_GONE = ".gone-"


def volume_source(stack: str, name: str, urn: str, token: str) -> str:
    """The source of the volume that this very creation makes."""
    mark = hashlib.sha256(f"{urn}!{token}".encode()).hexdigest()[:12]
    return f"{stack}/{re.sub('[^A-Za-z0-9_-]', '-', name)[:64]}-{mark}"


class Volumes:
    """`source` is a volume's name everywhere: its stack and its own folder, such as `orders@dev/data-3f9c2a`."""

    def __init__(self, home: Path) -> None:
        self._root = home / "volumes"

    def make(self, source: str) -> None:
        """Also when it is there. Raises Unavailable when the disk refuses it."""
        stack, _ = _parts(source)
        folder = self._root / source
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            _give(folder, stack)
        except OSError as error:
            raise _refused(folder, error) from error

    def exists(self, source: str) -> bool:
        return bool(_SOURCE.fullmatch(source)) and (self._root / source).is_dir()

    def size(self, source: str) -> int:
        """Bytes that its files hold on the disk, links not followed. 0 when there is no such volume."""
        return held_bytes(self._root / source)

    def save(self, source: str, sink: BinaryIO) -> tuple[Contents, list[str]]:
        """Writes its tree into `sink`; and which files were written over meanwhile."""
        return volume_backups.save(self._there(source), sink)

    def restore(self, source: str, archive: Archive) -> Contents:
        folder = self._there(source)
        try:
            return volume_backups.restore(folder, archive)
        except OSError as error:
            raise _refused(folder, error) from error

    def rehearse(self, archive: Archive) -> Contents:
        """In a folder that no replica gets."""
        scratch = self._root / f".scratch-{hashlib.sha256(archive.id.encode()).hexdigest()[:24]}"
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            volume_backups.extract(scratch, archive, owner=self._root.stat())
            return volume_backups.count(scratch)
        except OSError as error:
            raise _refused(scratch, error) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _there(self, source: str) -> Path:
        if not self.exists(source):
            raise NotFound(f"the volume {source} is gone from this machine")
        return self._root / source

    def remove(self, source: str) -> None:
        """Also when there is none. Nobody sees it half removed: it leaves its place first."""
        _parts(source)
        folder = self._root / source
        gone = folder.with_name(_GONE + folder.name)
        try:
            with suppress(FileNotFoundError):
                folder.rename(gone)
            if gone.exists():
                shutil.rmtree(gone)
            with suppress(OSError):  # the stack has others
                folder.parent.rmdir()
        except OSError as error:
            raise _refused(folder, error) from error

    def folder(self, stack: str, source: str, path: str = "") -> Path:
        """Where a replica of `stack` finds it. The folder `path` within is made where it is missing.

        Raises InvalidService for one that isn't there, another stack's, or a path that leads out of it.
        """
        owner, _ = _parts(source)
        if owner != stack:
            raise InvalidService(f"the volume {source} is not one of {stack}", hint="declare one of its own")
        folder = self._root / source
        if not folder.is_dir():
            raise InvalidService(
                f"the volume {source} is gone from this machine", hint="deploy again: a new one is made, and is empty"
            )
        made = PurePosixPath(path)
        if made.is_absolute() or ".." in made.parts:
            raise InvalidService(f"the path {path!r} leads out of its volume", hint="use a relative one without ..")
        for count in range(1, len(made.parts) + 1):
            _make_within(folder, PurePosixPath(*made.parts[:count]), stack)
        return folder


def _make_within(folder: Path, path: PurePosixPath, stack: str) -> None:
    """Follows no link: what programs keep there may lead anywhere."""
    try:
        parent = open_within(str(folder), str(path.parent))
        try:
            with suppress(FileExistsError):
                os.mkdir(path.name, mode=0o755, dir_fd=parent)
                if os.geteuid() == 0:
                    os.chown(path.name, user_of(stack), user_of(stack), dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(parent)
        os.close(open_within(str(folder), str(path)))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise InvalidService(f"{str(path)!r} in the volume is no folder, but a file or a link") from error
        raise _refused(folder / path, error) from error


def _parts(source: str) -> tuple[str, str]:
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise InvalidService(
            f"{source!r} is not a volume", hint="use the output `source` of a runtime:Volume, as in ${resources.data}"
        )
    return found[1], found[2]


def _give(folder: Path, stack: str) -> None:
    """Replicas run as the stack's user; without root, as this one."""
    if os.geteuid() == 0:
        os.chown(folder, user_of(stack), user_of(stack), follow_symlinks=False)


def _refused(folder: Path, error: OSError) -> Unavailable:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return Unavailable(f"{folder} can't be written: {reason}", hint="free space there, or mend its rights")
