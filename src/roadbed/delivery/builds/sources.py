"""Source trees on disk, each below the digest of its content: `ROADBED_HOME/sources/<digest>/`.

They are kept unpacked: planning reads a few files of one, and builds take theirs from it, without unpacking again.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadbed.delivery.builds.archive import LIMITS, Limits, digest_of, unpack
from roadbed.delivery.builds.domain import Source
from roadbed.delivery.builds.errors import SourceNotFound
from roadbed.delivery.builds.folders import MAKING, disk, put, sweep
from roadbed.delivery.builds.platform_files import platform_files
from roadbed.kit.errors import InvalidInput, TooLarge

MAX_READ = 10_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Content:
    """What builds are made of: all of a tree but `left_out`, paths that only the platform reads."""

    digest: str
    left_out: frozenset[str] = frozenset()


class Sources:
    def __init__(self, home: Path, limits: Limits = LIMITS) -> None:
        self._folder = home / "sources"
        self._limits = limits

    async def accept(self, stream: AsyncIterator[bytes]) -> Source:
        """Keeps a tar.gz that comes in pieces. Raises InvalidInput or TooLarge, and then nothing is kept of it."""
        with disk(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            with tempfile.TemporaryFile(dir=self._folder) as packed:
                size = await self._receive(stream, packed)
                return await asyncio.to_thread(self.keep, packed, size)

    async def _receive(self, stream: AsyncIterator[bytes], packed: BinaryIO) -> int:
        size = 0
        async for chunk in stream:
            size += len(chunk)
            if size > self._limits.packed:
                raise TooLarge(
                    f"the packed source tree is larger than {self._limits.packed // 1_000_000} MB",
                    hint="list what a build doesn't need in .gitignore",
                )
            await asyncio.to_thread(packed.write, chunk)
        packed.seek(0)
        return size

    def keep(self, packed: BinaryIO, size: int) -> Source:
        """As `accept`, from a file of `size` bytes."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        sweep(self._folder)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=self._folder, ignore_cleanup_errors=True) as incoming:
            tree = Path(incoming, "tree")
            tree.mkdir(mode=0o755)
            tree.chmod(0o755)
            unpack(packed, tree, self._limits)
            digest = digest_of(tree)
            kept = self._folder / digest
            if not kept.exists():
                put(tree, kept)
        return Source(digest, size)

    def tree(self, digest: str) -> Path:
        """Raises SourceNotFound for one that was never uploaded, or is no digest."""
        folder = self._folder / digest
        if not _DIGEST.fullmatch(digest) or not folder.is_dir():
            raise SourceNotFound(f"there is no source {digest[:16]!r}", hint="upload it first: `roadbed deploy` does")
        return folder

    def read_files(self, digest: str, names: Collection[str]) -> dict[str, bytes]:
        """The contents of those of the named files that the tree has. Raises TooLarge beyond 10 MB a file."""
        tree = self.tree(digest).resolve()
        found = {}
        for name in names:
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or "\0" in name:
                raise InvalidInput(f"{name!r} leads out of the source tree")
            if (file := _file_in(tree, path)) is not None:
                if file.stat().st_size > MAX_READ:
                    raise TooLarge(f"{name} is larger than {MAX_READ // 1_000_000} MB", file=name)
                found[name] = file.read_bytes()
        return found

    def content(self, digest: str) -> Content:
        """What of a tree is built. Raises SourceNotFound."""
        tree = self.tree(digest)
        left_out = platform_files(tree)
        return Content(digest_of(tree, left_out) if left_out else digest, left_out)

    def kept_tree(self, digest: str) -> KeptTree:
        """The tree as recipes see it. Raises SourceNotFound."""
        return KeptTree(self, digest)

    def remove(self, digest: str) -> None:
        """Forgets a tree that nothing is built from any more."""
        with suppress(FileNotFoundError, SourceNotFound):
            gone = self._folder / f"{MAKING}{digest}"
            self.tree(digest).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)


def _file_in(tree: Path, path: PurePosixPath) -> Path | None:
    """The file that a name stands for; None also for one that no file can have, and for what leads out of the tree."""
    try:
        file = (tree / path).resolve()
        return file if file.is_relative_to(tree) and file.is_file() else None
    except (OSError, RuntimeError):  # too long, or links that go round in a circle
        return None


class KeptTree:
    """A recipe's `Tree` over a kept source: names of up to 50,000 files, and the contents of those asked for."""

    def __init__(self, sources: Sources, digest: str) -> None:
        self._sources, self._digest = sources, digest
        tree = sources.tree(digest)
        self.paths = frozenset(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())

    def read(self, path: str) -> bytes | None:
        if ".." in PurePosixPath(path).parts or path.startswith("/"):
            return None
        return self._sources.read_files(self._digest, [path]).get(path)
