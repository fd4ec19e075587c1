"""A program names secrets as operators do; the engine knows each value of one by its id. Pure."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roadbed.kit.errors import Findings, Problem


@dataclass(frozen=True, slots=True)
class SetSecrets:
    """What is set for a stack: name → id. `setting` is the command that sets one, but for its name.

    `beforehand` is what has to be done before that command can do anything.
    """

    holder: str
    ids: Mapping[str, str]
    setting: str
    beforehand: str = ""


def with_stored_secrets(program: Mapping[str, Any], held: SetSecrets) -> dict[str, Any]:
    """The document with each `{"$secret": name}` as `{"$secret": id}`.

    Raises InvalidInput, with the place of the declaration, for every name that no secret is set under.
    """
    findings = Findings()
    for value, source in _values(program):
        for name in sorted(set(_names(value)) - held.ids.keys()):
            place = source or {}
            message = f"{held.holder} has no secret {name!r}"
            findings.add(Problem(message, _remedy(name, held), place.get("file"), place.get("line")))
    findings.raise_if_any("roadbed.py")
    exports = {name: _stored(value, held.ids) for name, value in (program.get("exports") or {}).items()}
    resources = [
        {**resource, "properties": {name: _stored(value, held.ids) for name, value in resource["properties"].items()}}
        for resource in program["resources"]
    ]
    return {**program, "resources": resources, "exports": exports}


def _remedy(name: str, held: SetSecrets) -> str:
    setting = f"{held.setting} {shlex.quote(name)}"
    if held.beforehand:
        return f"{held.beforehand}, then set it: {setting}"
    near = difflib.get_close_matches(name, held.ids, 1)
    return f"did you mean {near[0]!r}? If not, set it: {setting}" if near else f"set it first: {setting}"


def _values(program: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any] | None]]:
    for resource in program["resources"]:
        yield list(resource["properties"].values()), resource.get("source")
    places = program.get("export_sources") or {}
    for name, value in (program.get("exports") or {}).items():
        yield [value], places.get(name)


def _names(value: Any) -> Iterator[str]:
    match value:
        case {"$secret": str(name)}:
            yield name
        case Mapping():
            inner = value.get("$literal", value)
            for item in inner.values() if isinstance(inner, Mapping) else ():
                yield from _names(item)
        case list():
            for item in value:
                yield from _names(item)


def _stored(value: Any, stored: Mapping[str, str]) -> Any:
    match value:
        case {"$secret": str(name)}:
            return {"$secret": stored[name]}
        case {"$literal": Mapping() as literal}:
            return {"$literal": {key: _stored(item, stored) for key, item in literal.items()}}
        case Mapping():
            return {key: _stored(item, stored) for key, item in value.items()}
        case list():
            return [_stored(item, stored) for item in value]
        case _:
            return value
