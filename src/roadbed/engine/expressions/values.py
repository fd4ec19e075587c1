"""Properties with expressions in them: finding, resolving and recording them. Pure.

The expressions are those of the graph document (`roadbed.sdk.graph`). Text or a function that takes in a secret gives a
secret; one that takes in what isn't known yet isn't known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from roadbed.engine.expressions import functions
from roadbed.engine.expressions.functions import pick
from roadbed.engine.expressions.sizes import check_text
from roadbed.kit.errors import InvalidInput

__all__ = [
    "UNKNOWN",
    "Known",
    "Secret",
    "Unknown",
    "imports",
    "is_expression",
    "output_of",
    "pick",
    "record",
    "references",
    "resolve",
    "reveal",
]

_EXPRESSIONS = ("$ref", "$join", "$secret", "$call", "$import")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown, in memory only. Text that holds one is one."""

    value: str = field(repr=False)


class Unknown:
    """A value that is known only after apply."""

    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


class Known(Protocol):
    """What can be looked up while properties are resolved."""

    def output(self, urn: str, output: str) -> Any:
        """The value, a `Secret`, or `UNKNOWN`."""
        ...

    def secret(self, name: str) -> Secret: ...

    def imported(self, stack: str, name: str) -> Any:
        """What another stack exports: the value or a `Secret`."""
        ...


def output_of(urn: str, outputs: Mapping[str, Any], output: str, others: Iterable[str] = ()) -> Any:
    """What stands at a dotted path into outputs. Raises InvalidInput, which names `others` too, where nothing does."""
    try:
        return pick(outputs, output)
    except (KeyError, IndexError, ValueError, TypeError):
        offered = ", ".join(sorted({*outputs, *others})) or "none"
        raise InvalidInput(f"{urn} has no output {output!r}", hint=f"its outputs are: {offered}") from None


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Every (urn, output) that a property refers to."""
    return _pairs(value, "$ref")


def imports(value: Any) -> Iterator[tuple[str, str]]:
    """Every (stack, name) that a property takes from another stack."""
    return _pairs(value, "$import")


def _pairs(value: Any, word: str) -> Iterator[tuple[str, str]]:
    """Without recursion into plain values, which are most of what there is."""
    if isinstance(value, Mapping):
        pair = value.get(word)
        if isinstance(pair, list) and len(pair) == 2:
            yield pair[0], pair[1]
            return
        value = value.values()
    elif not isinstance(value, list):
        return
    for item in value:
        if isinstance(item, dict | list):
            yield from _pairs(item, word)


def holds(value: Any, word: str) -> bool:
    """Whether an expression of this kind stands somewhere in it."""
    if isinstance(value, Mapping):
        literal = value.get("$literal")
        inner = literal if isinstance(literal, Mapping) else value
        return (inner is value and word in value) or any(holds(item, word) for item in inner.values())
    return isinstance(value, list) and any(holds(item, word) for item in value)


def is_expression(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key in value for key in _EXPRESSIONS)


def resolve(value: Any, known: Known) -> Any:
    """The property with every expression replaced by its value, a `Secret` or `UNKNOWN`. Raises InvalidInput."""
    if isinstance(value, list):
        return [resolve(item, known) for item in value]
    return _resolve_map(value, known) if isinstance(value, Mapping) else value


def _resolve_map(value: Mapping[str, Any], known: Known) -> Any:
    result: Any
    match value:
        case {"$ref": [urn, output]}:
            result = known.output(urn, output)
        case {"$secret": str(name)}:
            result = known.secret(name)
        case {"$import": [stack, name]}:
            result = known.imported(stack, name)
        case {"$join": parts}:
            result = _join([resolve(part, known) for part in parts])
        case {"$call": [name, *arguments]}:
            result = _call(name, [resolve(argument, known) for argument in arguments])
        case {"$literal": Mapping() as literal}:
            result = {key: resolve(item, known) for key, item in literal.items()}
        case _:
            result = {key: resolve(item, known) for key, item in value.items()}
    return result


def _join(parts: list[Any]) -> Any:
    check_text(parts)
    if any(_holds_unknown(part) for part in parts):
        return UNKNOWN
    plain, secrets = reveal(parts)
    joined = functions.concatenated("", plain)
    return Secret(joined) if secrets else joined


def _call(name: str, arguments: list[Any]) -> Any:
    check_text(arguments)
    if any(_holds_unknown(argument) for argument in arguments):
        return UNKNOWN
    plain, secrets = reveal(arguments)
    result = functions.call(name, plain)
    return Secret(functions.text(result)) if secrets else result


def _holds_unknown(value: Any) -> bool:
    match value:
        case Unknown():
            return True
        case Mapping():
            return any(_holds_unknown(item) for item in value.values())
        case list():
            return any(_holds_unknown(item) for item in value)
        case _:
            return False


def record(value: Any, fingerprint: Callable[[str], str]) -> Any:
    """A resolved property as plans and state keep it: `{"$secret": fingerprint}`, `{"$unknown": true}`."""
    match value:
        case str() | int() | float() | None:
            return value
        case Secret():
            return {"$secret": fingerprint(value.value)}
        case Unknown():
            return {"$unknown": True}
        case Mapping():
            return {key: record(item, fingerprint) for key, item in value.items()}
        case list():
            return [record(item, fingerprint) for item in value]
        case _:
            return value


def reveal(value: Any, path: str = "") -> tuple[Any, frozenset[str]]:
    """A resolved property in the clear, and the dotted paths at which secrets stand. For a provider's eyes only."""
    secrets: set[str] = set()
    return _reveal(value, path, secrets), frozenset(secrets)


def _reveal(value: Any, path: str, secrets: set[str]) -> Any:
    match value:
        case Secret():
            secrets.add(path)
            return value.value
        case Mapping():
            return {key: _reveal(item, f"{path}.{key}" if path else key, secrets) for key, item in value.items()}
        case list():
            return [_reveal(item, f"{path}.{index}", secrets) for index, item in enumerate(value)]
        case _:
            return value
