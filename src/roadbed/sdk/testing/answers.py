"""Whether an answer of a provider is what its type declares. Pure. Nothing that is said holds a value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.sdk.providers import Actual, ResourceType


class Violation(AssertionError):
    """A provider broke a rule."""


def check_answer(
    answer: Any, type: ResourceType, before: Actual | None = None, changed: frozenset[str] = frozenset()
) -> Actual:
    """The answer to a create, or to an update of `before` in the properties `changed`. Raises Violation."""
    if broken := list(_broken(answer, type, before, changed)):
        raise Violation(f"{type.name}: {'; '.join(broken)}")
    made: Actual = answer
    return made


def _broken(answer: Any, type: ResourceType, before: Actual | None, changed: frozenset[str]) -> Iterator[str]:
    if not isinstance(answer, Actual):
        yield f"an Actual must be answered, not {answer.__class__.__name__}"
        return
    identity: Any = answer.id
    if not isinstance(identity, str) or not identity:
        yield "the id must be text, and not empty"
    yield from _differing("output", answer.outputs, type.outputs)
    yield from _differing("secret output", answer.secrets, type.secret_outputs)
    secrets: Mapping[str, Any] = answer.secrets
    for name, value in secrets.items():
        if not isinstance(value, str):
            yield f"the secret output {name!r} must be text"
    try:
        json.dumps([dict(answer.outputs), dict(answer.properties or {})])
    except (TypeError, ValueError):
        yield "outputs and properties must be JSON"
    if before is not None:
        yield from _moved(answer, type, before, changed)


def _differing(kind: str, given: Mapping[str, Any], declared: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(given.keys() - declared.keys()):
        yield f"the {kind} {name!r} is not declared as one"
    for name in sorted(declared.keys() - given.keys()):
        yield f"the {kind} {name!r} is declared and missing"


def _moved(answer: Actual, type: ResourceType, before: Actual, changed: frozenset[str]) -> Iterator[str]:
    """Ids and outputs that an update changed though nothing says so."""
    if answer.id != before.id:
        yield "an update changed the id"
    old, new = {**before.outputs, **before.secrets}, {**answer.outputs, **answer.secrets}
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name] and not changed.intersection(type.follows.get(name, ())):
            yield f"an update changed the output {name!r}, though it follows none of the properties that changed"
