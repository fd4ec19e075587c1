"""Policies of AWS, as its resources carry them: who is allowed what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.values import at, maps, several, word


def statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """Those of a policy, which may be written as text."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return
    yield from maps(at(document, "Statement"))


def for_all(statement: Mapping[str, Any]) -> bool:
    """Whether it allows something to everybody, under no condition."""
    who = statement.get("Principal")
    named = several(at(who, "AWS")) if isinstance(who, Mapping) else several(who)
    return word(statement.get("Effect")) == "allow" and "*" in named and not statement.get("Condition")


def all_powerful(statement: Mapping[str, Any]) -> bool:
    """Whether it allows every action on everything."""
    actions, on = (several(statement.get(name)) for name in ("Action", "Resource"))
    return word(statement.get("Effect")) == "allow" and "*" in on and any(each in ("*", "*:*") for each in actions)
