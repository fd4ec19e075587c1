"""Which params a provisioner takes, as it declares them, and what is said of a request that gives others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, TypeAlias, get_args

from roadbed.sdk import markers
from roadbed.sdk.contracts import meant
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.references import Deferred


@dataclass(frozen=True, slots=True)
class Param:
    """A param that a provisioner takes: of which type, and what people and forms are told of it.

    `default` is what the provisioner finds in `request.params` when nobody gives one; `choices` are all that it may be,
    where they are few; one that is `required` must be given.

        Param(str, default="small", choices=("small", "large"), help="How much memory it has.")
    """

    type: type | UnionType
    default: Any = None
    choices: Sequence[Any] = field(default=())
    required: bool = False
    help: str = ""


Params: TypeAlias = Mapping[str, "type | UnionType | Param"]
"""By name. A type alone is a param that may be left out."""

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
    """Raises ProgramError for a type that no param of a file can have, and for a default that its own param refuses."""
    for name, wanted in params.items():
        param = _param(wanted)
        kinds = _kinds(param.type)
        if not all(kind in _WORDS for kind in kinds):
            told = ", ".join(kind.__name__ for kind in _WORDS)
            raise ProgramError(f"the param {name!r} can't be of the type {param.type!r}", f"write one of: {told}")
        if param.required and param.default is not None:
            raise ProgramError(f"the param {name!r} is required and has a default", "leave one of them out")
        odd = [value for value in param.choices if value is None or not _fits(value, kinds)]
        if odd:
            raise ProgramError(f"the param {name!r} has the choice {odd[0]!r}, which is not {_said(kinds)}")
        if (expected := _unfit(param, param.default)) is not None:
            raise ProgramError(f"the default of the param {name!r} is {param.default!r}, and must be {expected}")


def with_defaults(declared: Params, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, and the defaults of what isn't. Null is as good as nothing."""
    defaults = {name: param.default for name, param in _params(declared) if param.default is not None}
    return {**given, **{name: value for name, value in defaults.items() if given.get(name) is None}}


def missing(declared: Params, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each param that must be given and isn't, with its help."""
    for name, param in _params(declared):
        if param.required and given.get(name) is None:
            yield name, param.help


def unknown(declared: Params, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each param that is given and not declared, with the nearest name of one that is, as the end of a sentence."""
    for name in given:
        if name not in declared:
            yield name, meant(name, declared)


def wrong(declared: Params, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each param that may not be what it is: its name, what it must be, and what it is instead.

    Null is as good as nothing. Of a value that is known only after an apply nothing is said.
    """
    for name, value in given.items():
        if name in declared and (expected := _unfit(_param(declared[name]), value)) is not None:
            yield name, expected, _shown(value)


def _unfit(param: Param, value: Any) -> str | None:
    """What a value must be that this param can't have."""
    kinds = _kinds(param.type)
    if not _fits(value, kinds):
        return _said(kinds)
    if value is None or not param.choices or _is_deferred(value) or value in param.choices:
        return None
    return f"one of {', '.join(map(str, param.choices))}" if len(param.choices) > 1 else str(param.choices[0])


def _said(kinds: tuple[Any, ...]) -> str:
    return " or ".join(_WORDS[kind] for kind in kinds)


def described(declared: Params, helps: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each param for people and forms: the types that it may have, by the names of JSON Schema, and the rest.

    `helps` are for those that say nothing of themselves.
    """
    return {name: _described(param, helps.get(name, "")) for name, param in _params(declared)}


def _described(param: Param, help: str) -> dict[str, Any]:
    return {
        "types": _schema_types(param.type),
        "default": param.default,
        "choices": [*param.choices],
        "required": param.required,
        "help": param.help or help,
    }


def _params(declared: Params) -> Iterator[tuple[str, Param]]:
    return ((name, _param(wanted)) for name, wanted in declared.items())


def _param(wanted: type | UnionType | Param) -> Param:
    return wanted if isinstance(wanted, Param) else Param(wanted)


def _schema_types(wanted: Any) -> list[str]:
    return [_SCHEMA_TYPES[kind] for kind in _kinds(wanted)]


def _kinds(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)


def _fits(value: Any, kinds: tuple[Any, ...]) -> bool:
    if value is None or _is_deferred(value):
        return True
    if isinstance(value, bool):  # which Python takes for a number
        return bool in kinds
    return isinstance(value, kinds) or (isinstance(value, int) and float in kinds)


def _is_deferred(value: Any) -> bool:
    return isinstance(value, Deferred) or (isinstance(value, str) and markers.holds(str.__str__(value)))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return markers.quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return next((_WORDS[kind] for kind in (list, dict) if isinstance(value, kind)), str(value))
