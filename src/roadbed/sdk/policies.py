"""Policies: functions of the platform team that judge a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from roadbed.sdk.program import Context

__all__ = ["Context", "Level", "PlannedResource", "Policy", "policy", "registered"]

Level: TypeAlias = Literal["advisory", "mandatory"]


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A resource as a policy sees it: as declared. A secret, or a value not known yet, is an object."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    source: Mapping[str, Any] | None = None


Finding: TypeAlias = tuple[str, str]
Function: TypeAlias = Callable[[PlannedResource, Context], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Policy:
    """`function` yields (what is wrong, what to do) for each violation."""

    name: str
    function: Function
    level: Level = "advisory"
    types: str = "*"

    def applies_to(self, resource: PlannedResource) -> bool:
        return fnmatchcase(resource.type, self.types)


_registered: list[Policy] = []


def policy(name: str, *, level: Level = "advisory", types: str = "*") -> Callable[[Function], Function]:
    """Registers a function that yields `(message, remedy)` for each way in which a resource breaks the policy."""

    def register(function: Function) -> Function:
        _registered.append(Policy(name, function, level, types))
        return function

    return register


def registered() -> tuple[Policy, ...]:
    return tuple(_registered)
