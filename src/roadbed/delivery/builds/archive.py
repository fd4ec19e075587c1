"""Unpacks an uploaded tar.gz into an empty folder, trusting nothing in it.

Refused: whatever leads out of the tree (absolute paths, `..`, links), devices, names that can't be shown or kept, and
more bytes or files than the limits, however well they were packed. Modes come out as 0644 or 0755, times are dropped.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tarfile
import unicodedata
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadbed.kit.errors import InvalidInput, TooLarge

_LARGEST_HEADER = 1024 * 1024
_CHUNK = 1024 * 1024
_IGNORED = frozenset({".git"})


@dataclass(frozen=True, slots=True)
class Limits:
    """`packed` and `unpacked` count bytes, `files` everything that has a name."""

    packed: int = 100_000_000
    unpacked: int = 1_000_000_000
    files: int = 50_000


LIMITS = Limits()


def unpack(archive: BinaryIO, folder: Path, limits: Limits = LIMITS) -> None:
    """Raises InvalidInput or TooLarge, naming the entry. What was unpacked until then is the caller's to remove."""
    try:
        with gzip.GzipFile(fileobj=archive) as plain, tarfile.open(fileobj=_Guarded(plain, limits), mode="r:") as tar:
            _Unpacking(tar, folder, limits).run()
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, OverflowError) as error:
        raise InvalidInput(f"the archive can't be read: {error}", hint="upload a tar file packed with gzip") from None


def digest_of(folder: Path, without: Collection[str] = ()) -> str:
    """SHA-256 of the canonical content: names, executable bits, contents and link targets, in the order of names.

    `without` are paths of files and folders that don't count.
    """
    digest = hashlib.sha256(b"roadbed-source-1\n")
    for path in _walk(folder):
        relative = path.relative_to(folder).as_posix()
        if relative in without:
            continue
        name = relative.encode()
        if path.is_symlink():
            parts = [b"link", name, os.fsencode(path.readlink())]
        elif path.is_dir():
            parts = [b"folder", name, b""]
        else:
            kind = b"program" if path.stat().st_mode & 0o100 else b"file"
            with path.open("rb") as file:
                parts = [kind, name, hashlib.file_digest(file, "sha256").digest()]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: os.fsencode(entry.name)):
            path = Path(entry.path)
            yield path
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(path)


class _Guarded(BufferedIOBase):
    """The unpacked stream, with an end: a header that claims to be huge, or endless zeros, stop here."""

    def __init__(self, plain: gzip.GzipFile, limits: Limits) -> None:
        self._plain = plain
        # Every file takes up to three blocks beside its content: its header, padding, a header for a long name.
        self._end = limits.unpacked + limits.files * 3 * tarfile.BLOCKSIZE

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or size > _LARGEST_HEADER:
            raise tarfile.ReadError("a header in it is too large")
        if self._plain.tell() > self._end:
            raise TooLarge("the archive unpacks to more than is allowed")
        return self._plain.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._plain.seek(offset, whence)

    def tell(self) -> int:
        return self._plain.tell()


