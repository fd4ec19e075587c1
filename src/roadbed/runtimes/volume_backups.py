"""What a volume holds: a tar of its tree with modes, owners and links.

Replicas may write while it is read, and links that they leave lead anywhere: the walk goes by descriptors and follows
none. A file that was written over while it was read is told of; what a program keeps open (a database of its own) is
best backed up by that program.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadbed.kit.errors import Conflict
from roadbed.sdk.backups import Archive, Contents

_RESTORING = ".restoring-"


def save(folder: Path, sink: BinaryIO) -> tuple[Contents, list[str]]:
    """And the files that were written over meanwhile. Sockets, pipes and devices are left out."""
    counts = {"files": 0, "folders": 0, "links": 0}
    held, unsteady = 0, []
    with tarfile.open(fileobj=sink, mode="w|gz") as tar:
        for path, name, parent in _walk(folder):
            try:
                found = os.stat(name, dir_fd=parent, follow_symlinks=False)
                info = _info(str(path), name, parent, found)
                if info is None:
                    continue
                if not info.isreg():
                    tar.addfile(info)
                    counts["links" if info.issym() else "folders"] += 1
                    continue
                if not _add_file(tar, info, name, parent):
                    unsteady.append(str(path))
                counts["files"] += 1
                held += info.size
            except FileNotFoundError:
                continue
    return Contents("files", counts, held, {"uid": folder.stat().st_uid}), unsteady


def restore(folder: Path, archive: Archive) -> Contents:
    """The tree is made beside the volume first, and takes the place of what is in it within moments. The volume's own
    folder stays the one that replicas have.
    """
    fresh = folder.with_name(_RESTORING + folder.name)
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        extract(fresh, archive, owner=folder.stat())
        for each in list(os.scandir(folder)):
            _remove(each)
        for each in list(os.scandir(fresh)):
            Path(each.path).rename(folder / each.name)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return count(folder)


def extract(folder: Path, archive: Archive, *, owner: os.stat_result) -> None:
    """Into a new folder that only the platform gets into. What was the volume's user's becomes that of `owner`."""
    folder.mkdir(mode=0o700)
    user = archive.contents.facts.get("uid")

    def checked(info: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
        tarfile.tar_filter(info, path)  # refuses what leads out of the folder; it would also change modes
        return info.replace(
            uid=owner.st_uid if info.uid == user else info.uid,
            gid=owner.st_gid if info.gid == user else info.gid,
            deep=False,
        )

    try:
        with archive.open() as source, tarfile.open(fileobj=source, mode="r|gz") as tar:
            tar.extractall(folder, filter=checked, numeric_owner=True)  # noqa: S202 - each member is checked
    except tarfile.TarError as error:
        raise Conflict(f"the backup can't be unpacked: {error}") from error


def count(folder: Path) -> Contents:
    counts = {"files": 0, "folders": 0, "links": 0}
    held = 0
    for _, name, parent in _walk(folder):
        try:
            found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(found.st_mode):
            counts["files"] += 1
            held += found.st_size
        elif stat.S_ISDIR(found.st_mode):
            counts["folders"] += 1
        elif stat.S_ISLNK(found.st_mode):
            counts["links"] += 1
    return Contents("files", counts, held)


def _walk(folder: Path) -> Iterator[tuple[PurePosixPath, str, int]]:
    """Everything below: its path, its name, and the descriptor of what holds it. Folders come before what they hold."""
    for at, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        inside = PurePosixPath(at).relative_to(folder)
        folders.sort()
        for name in sorted([*folders, *files]):
            yield inside / name, name, descriptor


def _info(path: str, name: str, parent: int, found: os.stat_result) -> tarfile.TarInfo | None:
    info = tarfile.TarInfo(path)
    info.mode, info.uid, info.gid = stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
    info.mtime = found.st_mtime
    if stat.S_ISDIR(found.st_mode):
        info.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(found.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(name, dir_fd=parent)
    elif not stat.S_ISREG(found.st_mode):
        return None
    return info


def _add_file(tar: tarfile.TarFile, info: tarfile.TarInfo, name: str, parent: int) -> bool:
    """Whether it was the same at the end as at the beginning, or had only grown."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        info.size = before.st_size
        tar.addfile(info, _Padded(file))  # type: ignore[arg-type]  # it only reads
        after = os.fstat(descriptor)
    return after.st_mtime_ns == before.st_mtime_ns or after.st_size > before.st_size


class _Padded:
    """A file that was cut while it was read goes on as zeros: a tar promises a length before the content."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size).ljust(size, b"\0")


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        Path(entry.path).unlink(missing_ok=True)
