"""Provisioners: functions of the platform team that satisfy a Score resource type by declaring resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from roadbed.sdk.registering import check_function, check_name


@dataclass(frozen=True, slots=True)
class Request:
    """What a workload asks for. `params` may hold references; `workloads` are the names of all in the application."""

    type: str
    name: str
    workload: str
    application: str
    environment: str
    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    resource_class: str = "default"
    id: str | None = None
    owner: str | None = None
    workloads: tuple[str, ...] = ()
    ports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


Outputs: TypeAlias = Mapping[str, Any]
Function: TypeAlias = Callable[[Request], Outputs | None]


@dataclass(frozen=True, slots=True)
class Provisioner:
    """A function, and which requests it is for. Every pattern is a shell pattern (`dev-*`)."""

    type: str
    function: Function
    environments: str = "*"
    resource_class: str = "*"
    id: str = "*"

    @property
    def place(self) -> str:
        code = self.function.__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    def matches(self, request: Request) -> bool:
        pairs = (
            (request.environment, self.environments),
            (request.resource_class, self.resource_class),
            (request.id or "", self.id),
        )
        return self.type == request.type and all(fnmatchcase(value, pattern) for value, pattern in pairs)

    @property
    def specificity(self) -> tuple[int, int, int]:
        """Larger is more specific: by id, then class, then environment; each a plain name, a pattern or `*`."""
        return (_specificity(self.id), _specificity(self.resource_class), _specificity(self.environments))


def _specificity(pattern: str) -> int:
    if pattern == "*":
        return 0
    return 1 if any(character in pattern for character in "*?[") else 2


_registered: list[Provisioner] = []


def provisioner(
    type: str, *, environments: str = "*", resource_class: str = "*", id: str = "*"
) -> Callable[[Function], Function]:
    """Registers a function that is called with a `Request` of `type`. It returns the outputs that the type promises."""
    check_name("provisioner", type)

    def register(function: Function) -> Function:
        check_function("provisioner", function, "request")
        _registered.append(Provisioner(type, function, environments, resource_class, id))
        return function

    return register


def registered() -> tuple[Provisioner, ...]:
    return tuple(_registered)
