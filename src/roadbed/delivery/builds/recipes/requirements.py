"""Requirement files, and the lock files of other managers in their words."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.delivery.builds.recipes.parts import Tree
from roadbed.delivery.builds.recipes.versions import plain_range
from roadbed.kit.errors import InvalidInput

_INCLUDE = re.compile(r"\s*(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")
_LOCAL = re.compile(r"^\s*(?:-e\b|--editable\b|\.|/)|@\s*file:|^\s*file:")
_DEPTH = 8


def requirement_files(tree: Tree, path: str) -> dict[str, bytes]:
    """A file of requirements and those that it includes, by their paths."""
    found: dict[str, bytes] = {}
    _follow(tree, path, found, _DEPTH)
    return found


def _follow(tree: Tree, path: str, found: dict[str, bytes], depth: int) -> None:
    content = tree.read(path)
    if content is None or path in found or depth == 0:
        return
    found[path] = content
    for line in _lines(content):
        if include := _INCLUDE.match(line):
            _follow(tree, posixpath.normpath(posixpath.join(posixpath.dirname(path), include[1])), found, depth - 1)


def names_local_code(files: Mapping[str, bytes]) -> bool:
    """Whether a package among the requirements lies in the tree itself."""
    return any(_LOCAL.search(line) for content in files.values() for line in _lines(content))


def has_hashes(files: Mapping[str, bytes]) -> bool:
    """Whether the files are a lock: versions with what they must be."""
    return any(b"--hash=" in content for content in files.values())


def _lines(content: bytes) -> list[str]:
    return content.decode(errors="replace").splitlines()


def from_pipfile_lock(content: bytes) -> str:
    """Pipenv's lock as requirements with hashes. Raises InvalidInput for what is no such file."""
    try:
        document = json.loads(content)
        packages = document["default"]
        lines = [line for name, package in packages.items() for line in _pinned(str(name), package)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InvalidInput(
            "this is no lock file of Pipenv", hint="make it anew: pipenv lock", file="Pipfile.lock"
        ) from None
    return "\n".join([*_indexes(document), *lines, ""])


def _indexes(document: Mapping[str, Any]) -> Iterator[str]:
    """Indexes beside the usual one, which is the machine's to choose."""
    meta = document.get("_meta")
    sources = meta.get("sources", []) if isinstance(meta, dict) else []
    for source in sources:
        if source.get("name") != "pypi" and "$" not in str(source["url"]) and not _breaks(str(source["url"])):
            yield f"--extra-index-url {source['url']}"


def _pinned(name: str, package: Mapping[str, Any]) -> Iterator[str]:
    extras = f"[{','.join(package['extras'])}]" if package.get("extras") else ""
    marker = f" ; {package['markers']}" if package.get("markers") else ""
    if package.get("path"):
        yield _line(f"{'-e ' if package.get('editable') else ''}./{str(package['path']).removeprefix('./')}")
    elif package.get("git"):
        yield _line(f"{name}{extras} @ git+{package['git']}@{package['ref']}{marker}")
    elif package.get("file"):
        yield _line(f"{name}{extras} @ {package['file']}{marker}")
    else:
        hashes = "".join(f" --hash={one}" for one in package.get("hashes", []))
        yield _line(f"{name}{extras}{package['version']}{marker}{hashes}")


def from_poetry(wanted: Mapping[str, Any], project: Mapping[str, Any]) -> str:
    """What Poetry's or Pipenv's table of dependencies asks for, as requirements: a caret is a range like any other."""
    standard = [str(one) for one in project.get("dependencies", []) if isinstance(one, str) and not _breaks(one)]
    lines = [line for name, spec in wanted.items() if name != "python" and (line := _wish(str(name), spec)) is not None]
    return "\n".join([*standard, *lines, ""])


def _wish(name: str, spec: object) -> str | None:
    if isinstance(spec, list):
        spec = spec[0] if spec else "*"
    table: Mapping[str, Any] = spec if isinstance(spec, dict) else {"version": str(spec)}
    if table.get("optional"):
        return None
    extras = f"[{','.join(map(str, table['extras']))}]" if isinstance(table.get("extras"), list) else ""
    marker = f" ; {table['markers']}" if table.get("markers") else ""
    if "git" in table:
        revision = table.get("rev") or table.get("tag") or table.get("branch") or table.get("ref")
        source = f" @ git+{table['git']}{f'@{revision}' if revision else ''}"
    elif "path" in table or "url" in table or "file" in table:
        place = table.get("url") or table.get("file") or f"./{table.get('path')}"
        source = f" @ {place}" if "path" not in table else ""
        name, extras = (str(place), "") if "path" in table else (name, extras)
    else:
        source = plain_range(str(table.get("version", "*")))
    text = f"{name}{extras}{source}{marker}"
    return None if _breaks(text) else text


def _line(text: str) -> str:
    if _breaks(text):
        raise ValueError(text)
    return text


def _breaks(text: str) -> bool:
    return any(character in text for character in "\r\n\0")
