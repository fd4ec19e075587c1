"""Checks what a declaration would say, by the rules that the engine has for a plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.engine.planning.schema import wrong_declared
from roadbed.providers.driver import ResourceType
from roadbed.resource_types.domain import DeclarationProblem
from roadbed.resource_types.python import is_expression, is_literal
from roadbed.sdk import graph
from roadbed.sdk.errors import ProgramError

_EXPRESSION = {"$secret": "known-later"}
"""Stands, for the engine's rules, for what is known only when it is applied."""


def problems(declared: ResourceType, name: str, properties: Mapping[str, Any]) -> Iterator[DeclarationProblem]:
    """Of the name first, then of each property."""
    yield from _of_name(name)
    secret = secrets(declared)
    broken = {
        key: problem for key, value in properties.items() if (problem := _broken(key, value, secret=key in secret))
    }
    yield from broken.values()
    plain = {key: _replaced(value) for key, value in properties.items()}
    for wrong in wrong_declared(declared, plain):
        key = wrong.place.partition(".")[0]
        if key not in broken:
            yield DeclarationProblem(key, wrong.place, wrong.message, wrong.hint, missing=wrong.kind == "missing")


def secrets(declared: ResourceType) -> frozenset[str]:
    """The properties that take a secret."""
    return frozenset(key for key, one in declared.properties.items() if one.schema.get("writeOnly"))


def _of_name(name: str) -> Iterator[DeclarationProblem]:
    if not name:
        yield DeclarationProblem(None, "", "a resource needs a name", "short, and its own in the stack", missing=True)
        return
    try:
        graph.check_name(name, "a resource")
    except ProgramError as error:
        yield DeclarationProblem(None, "", error.message, error.hint)


def _broken(key: str, value: Any, *, secret: bool) -> DeclarationProblem | None:
    """What can't be written: a secret in the clear, an expression that is none, a name that no secret can have."""
    if secret and _in_the_clear(value):
        return DeclarationProblem(key, key, "this is a secret", "give the name of a secret, and never its value")
    for text in _leaves(value, "$python"):
        if not is_expression(text):
            return DeclarationProblem(key, key, "this is no Python expression", "write one, such as =db.host")
    for name in _leaves(value, "$secret"):
        try:
            graph.check_name(name, "a secret")
        except ProgramError as error:
            return DeclarationProblem(key, key, "this can't be the name of a secret", error.hint)
    return None


def _leaves(value: Any, mark: str) -> Iterator[str]:
    match value:
        case Mapping() if value.keys() == {mark} and isinstance(value[mark], str):
            yield value[mark]
        case Mapping():
            for one in value.values():
                yield from _leaves(one, mark)
        case list():
            for one in value:
                yield from _leaves(one, mark)


def _is_expression(value: Any) -> bool:
    return isinstance(value, Mapping) and len(value) == 1 and bool(value.keys() & {"$python", "$secret"})


def _in_the_clear(value: Any) -> bool:
    return not _is_expression(value) or is_literal(value.get("$python", ""))


def _replaced(value: Any) -> Any:
    match value:
        case Mapping():
            if _is_expression(value):
                return _EXPRESSION
            return {key: _replaced(one) for key, one in value.items()}
        case list():
            return [_replaced(one) for one in value]
        case _:
            return value
