"""Which params a provisioner takes, as it declares them, and what is said of a request that gives others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, TypeAlias, get_args

from roadbed.sdk import markers
from roadbed.sdk.contracts import meant
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.references import Deferred

Params: TypeAlias = Mapping[str, "type | UnionType"]

_WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping",
}


_SCHEMA_TYPES: Mapping[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def check_declared(params: Params) -> None:
    """Raises ProgramError for a type that no param of a file can have."""
    for name, wanted in params.items():
        if not all(kind in _WORDS for kind in _kinds(wanted)):
            told = ", ".join(kind.__name__ for kind in _WORDS)
            raise ProgramError(f"the param {name!r} can't be of the type {wanted!r}", f"write one of: {told}")


def unknown(declared: Params, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each param that is given and not declared, with the nearest name of one that is, as the end of a sentence."""
    for name in given:
        if name not in declared:
            yield name, meant(name, declared)


def wrong(declared: Params, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each param of another type than is declared: its name, what it must be, and what it is instead.

    Null is as good as nothing. Of a value that is known only after an apply nothing is said.
    """
    for name, value in given.items():
        kinds = _kinds(declared[name]) if name in declared else ()
        if kinds and not _fits(value, kinds):
            yield name, " or ".join(_WORDS[kind] for kind in kinds), _shown(value)


def described(declared: Params, helps: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each param for people and forms: the types that it may have, by the names of JSON Schema, and its help."""
    return {name: {"types": _schema_types(wanted), "help": helps.get(name, "")} for name, wanted in declared.items()}


def _schema_types(wanted: Any) -> list[str]:
    return [_SCHEMA_TYPES[kind] for kind in _kinds(wanted)]


def _kinds(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)


def _fits(value: Any, kinds: tuple[Any, ...]) -> bool:
    if value is None or isinstance(value, Deferred):
        return True
    if isinstance(value, bool):  # which Python takes for a number
        return bool in kinds
    if isinstance(value, str) and markers.holds(str.__str__(value)):
        return True
    return isinstance(value, kinds) or (isinstance(value, int) and float in kinds)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return markers.quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return next((_WORDS[kind] for kind in (list, dict) if isinstance(value, kind)), str(value))
