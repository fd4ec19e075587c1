"""Policies: functions of the platform team that judge a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, get_args

from roadbed.sdk.errors import ProgramError
from roadbed.sdk.program import Context
from roadbed.sdk.registering import check_function, check_name

__all__ = ["Context", "Level", "PlannedResource", "Policy", "policy", "registered"]

Level: TypeAlias = Literal["advisory", "mandatory"]


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A resource as a policy sees it: as declared. `source` is where: `{"file", "line"}`.

    A secret, or a value that is not known yet, is a map (`{"$secret": …}`, `{"$ref": …}`): ask for a value's type.
    """

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
    """Registers a function that is called with `(resource, context)` for each resource that a plan wants.

    It yields `(message, remedy)` for each way in which the resource breaks the policy. `resource` is a
    `roadbed.sdk.policies.PlannedResource`, `context` says of the stack what `context()` says in a program. `types` is a
    shell pattern over resource types. An `advisory` finding stands in the plan; a `mandatory` one keeps it from being
    applied. A policy that raises, or yields anything else, stops every plan with its own file and line.

        from collections.abc import Iterator

        from roadbed.sdk import policy
        from roadbed.sdk.policies import Context, Finding, PlannedResource


        @policy("no-small-databases", level="mandatory", types="postgres:*")
        def no_small_databases(resource: PlannedResource, context: Context) -> Iterator[Finding]:
            if context.kind == "production" and resource.properties.get("name") == "scratch":
                yield f"{resource.name} is called scratch", "give it a name that says what it holds"
    """
    check_name("policy", name)
    if level not in get_args(Level):
        raise ProgramError(
            f"the policy {name!r} has the level {level!r}", f"it is one of: {', '.join(get_args(Level))}"
        )

    def register(function: Function) -> Function:
        check_function("policy", function, "resource", "context")
        _registered.append(Policy(name, function, level, types))
        return function

    return register


def registered() -> tuple[Policy, ...]:
    return tuple(_registered)
