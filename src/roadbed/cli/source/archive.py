"""Packing: the same files give the same bytes, whoever packs them, wherever and whenever."""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from roadbed.cli.directories import check_directory
from roadbed.cli.source.files import SourceFile, source_files
from roadbed.cli.text import size
from roadbed.kit.errors import InvalidInput, TooLarge

LIMIT = 100_000_000
"""Bytes that the platform takes, packed."""

_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Archive:
    """`file` stands at its beginning, `size` is its length in bytes."""

    file: IO[bytes]
    size: int
    files: int


@contextmanager
def packed(root: Path, *, limit: int = LIMIT) -> Iterator[Archive]:
    """The source in `root` as a `tar.gz` in a temporary file. Raises InvalidInput, or TooLarge over `limit` bytes."""
    files = source_files(check_directory(root))
    if not files:
        raise InvalidInput(f"{root} holds no source", hint="is all of it in .gitignore?")
    with tempfile.TemporaryFile() as file:
        sink = _Sink(file, limit, files)
        _write(root, files, sink)
        file.seek(0)
        yield Archive(file, sink.written, len(files))


class _Sink(io.RawIOBase):
    """Counts what goes through, and stops at the limit rather than filling the disk."""

    def __init__(self, file: IO[bytes], limit: int, files: Sequence[SourceFile]) -> None:
        self.written = 0
        self._file, self._limit, self._files = file, limit, files

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += len(data)
        if self.written > self._limit:
            raise _too_large(self._files, self._limit)
        return self._file.write(data)


def _write(root: Path, files: Sequence[SourceFile], sink: _Sink) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=cast("IO[bytes]", sink), mtime=0) as packer,
        tarfile.open(fileobj=packer, mode="w|", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive,
    ):
        for file in files:
            _add(archive, root, file)


def _add(archive: tarfile.TarFile, root: Path, file: SourceFile) -> None:
    entry = tarfile.TarInfo(file.path)  # mtime, uid and gid are 0 and the names empty from the start
    entry.mode = 0o755 if file.executable else 0o644
    if file.link is not None:
        entry.type, entry.linkname = tarfile.SYMTYPE, file.link
        archive.addfile(entry)
        return
    try:
        with (root / file.path).open("rb") as content:
            entry.size = file.size
            archive.addfile(entry, content)
    except OSError as error:
        reason = error.strerror or "it changed meanwhile"
        raise InvalidInput(f"can't be read: {reason}", file=file.path) from error


def _too_large(files: Sequence[SourceFile], limit: int) -> TooLarge:
    largest = sorted(files, key=lambda file: file.size, reverse=True)[:3]
    named = ", ".join(f"{file.path} ({size(file.size)})" for file in largest)
    return TooLarge(
        f"the source is over {size(limit)} when packed",
        hint=f"add what the build doesn't need to .gitignore; the largest files: {named}",
    )
