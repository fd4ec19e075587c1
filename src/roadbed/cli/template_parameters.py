"""What `-p KEY=VALUE` means to a golden path: its form says which type each value has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from roadbed.cli.group import nearest
from roadbed.kit.errors import InvalidInput

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def properties_of(parameters: Any) -> dict[str, Mapping[str, Any]]:
    """The fields of all pages of the form. `parameters` is one JSON Schema, or a list of them."""
    pages = parameters if isinstance(parameters, list) else [parameters]
    return {name: schema for page in pages if isinstance(page, dict) for name, schema in _fields(page)}


def _fields(page: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    properties = page.get("properties") or {}
    return [(name, schema) for name, schema in properties.items() if isinstance(schema, dict)]


def coerce(words: Sequence[str], properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """`["replicas=2"]` as `{"replicas": 2}`. The platform checks the values; here only their type is found."""
    return dict(_pair(word, properties) for word in words)


def _pair(word: str, properties: Mapping[str, Mapping[str, Any]]) -> tuple[str, Any]:
    name, separator, text = word.partition("=")
    if not (name and separator):
        raise InvalidInput(f"{word!r} is no parameter", hint="write KEY=VALUE, as in -p description='Takes orders'")
    if properties and name not in properties:
        meant = nearest(name, list(properties))
        hint = f"did you mean {meant}?" if meant else f"it takes: {', '.join(properties)}"
        raise InvalidInput(f"the golden path has no parameter {name!r}", hint=hint)
    return name, _value(name, text, str(properties.get(name, {}).get("type", "string")))


def _value(name: str, text: str, kind: str) -> Any:
    if kind == "string":
        return text
    if kind == "boolean" and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, _TYPES.get(kind, ())) or isinstance(value, bool):
        raise InvalidInput(f"{name}={text} is no {kind}")
    return value
