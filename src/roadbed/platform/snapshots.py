"""The files of a building block: as somebody hands them in, and as they lie on disk for the host of programs."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from roadbed.kit.errors import InvalidInput
from roadbed.kit.names import LABEL
from roadbed.sdk.hosted.programs import BLOCK
from roadbed.workload.reader import LABEL_RULE

MOST_BYTES, MOST_FILES = 1_000_000, 200
_LONGEST_PATH = 200


@dataclass(frozen=True)
class Snapshot:
    """`files` are texts by their path in the folder of the block, with `/`. The name is the folder's."""

    name: str
    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        digest = hashlib.sha256(self.name.encode())
        for path in sorted(self.files):
            for part in (path.encode(), self.files[path].encode()):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    @property
    def program(self) -> str:
        """As people call it, from the root of the platform repo."""
        return f"provisioners/{self.name}/{BLOCK}"


@dataclass(frozen=True, slots=True)
class BlockFolder:
    """A block that lies on disk. `version` is None for a draft."""

    name: str
    folder: Path
    digest: str
    version: str | None = None

    @property
    def shown(self) -> str:
        return f"provisioners/{self.name}"


def read_snapshot(name: str, files: Mapping[str, str]) -> Snapshot:
    """Raises InvalidInput for what can't be a block, whoever sends it."""
    if not LABEL.fullmatch(name):
        raise InvalidInput(f"{name!r} can't be a building block's name", hint=f"use {LABEL_RULE}")
    file = f"provisioners/{name}"
    if BLOCK not in files:
        raise InvalidInput(f"there is no {BLOCK} in {file}/", hint="see: roadbed platform new block", file=file)
    if len(files) > MOST_FILES or sum(len(text.encode()) for text in files.values()) > MOST_BYTES:
        message = f"{file}/ is over {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB"
        raise InvalidInput(message, hint="keep data out of it", file=file)
    for path in files:
        _check_path(path, file)
    return Snapshot(name, dict(files))


def _check_path(path: str, file: str) -> None:
    parts = PurePosixPath(path).parts
    odd = len(path) > _LONGEST_PATH or "\\" in path or "\0" in path or str(PurePosixPath(path)) != path
    if odd or not parts or path.startswith("/") or ".." in parts:
        raise InvalidInput(f"{path[:80]!r} can't be the path of a file in {file}/", file=file)


def snapshot_of(folder: Path) -> Snapshot:
    """Of a folder on disk, without what editors and Python leave there. Raises InvalidInput for what is no text."""
    files: dict[str, str] = {}
    for path in _texts(folder):
        shown = path.relative_to(folder).as_posix()
        try:
            files[shown] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            file = f"provisioners/{folder.name}/{shown}"
            raise InvalidInput("this is not UTF-8 text", hint="a building block is made of texts", file=file) from None
    return read_snapshot(folder.name, files)


def _texts(folder: Path) -> Iterator[Path]:
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number > 10 * MOST_FILES:
            raise InvalidInput(f"{folder} holds too much to be a building block", hint="name the folder of a block")
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside)
        if not hidden and path.is_file() and not path.is_symlink():
            yield path


class Snapshots:
    """Those below a folder, by digest. They can be made anew at any time from what is kept of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, digest: str, name: str) -> Path | None:
        """Where it lies, if it does."""
        found = self._folder / digest / name
        return found if found.is_dir() else None

    def write(self, snapshot: Snapshot) -> Path:
        """Readable for the host of programs, who is another user. Whole, or not at all."""
        if (found := self.has(snapshot.digest, snapshot.name)) is not None:
            return found
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            made.chmod(0o755)
            for path, text in snapshot.files.items():
                _write(made / snapshot.name, path, text)
            try:
                made.rename(self._folder / snapshot.digest)
            except OSError:  # another has just written the same
                if self.has(snapshot.digest, snapshot.name) is None:
                    raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
        return self._folder / snapshot.digest / snapshot.name


def _write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in (root, *(root / each for each in PurePosixPath(path).parents)):
        folder.chmod(0o755)
    target.write_text(text, encoding="utf-8")
    target.chmod(0o644)
