"""The graph document, version 1: how a declared graph leaves the program that declared it.

    {"version": 1, "stack": "orders@dev", "resources": [
      {"urn": "orders@dev/web/db#postgres:Database", "type": "postgres:Database", "name": "db",
       "properties": {…}, "depends_on": [urn, …], "source": {"file": …, "line": …} | null}],
     "exports": {name: property}, "export_sources": {name: {"file": …, "line": …} | null}}

Its whole shape stands in `roadbed.sdk.document`. A property is JSON, with objects that are not what they seem:

- `{"$ref": [urn, output]}`: an output, known after apply; it keeps its type.
- `{"$join": [part, …]}`: text put together from strings, references and secrets.
- `{"$secret": name}`: a secret that the platform holds under that name.
- `{"$import": [stack, name]}`: what another stack exports under that name.
- `{"$call": [function, argument, …]}`: what a deferred function makes of them (see `roadbed.sdk.deferred`).
- `{"$literal": {…}}`: an object whose own keys begin with `$`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn, cast

from roadbed.sdk import markers
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.references import Deferred

VERSION = 1
MAX_BYTES = 1_000_000
"""How large one property may be, and so any text."""
MAX_DEPTH = 64

_NAME = re.compile(r"[^\s/#~*?\[\]\\]{1,128}")
_TYPE = re.compile(r"[^\s:#/]+:[^\s#]+")
_LARGEST_INTEGER = 2**63


def urn(stack: str, path: tuple[str, ...], name: str, type: str) -> str:
    """`orders@dev/web/db#postgres:Database`: stack, path (components and workload), name, type."""
    return f"{'/'.join((stack, *path, name))}#{type}"


def check_name(name: object, what: str) -> None:
    """Raises ProgramError for what can't stand in a URN."""
    _check_known(name, f"the name of {what}")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not name.isprintable():
        raise ProgramError(
            f"{_quoted(name)} can't be the name of {what}",
            "use 1 to 128 letters, digits and signs, without spaces and / # ~ * ? [ ] \\",
        )


def check_type(type: object) -> None:
    """Raises ProgramError for what is no type."""
    _check_known(type, "a type")
    if isinstance(type, str) and _is_type(type):
        return
    raise ProgramError(f"{_quoted(type)} is no resource type", "a type is written provider:Name, postgres:Database")


@lru_cache(1024)
def _is_type(text: str) -> bool:
    """Remembered, because it is asked for each resource."""
    plain = markers.is_plain(text) and text.isprintable() and len(text) <= 128
    return plain and _TYPE.fullmatch(text) is not None


def _check_known(value: object, what: str) -> None:
    """Raises ProgramError for a reference, or text that holds one, where a value must be known by now."""
    if isinstance(value, str) and markers.is_plain(value):
        return
    if isinstance(value, Deferred) or (isinstance(value, str) and any(isinstance(p, Deferred) for p in split(value))):
        raise ProgramError(f"{what} can't hold a reference", "it must be known before anything is applied")


def known_text(value: object, what: str) -> str:
    """Text that is known by now. Raises ProgramError for anything else, or more than 1 MB of it."""
    _check_known(value, what)
    if not isinstance(value, str) or not value or len(value) > MAX_BYTES:
        raise ProgramError(f"{what} must be text, not {_quoted(value)}")
    return value


def _quoted(value: object) -> str:
    text = markers.shown(repr(value))
    return text if len(text) <= 80 else f"{text[:77]}…"


