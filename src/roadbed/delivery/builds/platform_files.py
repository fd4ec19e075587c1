"""Which files of a source tree speak to the platform alone: they are no part of what is built.

So writing down what was understood of a tree, or changing a replica count, gives no other artifact: what runs can't
see the difference. What is written there is part of a release all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from roadbed.workload.files import API_VERSION, APPLICATION_FILES, CATALOG_FILES, SCORE_FILES

_FOLDER = "score"
"""Where the Score files of several workloads are written."""
_HEAD = 20_000
_FORMAT = re.compile(
    rb"^apiVersion:\s*[\"']?(score\.dev/|backstage\.io/|" + re.escape(API_VERSION.partition("/")[0].encode()) + rb"/)",
    re.MULTILINE,
)


def platform_files(tree: Path) -> frozenset[str]:
    """Paths in the tree, the folder of Score files among them where it holds nothing else.

    A file counts by its name and the format that it says to be of: a program's own `score/a.yaml` stays.
    """
    named = (*APPLICATION_FILES, *CATALOG_FILES, *SCORE_FILES)
    found = {name for name in named if _is_of_the_platform(tree / name)}
    entries = list(_entries(tree / _FOLDER))
    inside = [f"{_FOLDER}/{entry}" for entry in entries if entry.endswith((".yaml", ".yml"))]
    inside = [path for path in inside if _is_of_the_platform(tree / path)]
    whole = {_FOLDER} if inside and len(inside) == len(entries) else set()
    return frozenset({*found, *inside, *whole})


def remove(tree: Path, paths: frozenset[str]) -> None:
    """Takes them out of a copy of the tree."""
    for path in sorted(paths, reverse=True):  # what a folder holds before the folder
        place = tree / path
        if place.is_dir():
            place.rmdir()
        else:
            place.unlink()


def _entries(folder: Path) -> Iterator[str]:
    if folder.is_dir() and not folder.is_symlink():
        yield from (entry.name for entry in folder.iterdir())


def _is_of_the_platform(file: Path) -> bool:
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as content:
        return _FORMAT.search(content.read(_HEAD)) is not None
