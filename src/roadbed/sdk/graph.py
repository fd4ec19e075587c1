"""The graph document, version 1: how a declared graph leaves the program that declared it.

    {"version": 1, "stack": "orders@dev", "resources": [
      {"urn": "orders@dev/web/db#postgres:Database", "type": "postgres:Database", "name": "db",
       "properties": {…}, "depends_on": [urn, …], "source": {"file": …, "line": …} | null}]}

A property is JSON, with four objects that are not what they seem:

- `{"$ref": [urn, output]}`: an output, known after apply; it keeps its type.
- `{"$join": [part, …]}`: text put together from strings, references and secrets.
- `{"$secret": name}`: a secret that the platform holds under that name.
- `{"$literal": {…}}`: an object whose own keys begin with `$`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.references import Reference, split

VERSION = 1


def urn(stack: str, path: tuple[str, ...], name: str, type: str) -> str:
    """`orders@dev/web/db#postgres:Database`: stack, path (components and workload), name, type."""
    return f"{'/'.join((stack, *path, name))}#{type}"


def encode(value: Any) -> Any:
    """A Python value as a property. Raises ProgramError for what JSON has no word for."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _encode_text(value)
        case Reference():
            return {"$ref": [value.urn, value.output]}
        case Mapping():
            encoded = {_key(key): encode(item) for key, item in value.items()}
            return {"$literal": encoded} if any(key.startswith("$") for key in encoded) else encoded
        case list() | tuple():
            return [encode(item) for item in value]
        case _:
            raise ProgramError(
                f"a property can't hold a {type(value).__name__}",
                "use text, numbers, true or false, lists, maps and references",
            )


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise ProgramError(f"a map's key must be text, not {key!r}")
    if split(key) != [key] and key:
        raise ProgramError(f"the key {key!r} holds a reference", "use references in values only")
    return key


def _encode_text(text: str) -> Any:
    parts = [encode(part) if isinstance(part, Reference) else part for part in split(text)]
    if all(isinstance(part, str) for part in parts):
        return text
    return {"$join": parts}
