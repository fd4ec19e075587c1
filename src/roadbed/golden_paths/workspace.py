"""The files that a run of a template works on, and paths that can't leave them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from roadbed.kit.errors import InvalidInput

_FAILURE = "failure.json"


def inside(root: Path, name: str) -> Path:
    """`root/name`. Raises InvalidInput for what would lie outside `root`, through `..` or a link on the way."""
    relative = PurePosixPath(name.replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts or "\0" in name:
        raise InvalidInput(f"the path {name[:200]!r} leaves its folder", hint="use a relative path without `..`")
    path = root / relative
    try:
        real = path.parent.resolve() if path != root else root.resolve()
    except (OSError, RuntimeError):
        raise InvalidInput(f"{name[:200]!r} is not a path") from None
    if not real.is_relative_to(root.resolve()):
        raise InvalidInput(f"the path {name[:200]!r} leaves its folder through a link")
    return path


class Workspace:
    """One folder for each step that changed files, each begun as a copy of the one before it.

    So a step that is begun again after a crash finds what the first attempt found.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def before(self, step: int) -> Path:
        """What the steps before `step` left."""
        for earlier in range(step - 1, -1, -1):
            if (found := self.root / str(earlier)).is_dir():
                return found
        empty = self.root / "empty"
        empty.mkdir(parents=True, exist_ok=True)
        return empty

    def begin(self, step: int) -> Path:
        """A fresh copy for `step` to work on."""
        unfinished = self.root / f"{step}.unfinished"
        for left_over in (unfinished, self.root / str(step)):
            shutil.rmtree(left_over, ignore_errors=True)
        shutil.copytree(self.before(step), unfinished, symlinks=True)
        return unfinished

    def commit(self, step: int) -> None:
        (self.root / f"{step}.unfinished").rename(self.root / str(step))

    def note_failure(self, record: Mapping[str, Any]) -> None:
        """From now on the run only takes back what it made, however often it is begun again."""
        self.root.mkdir(parents=True, exist_ok=True)
        unfinished = self.root / f"{_FAILURE}.unfinished"
        unfinished.write_text(json.dumps(record))
        unfinished.rename(self.root / _FAILURE)

    def failure(self) -> Mapping[str, Any] | None:
        try:
            record: Mapping[str, Any] = json.loads((self.root / _FAILURE).read_text())
        except FileNotFoundError:
            return None
        return record

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
