"""What a resource was called earlier, as URNs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from roadbed.sdk import graph
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.options import Alias
from roadbed.sdk.program import Declared

Path: TypeAlias = tuple[str, ...]
Place: TypeAlias = tuple[Path, str, str]
"""Path, name and type."""

_URN = re.compile(r"([^/#]+@[^/#]+)/([^#]+)#(.+)")
_HINT = 'give an earlier name, a URN, or Alias(name="…", type="…", parent="…")'


def earlier(
    given: Sequence[Alias | str] | None, resource: Mapping[str, Any], stack: str, paths: tuple[Path, ...]
) -> list[str]:
    """Every URN that a resource may have had: of its own aliases, below every path its component may have had."""
    if given is None and len(paths) == 1:
        return []
    stood = places(given, resource["name"], resource["type"], stack, paths)
    found = dict.fromkeys(graph.urn(stack, *place) for place in stood)
    found.pop(resource["urn"], None)
    return list(found)


def places(
    given: Sequence[Alias | str] | None, name: str, type: str, stack: str, paths: tuple[Path, ...]
) -> Iterator[Place]:
    """Where it may have stood, beginning with where it stands."""
    for path in paths:
        yield path, name, type
    if given is None:
        return
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise ProgramError(f"aliases must be a list, not {given!r}", f"in the list: {_HINT}")
    for alias in given:
        yield from _of(alias, name, type, stack, paths)


def _of(alias: object, name: str, type: str, stack: str, paths: tuple[Path, ...]) -> Iterator[Place]:
    if isinstance(alias, str):
        if "#" in graph.known_text(alias, "an alias"):
            yield _parsed(alias, stack)
            return
        alias = Alias(name=alias)
    if not isinstance(alias, Alias):
        raise ProgramError(f"an alias can't be {alias!r}", _HINT)
    if alias == Alias():
        raise ProgramError("an empty alias says nothing", _HINT)
    if alias.name is not None:
        graph.check_name(alias.name, "an alias")
    if alias.type is not None:
        graph.check_type(alias.type)
    for path in paths if alias.parent is None else (_path(alias.parent),):
        yield path, alias.name or name, alias.type or type


def _parsed(text: str, stack: str) -> Place:
    match = _URN.fullmatch(text)
    if match is None:
        raise ProgramError(f"{text!r} is no URN", f"a URN is written {stack}/path/name#provider:Type")
    if match[1] != stack:
        raise ProgramError(f"the alias {text!r} is of another stack", "`roadbed stack move` moves between stacks")
    *path, name = match[2].split("/")
    return tuple(path), name, match[3]


def _path(parent: Declared | str) -> Path:
    if isinstance(parent, Declared):
        return tuple(parent.urn.partition("#")[0].split("/")[1:])
    if not isinstance(parent, str):
        raise ProgramError(f"the parent of an alias can't be {parent!r}", 'give a component, a path, or ""')
    names = tuple(parent.split("/")) if parent else ()
    for name in names:
        graph.check_name(name, "the parent of an alias")
    return names