class _Unpacking:
    def __init__(self, tar: tarfile.TarFile, folder: Path, limits: Limits) -> None:
        self._tar, self._folder, self._limits = tar, folder, limits
        self._seen: set[PurePosixPath] = set()
        self._links: dict[PurePosixPath, str] = {}
        self._bytes = 0

    def run(self) -> None:
        for member in self._tar:
            path = _checked_path(member.name)
            if path.parts and path.parts[0] not in _IGNORED:
                self._take(member, path)
        self._make_links()

    def _take(self, member: tarfile.TarInfo, path: PurePosixPath) -> None:
        if member.isdir():
            self._make_folder(path, member)
            return
        if path in self._seen:
            raise InvalidInput(f"the archive holds {member.name!r} twice")
        self._count(path, member.size if member.isreg() else 0)
        self._make_folder(path.parent, member)
        if member.issym():
            self._links[path] = member.linkname
        elif member.isreg():
            self._write(member, path)
        elif member.islnk():
            self._copy_linked(member, path)
        else:
            raise InvalidInput(f"{member.name!r} is no file, folder or link", hint="leave devices and pipes out")

    def _count(self, path: PurePosixPath, size: int) -> None:
        self._seen.add(path)
        self._bytes += size
        if self._bytes > self._limits.unpacked:
            raise TooLarge(
                f"the source tree is larger than {self._limits.unpacked // 1_000_000} MB",
                hint="list what a build doesn't need in .gitignore",
            )
        if len(self._seen) > self._limits.files:
            raise TooLarge(
                f"the source tree has more than {self._limits.files:,} files",
                hint="list what a build doesn't need in .gitignore",
            )

    def _make_folder(self, path: PurePosixPath, member: tarfile.TarInfo) -> None:
        """With every folder on the way. A link on the way is refused: links are made last, over nothing."""
        for folder in (*reversed(path.parents), path):
            if folder in self._links or (folder in self._seen and not (self._folder / folder).is_dir()):
                raise InvalidInput(f"the archive puts {member.name!r} below {str(folder)!r}, which is no folder")
            if folder.parts and folder not in self._seen:
                self._count(folder, 0)
                (self._folder / folder).mkdir(mode=0o755)
                (self._folder / folder).chmod(0o755)

    def _write(self, member: tarfile.TarInfo, path: PurePosixPath) -> None:
        content = self._tar.extractfile(member)
        if content is None:
            raise InvalidInput(f"{member.name!r} has no content")
        target = self._folder / path
        with target.open("xb") as file:
            shutil.copyfileobj(content, file, min(_CHUNK, _LARGEST_HEADER))
        target.chmod(0o755 if member.mode & 0o100 else 0o644)

    def _copy_linked(self, member: tarfile.TarInfo, path: PurePosixPath) -> None:
        """A hard link names a file that came before it."""
        original = _checked_path(member.linkname)
        source = self._folder / original
        if original not in self._seen or original in self._links or not source.is_file():
            raise InvalidInput(f"{member.name!r} is a link to {member.linkname!r}, which the archive doesn't hold")
        self._count(path, source.stat().st_size)
        shutil.copy(source, self._folder / path)

    def _make_links(self) -> None:
        for path, target in self._links.items():
            if not target or target.startswith("/") or not _shown(target):
                raise InvalidInput(f"{str(path)!r} is a link out of the source tree, to {target!r}")
            (self._folder / path).symlink_to(target)
        root = self._folder.resolve()
        for path, target in self._links.items():  # only now do links through links show where they lead
            if not _end_of(self._folder / path, path).is_relative_to(root):
                raise InvalidInput(
                    f"{str(path)!r} is a link out of the source tree, to {target!r}",
                    hint="copy what it names into the tree",
                )


def _end_of(link: Path, path: PurePosixPath) -> Path:
    """Where a link leads in the end, whether or not something is there."""
    try:
        return link.resolve()
    except (RuntimeError, OSError):  # a circle is either, by the version of Python
        raise InvalidInput(f"{str(path)!r} is a link that leads in a circle", hint="remove it") from None


def _checked_path(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise InvalidInput(f"{name!r} leads out of the source tree", hint="pack paths relative to the tree's root")
    too_long = any(len(part.encode(errors="surrogateescape")) > 255 for part in path.parts) or len(name) > 1024
    if too_long:
        raise InvalidInput(f"{name[:80]!r}… is too long a name for a file", hint="255 bytes each, 1,024 with folders")
    if not _shown(name):
        raise InvalidInput(f"{name!r} is no name for a file here", hint="rename it: no control characters")
    return path


def _shown(name: str) -> bool:
    """Neither control characters (a newline could forge a line of a log) nor bytes that are no UTF-8."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)
