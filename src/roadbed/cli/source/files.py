"""Which files of a directory are its source: all but what `.gitignore` files, at any depth, leave out."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pathspec import GitIgnoreSpec

from roadbed.kit.errors import InvalidInput

ALWAYS_LEFT_OUT = ".git"
DEFAULT_IGNORED = (".venv/", "__pycache__/", "node_modules/", ".DS_Store")
"""Never part of a source, unless a `.gitignore` takes it back in (`!node_modules/`)."""

Rules: TypeAlias = tuple[tuple[str, GitIgnoreSpec], ...]
"""`.gitignore` files from the root down, each with the directory that it counts from (`""`, `web/`)."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`path` counts from the root of the tree, with `/`. `link` is where a symbolic link points, None for a file."""

    path: str
    size: int
    executable: bool
    link: str | None = None


def source_files(root: Path) -> list[SourceFile]:
    """Every file of the source, by name. Raises InvalidInput for what can't be shipped: a device, a link to outside."""
    first: Rules = (("", GitIgnoreSpec.from_lines(DEFAULT_IGNORED)),)
    return sorted(_walk(root, "", first), key=lambda file: file.path)


def _walk(root: Path, prefix: str, rules: Rules) -> Iterator[SourceFile]:
    directory = root / prefix
    rules = _with_rules_of(directory, prefix, rules)
    try:
        with os.scandir(directory) as found:
            entries = list(found)
    except OSError as error:
        raise InvalidInput(f"can't be read: {error.strerror}", file=prefix or str(root)) from error
    for entry in entries:
        path = prefix + entry.name
        is_directory = entry.is_dir(follow_symlinks=False)
        if entry.name == ALWAYS_LEFT_OUT or _ignored(path + "/" * is_directory, rules):
            continue
        if is_directory:
            yield from _walk(root, path + "/", rules)
        else:
            yield _file(root, path, entry.stat(follow_symlinks=False))


def _with_rules_of(directory: Path, prefix: str, rules: Rules) -> Rules:
    file = directory / ".gitignore"
    if not file.is_file():
        return rules
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        return (*rules, (prefix, GitIgnoreSpec.from_lines(lines)))
    except OSError as error:
        raise InvalidInput(f"can't be read: {error.strerror}", file=prefix + ".gitignore") from error
    except ValueError as error:
        raise InvalidInput(f"has a pattern that can't be understood: {error}", file=prefix + ".gitignore") from error


def _ignored(path: str, rules: Rules) -> bool:
    """The deepest `.gitignore` that says anything about `path` decides. A directory's `path` ends with a slash."""
    for prefix, spec in reversed(rules):
        decision = spec.check_file(path.removeprefix(prefix)).include
        if decision is not None:
            return decision
    return False


def _file(root: Path, path: str, status: os.stat_result) -> SourceFile:
    _check_name(path)
    if stat.S_ISLNK(status.st_mode):
        return SourceFile(path, 0, executable=False, link=_inner_link(root, path))
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInput(
            "is neither a file nor a directory, and can't be shipped", hint="add it to .gitignore", file=path
        )
    return SourceFile(path, status.st_size, executable=bool(status.st_mode & stat.S_IXUSR))


def _check_name(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"the file name {path!r} is no UTF-8", hint="rename it, or add it to .gitignore") from error
    if any(unicodedata.category(character) == "Cc" for character in path):
        raise InvalidInput(
            f"the file name {path!r} holds what can't be shown", hint="rename it, or add it to .gitignore"
        )


def _inner_link(root: Path, path: str) -> str:
    """Where the link points, if that is within the tree, however many links lie between."""
    target = os.readlink(root / path)  # noqa: PTH115  # Path would tidy the text up
    inside = os.path.realpath(root) + os.sep
    if os.path.isabs(target) or not os.path.realpath(root / path).startswith(inside):  # noqa: PTH117
        raise InvalidInput(
            f"is a link that leaves the source tree, to {target}",
            hint="put the file itself there, or add the link to .gitignore",
            file=path,
        )
    return target
