"""Properties with references and secrets in them: finding, resolving and recording them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


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


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Every (urn, output) that a property refers to."""
    match value:
        case {"$ref": [urn, output]}:
            yield urn, output
        case Mapping():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)


def is_expression(value: Any) -> bool:
    return isinstance(value, Mapping) and any(key in value for key in ("$ref", "$join", "$secret"))


def resolve(value: Any, known: Known) -> Any:
    """The property with every reference and secret replaced by its value, a `Secret` or `UNKNOWN`."""
    match value:
        case {"$ref": [urn, output]}:
            return known.output(urn, output)
        case {"$secret": str(name)}:
            return known.secret(name)
        case {"$join": parts}:
            return _join([resolve(part, known) for part in parts])
        case {"$literal": Mapping() as literal}:
            return {key: resolve(item, known) for key, item in literal.items()}
        case Mapping():
            return {key: resolve(item, known) for key, item in value.items()}
        case list():
            return [resolve(item, known) for item in value]
        case _:
            return value


def _join(parts: list[Any]) -> Any:
    if any(part is UNKNOWN for part in parts):
        return UNKNOWN
    text = "".join(part.value if isinstance(part, Secret) else str(part) for part in parts)
    return Secret(text) if any(isinstance(part, Secret) for part in parts) else text


def record(value: Any, fingerprint: Callable[[str], str]) -> Any:
    """A resolved property as plans and state keep it: `{"$secret": fingerprint}`, `{"$unknown": true}`."""
    match value:
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
    match value:
        case Secret():
            return value.value, frozenset({path})
        case Mapping():
            pairs = {key: reveal(item, f"{path}.{key}" if path else key) for key, item in value.items()}
            return {key: item for key, (item, _) in pairs.items()}, _union(paths for _, paths in pairs.values())
        case list():
            items = [reveal(item, f"{path}.{index}") for index, item in enumerate(value)]
            return [item for item, _ in items], _union(paths for _, paths in items)
        case _:
            return value, frozenset()


def _union(sets: Iterator[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def pick(outputs: Mapping[str, Any], path: str) -> Any:
    """An output by its name, or a part of it by a dotted path. Raises KeyError."""
    if path in outputs:
        return outputs[path]
    value: Any = outputs
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value
