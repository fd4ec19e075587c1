"""What `ignore_changes` means: at those paths a resource stays as it is recorded, whatever is declared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from roadbed.engine.expressions.values import is_expression
from roadbed.engine.planning.differences import EVERYTHING, get, holds_secret, put


def recorded_values(wanted: Mapping[str, Any], recorded: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The wanted properties, as they will be recorded, with what is recorded now at the paths."""
    if EVERYTHING in paths:
        return dict(recorded)
    result: dict[str, Any] = _copied(wanted)
    for path in paths:
        put(result, path, get(recorded, path))
    return result


def declared_values(declared: Mapping[str, Any], recorded: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The same of declared properties, for the provider. The value of a secret is not recorded: it is as declared."""
    result: dict[str, Any] = _copied(declared)
    for path in sorted({*declared, *recorded}) if EVERYTHING in paths else paths:
        value = get(recorded, path)
        if not holds_secret(value):
            put(result, path, {"$literal": dict(value)} if is_expression(value) else value)
    return result


def _copied(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _copied(item) for key, item in value.items()}
        case list():
            return [_copied(item) for item in value]
        case _:
            return value
