"""A source tree as detection sees it: names, and the texts of small files. Hostile trees are cut, not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

    def text(self, path: str) -> str | None:
        """None for what is not there, too long, or no UTF-8 text."""
        ...


def matching(tree: Tree, pattern: str, *, depth: int = 4) -> Iterator[str]:
    """Paths whose last part matches, those nearest to the root first."""
    found = [path for path in tree.paths if fnmatchcase(path.rpartition("/")[2], pattern) and path.count("/") < depth]
    return iter(sorted(found, key=lambda path: (path.count("/"), path)))


@dataclass(frozen=True)
class TreeOfTexts:
    """In memory."""

    texts: Mapping[str, str]

    @cached_property
    def paths(self) -> Sequence[str]:
        return sorted(self.texts)[:MAX_PATHS]

    def text(self, path: str) -> str | None:
        return self.texts.get(path)
