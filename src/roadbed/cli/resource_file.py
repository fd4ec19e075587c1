"""The `roadbed.yaml` of the directory somebody is in, edited when a resource of its application changes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadbed.cli.directories import check_directory
from roadbed.cli.here import application_or_here
from roadbed.cli.output import say
from roadbed.cli.text import clean
from roadbed.kit.errors import Conflict, InvalidInput

FILES = ("roadbed.yaml", "roadbed.yml")
_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Edit:
    """What a file is to say, and said before (None: there was no file). It is written by `write`, and not before."""

    path: Path
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        from roadbed.detection.editing import difference

        return difference(self.before, self.after, self.path.name)

    def write(self) -> None:
        """Whole or not at all. Raises Conflict for a file that somebody else has changed meanwhile."""
        if _read(self.path) != self.before:
            raise Conflict(f"{self.path.name} was changed meanwhile", hint="try again: nothing was written")
        _replace(self.path, self.after)

    def undo(self) -> None:
        """Puts back what was there, unless somebody has edited it since."""
        if _read(self.path) != self.after:
            return
        if self.before is None:
            self.path.unlink()
        else:
            _replace(self.path, self.before)


@dataclass(frozen=True, slots=True)
class Tree:
    """An application, and the directory that holds its source, None where that is elsewhere."""

    application: str
    root: Path | None


def tree_of(application: str | None) -> Tree:
    """`application` None is the one of the current directory. Raises InvalidInput where that describes none."""
    here = Path.cwd()
    if application is None:
        return Tree(application_or_here(None, check_directory(here)), here)
    name = application_or_here(application)
    try:
        return Tree(name, here if application_or_here(None, here) == name else None)
    except InvalidInput:
        return Tree(name, None)


def edit_of(tree: Tree, name: str, declared: Mapping[str, Any] | None, *, new: bool) -> Edit | None:
    """The edit of its file; None where there is no tree here, where the file says so already, or can't be edited, and
    where there is no file to take something out of.

    Raises Conflict where what is `new` is declared in another way already.
    """
    if tree.root is None:
        return None
    path = next((tree.root / file for file in FILES if (tree.root / file).is_file()), tree.root / FILES[0])
    before = _read(path)
    if before is None and declared is None:
        return None
    if new:
        _refuse_another(before, path.name, name, declared)
    from roadbed.detection.editing import edited, written

    try:
        after = edited(before, name, declared, file=path.name, application=tree.application)
    except InvalidInput as error:
        if error.problem.line is not None or error.problems:
            raise
        by_hand = clean_lines(written(name, declared)) if declared is not None else ""
        say(f"{error} ({error.hint})\n{by_hand}".rstrip())
        return None
    return None if after == before else Edit(path, before, after)


def clean_lines(text: str) -> str:
    return "\n".join(f"  {clean(line)}".rstrip() for line in text.splitlines())


def _refuse_another(text: str | None, file: str, name: str, declared: Mapping[str, Any] | None) -> None:
    if text is None:
        return
    from roadbed.workload.application import read_application
    from roadbed.workload.declarations import declaration_of

    there = read_application(text, file=file).common.resources.get(name)
    if there is not None and declaration_of(there) != declared:
        hint = "it comes with the next `roadbed deploy`; or choose another name: --name"
        raise Conflict(f"{there.place.shown} declares a resource {name!r} already", hint=hint)


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise InvalidInput("this is not UTF-8 text", file=path.name) from None
    except OSError as error:
        raise InvalidInput(f"can't be read: {error.strerror}", file=path.name) from error


def _replace(path: Path, text: str) -> None:
    """By a file beside it, with the mode that it has. Raises InvalidInput where it can't be written."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
            draft.write(text.encode())
        Path(draft.name).chmod(mode)
        Path(draft.name).replace(path)
    except OSError as error:
        raise InvalidInput(f"can't be written: {error.strerror}", file=path.name) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
