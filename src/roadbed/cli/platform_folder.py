"""Which platform repo is meant, and the texts of what lies there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.home import roadbed_home
from roadbed.workload.reader import nearest

ENVIRONMENTS, PROVISIONERS, BLOCK = "environments.yaml", "provisioners", "block.py"
_MOST_FILES, _MOST_BYTES = 3_000, 8_000_000
_LEFT_OUT = frozenset({"__pycache__", "node_modules", ".git", ".venv"})


def platform_repo(path: Path | None) -> Path:
    """The one that is named, else the one around this directory, else that of the platform on this machine."""
    if path is not None:
        start = path.resolve()
        found = next((folder for folder in (start, *start.parents) if (folder / ENVIRONMENTS).is_file()), None)
        if found is None:
            raise InvalidInput(f"{path} is in no platform repo", hint=f"a platform repo has an {ENVIRONMENTS}")
        return found
    here = Path.cwd()
    around = next((folder for folder in (here, *here.parents) if (folder / ENVIRONMENTS).is_file()), None)
    home = roadbed_home() / "platform"
    if around is None and not (home / ENVIRONMENTS).is_file():
        raise NotFound("there is no platform repo here", hint="go to its folder, or name it with --repo")
    return around or home


def block_folders(repo: Path, named: str | None) -> list[Path]:
    """Those that lie in a platform repo, or the one that is named, by its name or its path."""
    there = {file.parent.name: file.parent for file in sorted((repo / PROVISIONERS).glob(f"*/{BLOCK}"))}
    if named is None:
        return list(there.values())
    path = Path(named)
    if (path / BLOCK).is_file():
        return [path.resolve()]
    if named in there:
        return [there[named]]
    hint = nearest(named, there) or f"there are: {', '.join(there) or 'none'}; roadbed platform new block {path.name}"
    raise NotFound(f"{repo} has no building block {named!r}", hint=hint)


def texts(folder: Path, shown: str) -> dict[str, str]:
    """Every file below a folder that is a text, by its path in it."""
    found: dict[str, str] = {}
    size = 0
    for path in _files(folder):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue  # a picture in the docs is nothing to check
        size += len(text)
        if len(found) >= _MOST_FILES or size > _MOST_BYTES:
            hint = "is that the folder you mean?"
            raise InvalidInput(f"{shown} is over {_MOST_FILES:,} files or {_MOST_BYTES // 1_000_000} MB", hint=hint)
        found[path.relative_to(folder).as_posix()] = text
    return found


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.stat().st_size <= _MOST_BYTES:
            yield path