def properties(given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Properties of the graph document; those that are None are left out."""
    if not isinstance(given, Mapping):
        raise ProgramError(f"the properties of {what} must be a map, not a {type(given).__name__}")
    return {_key(key): encode(value, key) for key, value in given.items() if value is not None}


def encode(value: Any, what: str = "") -> Any:
    """A Python value as a property. Raises ProgramError for what JSON has no word for, and for more than 1 MB."""
    kind = type(value)  # nearly all that is ever declared is one of these, and needs no second look
    if kind is str and len(value) < 1000 and markers.is_plain(value) and "\0" not in value:
        return value
    if kind is bool or (kind is int and -_LARGEST_INTEGER <= value < _LARGEST_INTEGER):
        return value
    return _Encoder(what).value(value, 0)


def split(text: str) -> list[str | Deferred]:
    """Text and deferred values in their order. Raises ProgramError where one was damaged."""
    return cast("list[str | Deferred]", markers.split(text))  # nothing else is ever marked


class _Encoder:
    """Encodes one property, and counts its size while it does: a program may have made something far too large."""

    __slots__ = ("_room", "_what")

    def __init__(self, what: str) -> None:
        self._what, self._room = what, MAX_BYTES

    def value(self, value: Any, depth: int) -> Any:
        self._take(2)
        if isinstance(value, Deferred):
            return value.expression
        match value:
            case str():
                return self.text(value)
            case None | bool():
                return value
            case int():
                return self._integer(value)
            case float():
                return self._number(value)
            case Mapping():
                return self._map(value, depth + 1)
            case list() | tuple():
                self._check_depth(value, depth)
                return [self.value(item, depth + 1) for item in value]
            case _:
                return self._refuse(f"can't hold a {type(value).__name__}", _instead(value))

    def text(self, text: str) -> Any:
        text = str.__str__(text)  # a ReferringText refuses to be looked at
        self._take(len(text))
        if markers.is_plain(text) and "\0" not in text:
            return text
        parts = split(text)
        if len(parts) == 1 and isinstance(parts[0], str):
            return self._plain(parts[0])
        return {"$join": [self._plain(p) if isinstance(p, str) else p.expression for p in parts]} if parts else ""

    def _plain(self, text: str) -> str:
        if "\0" in text:
            self._refuse("can't hold a NUL character", "take it out of the text")
        if not text.isascii():
            try:
                self._take(len(text.encode()) - len(text))
            except UnicodeEncodeError:
                self._refuse("holds half a character (a lone surrogate)", "decode it from its real encoding")
        return text

    def _integer(self, value: int) -> int:
        if not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
            self._refuse("holds a whole number of more than 64 bits", "write it as text")
        return value

    def _number(self, value: float) -> float:
        if not math.isfinite(value):
            self._refuse(f"can't hold {value}", "JSON knows no infinity and no NaN: leave the property out")
        return value

    def _map(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        self._check_depth(value, depth)
        encoded = {}
        for key, item in value.items():
            name = _key(key)
            self._take(len(name))
            encoded[name] = self.value(item, depth)
        return {"$literal": encoded} if any(key.startswith("$") for key in encoded) else encoded

    def _check_depth(self, value: Any, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._refuse(f"is nested more than {MAX_DEPTH} levels deep, or holds itself", "take the circle apart")

    def _take(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            hint = "put large content into a file, and give its path or address"
            self._refuse(f"is larger than {MAX_BYTES // 1_000_000} MB", hint)

    def _refuse(self, what: str, hint: str | None) -> NoReturn:
        raise ProgramError(f"the property {self._what!r} {what}" if self._what else f"a property {what}", hint)


def _instead(value: object) -> str:
    match value:
        case bytes() | bytearray():
            return "decode it to text; roadbed.sdk.deferred.base64 encodes what is known only after apply"
        case set() | frozenset():
            return "sort it into a list: a set has no order"
    if hasattr(type(value), "urn") or hasattr(value, "urn"):
        return "a resource is no value: use one of its outputs, such as db.host"
    if callable(value):
        return "call it"
    return "use text, numbers, true or false, lists, maps and references"


def _key(key: Any) -> str:
    if isinstance(key, Deferred):
        raise ProgramError(f"a map's key can't be a reference: {key!r}", "use references in values only")
    if not isinstance(key, str):
        raise ProgramError(f"a map's key must be text, not {_quoted(key)}", "put it in quotes, or use str()")
    return _checked_key(key)


@lru_cache(4096)
def _checked_key(key: str) -> str:
    """Remembered, because the same few keys come again and again."""
    parts = split(key)
    if len(parts) > 1 or (parts and not isinstance(parts[0], str)):
        raise ProgramError(f"the key {markers.shown(key)!r} holds a reference", "use references in values only")
    if "\0" in key or len(key) > MAX_BYTES or (not key.isascii() and markers.shown(key) != key):
        raise ProgramError(f"{_quoted(key)} can't be a key", "use plain text")
    return key
