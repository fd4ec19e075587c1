"""Copies a folder into a workspace, as it is or rendered as a template. Pure but for the two folders."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from pathspec import GitIgnoreSpec

from roadbed.golden_paths.expressions import MAX_OUTPUT, environment, render_text
from roadbed.golden_paths.workspace import inside
from roadbed.kit.errors import InvalidInput

_MAX_FILES = 5_000
_NUL = b"\0"


@dataclass(frozen=True, slots=True)
class Options:
    """`raw` are patterns, as in .gitignore, of files whose content is copied as it is; `raw_names`: their names too.

    `extension` ".njk": only files that end so are rendered, and lose the ending; "": all files are.
    """

    values: Mapping[str, Any]
    replace: bool = False
    raw: Sequence[str] = ()
    raw_names: bool = False
    extension: str = ""
    cookiecutter: bool = False
    trim_blocks: bool = False
    lstrip_blocks: bool = False


def copy_plain(source: Path, target: Path) -> list[str]:
    """Copies everything, over what is there; gives the paths."""
    return [_copy(source, path, target, path.as_posix()) for path in _entries(source)]


def copy_rendered(source: Path, target: Path, options: Options) -> list[str]:
    """Renders names and contents; a name that comes out with an empty part is left out. Gives the paths that it wrote.

    Files that are there are kept unless `replace`. Binary files and links are copied, modes are kept.
    """
    renderer = _Renderer(source, target, options)
    return [name for path in _entries(source) if (name := renderer.copy(path)) is not None]


class _Renderer:
    def __init__(self, source: Path, target: Path, options: Options) -> None:
        self._source, self._target, self._options = source, target, options
        self._raw = GitIgnoreSpec.from_lines(options.raw)
        key = "cookiecutter" if options.cookiecutter else "values"
        self._context = {key: options.values, "values": options.values}
        self._environment: SandboxedEnvironment = environment(
            start="{{" if options.cookiecutter else "${{", trim=options.trim_blocks, lstrip=options.lstrip_blocks
        )

    def copy(self, path: PurePosixPath) -> str | None:
        raw = self._raw.match_file(path.as_posix())
        name = path.as_posix() if raw and self._options.raw_names else self._name(path)
        if name is None:
            return None
        rendered = not raw and name.endswith(self._options.extension)
        if rendered:
            name = name.removesuffix(self._options.extension)
        destination = inside(self._target, name)
        if not self._options.replace and (destination.exists() or destination.is_symlink()):
            return None
        origin = self._source / path
        text = _text_of(origin) if rendered and not origin.is_symlink() else None
        if text is None:
            return _copy(self._source, path, self._target, name)
        content = render_text(text, self._context, file=path.as_posix(), using=self._environment)
        if "\r\n" in text:  # Jinja makes every line end alike
            content = content.replace("\n", "\r\n")
        _clear(destination)
        destination.write_text(content, encoding="utf-8", newline="")
        shutil.copymode(origin, destination)
        return name

    def _name(self, path: PurePosixPath) -> str | None:
        rendered = render_text(path.as_posix(), self._context, file=path.as_posix(), using=self._environment)
        parts = re.split("/", rendered)
        return None if any(not part.strip() for part in parts) else rendered


def _entries(source: Path) -> Iterator[PurePosixPath]:
    """Files and links below `source`, without following links, in a fixed order."""
    found = 0
    waiting = [source]
    while waiting:
        for entry in sorted(waiting.pop().iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
                continue
            found += 1
            if found > _MAX_FILES:
                raise InvalidInput(f"{source.name} has more than {_MAX_FILES:,} files")
            yield PurePosixPath(entry.relative_to(source).as_posix())


def _copy(source: Path, path: PurePosixPath, target: Path, name: str) -> str:
    origin, destination = source / path, inside(target, name)
    if origin.is_symlink():
        _check_link(source, origin)
    elif not origin.is_file():
        raise InvalidInput(f"{path} is neither a file nor a link")
    _clear(destination)
    shutil.copy(origin, destination, follow_symlinks=False)
    return name


def _check_link(source: Path, link: Path) -> None:
    to = link.readlink()
    leads = os.path.realpath(link.parent / to)  # which bears links that lead in a circle
    if to.is_absolute() or not Path(leads).is_relative_to(source.resolve()):
        raise InvalidInput(f"the link {link.relative_to(source)} leaves its folder")


def _clear(destination: Path) -> None:
    """Makes room: never write through a link that is already there."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    if destination.is_symlink() or destination.is_file():
        destination.unlink()


def _text_of(path: Path) -> str | None:
    """None for what is binary or too large to be rendered."""
    if path.stat().st_size > MAX_OUTPUT:
        return None
    content = path.read_bytes()
    if _NUL in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
