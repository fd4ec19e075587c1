"""A source tree as detection sees it: names, and the texts of small files. Hostile trees are cut, not followed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Protocol

MAX_PATHS = 20_000
MAX_TEXT = 1_000_000
"""Bytes. What is longer is no file that somebody wrote."""


class Tree(Protocol):
    """`paths` are relative, with `/`, sorted, without links and without what a build leaves behind."""

    @property
    def paths(self) -> Sequence[str]: ...

    def __contains__(self, path: object) -> bool: ...

    def text(self, path: str) -> str | None:
        """None for what is not there, too long, or no UTF-8 text."""
        ...


def below(folder: str) -> str:
    """A folder as its files' paths begin; empty for the root."""
    path = posixpath.normpath(folder or ".")
    return "" if path == "." else path


def matching(tree: Tree, pattern: str, *, depth: int = 4) -> Iterator[str]:
    """Paths whose last part matches, those nearest to the root first."""
    found = [path for path in tree.paths if fnmatchcase(path.rpartition("/")[2], pattern) and path.count("/") < depth]
    return iter(sorted(found, key=lambda path: (path.count("/"), path)))


class TreeOfFiles:
    """Reads a file when it is asked for, once. `read` gives the bytes of a path of `paths`, None when it can't."""

    def __init__(self, paths: Sequence[str], read: Callable[[str], bytes | None]) -> None:
        self.paths = sorted(paths)[:MAX_PATHS]
        self._known = frozenset(self.paths)
        self._read = read
        self._texts: dict[str, str | None] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def text(self, path: str) -> str | None:
        if path not in self._known:
            return None
        if path not in self._texts:
            self._texts[path] = _decoded(self._read(path))
        return self._texts[path]


def _decoded(content: bytes | None) -> str | None:
    if content is None or len(content) > MAX_TEXT or b"\0" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True)
class TreeOfTexts:
    """In memory."""

    texts: Mapping[str, str]

    @cached_property
    def paths(self) -> Sequence[str]:
        return sorted(self.texts)[:MAX_PATHS]

    def __contains__(self, path: object) -> bool:
        return path in self.texts

    def text(self, path: str) -> str | None:
        return self.texts.get(path)


@dataclass(frozen=True)
class Without:
    """A tree less some of its folders, which begin with their path and a slash."""

    whole: Tree
    folders: tuple[str, ...]

    @cached_property
    def paths(self) -> Sequence[str]:
        return [path for path in self.whole.paths if not path.startswith(self.folders)]

    def __contains__(self, path: object) -> bool:
        return path in self.whole and not str(path).startswith(self.folders)

    def text(self, path: str) -> str | None:
        return None if path.startswith(self.folders) else self.whole.text(path)


@dataclass(frozen=True)
class Below:
    """A folder of a tree as a tree. `folder` is a path without a slash at its end."""

    whole: Tree
    folder: str

    @cached_property
    def paths(self) -> Sequence[str]:
        start = f"{self.folder}/"
        return [path.removeprefix(start) for path in self.whole.paths if path.startswith(start)]

    def __contains__(self, path: object) -> bool:
        return f"{self.folder}/{path}" in self.whole

    def text(self, path: str) -> str | None:
        return self.whole.text(f"{self.folder}/{path}")
