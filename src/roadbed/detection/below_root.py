"""Score files in folders whose commands name what lies beside them: all that is built runs in the tree's root."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.declared import DeclaredWorkload
from roadbed.workload.domain import Container


def not_in_the_root(workloads: Mapping[str, DeclaredWorkload], tree: Tree) -> Iterator[Problem]:
    """A note for each container that starts a file which its Score file's folder has, and the root has not."""
    for declared in workloads.values():
        folder = declared.workload.file.rpartition("/")[0]
        if not folder:
            continue
        for container in declared.workload.containers.values():
            if path := _missed(container, folder, tree):
                yield container.place.problem(
                    f"{container.name} starts in the tree's root, which has no {path}: it lies in {folder}",
                    f'go there: command: [sh, -c, "cd {shlex.quote(folder)} && exec …"]',
                )


def _missed(container: Container, folder: str, tree: Tree) -> str | None:
    words = [word for part in (*container.command, *container.args) for word in part.split()]
    if "cd" in words:
        return None
    paths = (path.removeprefix("./") for word in words for path in (word, _module(word)))
    return next((path for path in paths if path not in tree and f"{folder}/{path}" in tree), None)


def _module(word: str) -> str:
    """The file of `main:app`, or of what follows `python -m`."""
    return f"{word.partition(':')[0].replace('.', '/')}.py"
