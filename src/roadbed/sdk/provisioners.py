"""Provisioners: functions of the platform team that satisfy a Score resource type by declaring resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from roadbed.sdk.params import Params, check_declared
from roadbed.sdk.registering import check_function, check_name


@dataclass(frozen=True, slots=True)
class Request:
    """What a workload asks for. `params` may hold references.

    - `name`: the resource's own, or its id with `-` for each dot; `workload`: who asks, with its service `ports`.
    - `kind`: the environment's: development, test or production; `variables`: what `environments.yaml` says of it.
    - `resource_class`, `id`: as the Score file has them; a class says of what size or manner (`large`), and what that
      means is the provisioner's to decide.
    - `workloads`: the names of all in the application; `services`: the service ports of each.

    A port is `{"port": 80, "target_port": 8080}`.
    """

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
    services: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


Outputs: TypeAlias = Mapping[str, Any]
Function: TypeAlias = Callable[[Request], Outputs | None]


@dataclass(frozen=True, slots=True)
class Provisioner:
    """A function, and which requests it is for. Every pattern is a shell pattern (`dev-*`).

    `params` are those that it takes, None where it doesn't say.
    """

    type: str
    function: Function
    environments: str = "*"
    resource_class: str = "*"
    id: str = "*"
    params: Params | None = None

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


def best(candidates: Iterable[Provisioner], request: Request) -> list[Provisioner]:
    """The most specific of those that match: none, one, or several that are equally right."""
    matching = [candidate for candidate in candidates if candidate.matches(request)]
    most = max((candidate.specificity for candidate in matching), default=None)
    return [candidate for candidate in matching if candidate.specificity == most]


_registered: list[Provisioner] = []


def provisioner(
    type: str,
    *,
    environments: str = "*",
    resource_class: str = "*",
    id: str = "*",
    params: Params | None = None,
) -> Callable[[Function], Function]:
    """Registers a function that is called with a `Request` of `type`. It returns the outputs that the type promises.

    `params` says which params it takes, and of which type: `{"size": int, "port": str | int}`. One of another type is
    refused at its place in the file, before the function is called; one that isn't there is told to whoever deploys,
    as not in force. Without `params`, any is taken.
    """
    check_name("provisioner", type)
    check_declared(params or {})

    def register(function: Function) -> Function:
        check_function("provisioner", function, "request")
        _registered.append(Provisioner(type, function, environments, resource_class, id, params))
        return function

    return register


def registered() -> tuple[Provisioner, ...]:
    return tuple(_registered)
