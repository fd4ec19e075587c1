"""What commands of a build left in the tree that is no plain file: told in the build's log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from roadbed.delivery.builds.recipes.parts import APP

_TOLD = 20
_PACKAGES = "node_modules"
"""Its links are the package manager's."""


def told_of(app: Path) -> list[str]:
    """A line for each link that leads out of the tree, which stays, and for what is no file, folder or link, which
    is left out; the first of them. `app` is the tree as it lies here, before it is taken back.
    """
    lines = list(islice(_oddities(app), _TOLD + 1))
    return lines if len(lines) <= _TOLD else [*lines[:_TOLD], "and more of that kind"]


def _oddities(app: Path) -> Iterator[str]:
    for path, folders, files in os.walk(app):
        folders[:] = sorted(name for name in folders if name != _PACKAGES)
        for name in sorted((*folders, *files)):
            entry = Path(path, name)
            shown = repr(str(entry.relative_to(app)))
            if entry.is_symlink():
                if _leads_out(entry, app):
                    yield f"the build made a link that leads out of the tree: {shown} to {str(entry.readlink())!r}"
            elif not (entry.is_dir() or entry.is_file()):
                yield f"{shown} is neither a file nor a folder, and is left out"


def _leads_out(link: Path, app: Path) -> bool:
    """As a program finds it, to which the tree is at APP."""
    place = PurePosixPath(APP, link.relative_to(app).parent, link.readlink())
    return not PurePosixPath(os.path.normpath(place)).is_relative_to(APP)
