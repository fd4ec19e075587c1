"""Recorded properties that are not, or not as they are, what was given to a provider. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from roadbed.engine.expressions.functions import text
from roadbed.engine.planning.differences import ABSENT, is_secret

UNSURE: Mapping[str, str] = {"$unknown": "an update failed"}
"""Equal to nothing that a plan can want."""


def unsure(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is recorded when it isn't known whether a change came true: what was to change is unknown."""
    names = {**before, **after}
    return {name: _unsure(before.get(name, ABSENT), after.get(name, ABSENT)) for name in names}


def _unsure(before: Any, after: Any) -> Any:
    if before == after:
        return before
    if _is_plain(before) and _is_plain(after):
        return unsure(before, after)
    return dict(UNSURE)


def _is_plain(value: Any) -> bool:
    return isinstance(value, Mapping) and not any(key.startswith("$") for key in value)


def disguised(shown: Mapping[str, Any], recorded: Mapping[str, Any], fingerprint: Callable[[str], str]) -> Any:
    """Properties that the world shows, as they may be stored: fingerprints where secrets are recorded."""
    return {name: _disguised(value, recorded.get(name), fingerprint) for name, value in shown.items()}


def _disguised(value: Any, recorded: Any, fingerprint: Callable[[str], str]) -> Any:
    if is_secret(recorded):
        return {"$secret": fingerprint(text(value))}
    match value, recorded:
        case Mapping(), Mapping():
            return {key: _disguised(item, recorded.get(key), fingerprint) for key, item in value.items()}
        case list(), list():
            if len(value) != len(recorded) and any(map(_holds_secret, recorded)):
                return [_disguised(item, {"$secret": ""}, fingerprint) for item in value]
            pairs = zip(value, [*recorded, *[None] * len(value)], strict=False)
            return [_disguised(item, known, fingerprint) for item, known in pairs]
        case _:
            return {"$secret": fingerprint(text(value))} if _holds_secret(recorded) else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_secret, value))
    return isinstance(value, Mapping) and (is_secret(value) or any(map(_holds_secret, value.values())))
