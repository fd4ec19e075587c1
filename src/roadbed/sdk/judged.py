"""What policies see: resources as they are declared, the plan that would make them, and the stack that they make up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from roadbed.sdk.errors import ProgramError

_EXPRESSIONS = ("$ref", "$join", "$secret", "$call", "$import")


@dataclass(frozen=True, slots=True)
class Context:
    """Where the judged things are to be. `kind` is the environment's: development, test or production.

    `owner` is a group; `application` the stack's owner by name: an application, or a platform module. `config` is the
    policy's own configuration: its defaults, with what `policies/policies.yaml` says for this environment over them.
    """

    stack: str
    environment: str
    kind: str
    owner: str | None = None
    application: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A resource as a policy sees it: as declared. `source` is where: `{"file", "line"}`.

    A secret, or a value that is not known yet, is a map (`{"$secret": …}`, `{"$ref": …}`): ask `is_secret(value)` and
    `is_unknown(value)`, or for the value's type. `kind` is managed, component (it holds others) or read (it is only
    looked at). `depends_on` holds the URNs of what it depends on; `options` what its declaration says beside its
    properties (`protect`, `retain_on_delete`, …), those that were given.
    """

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    source: Mapping[str, Any] | None = None
    kind: str = "managed"
    depends_on: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def get(self, path: str, default: Any = None) -> Any:
        """What stands at a dotted path in the properties (`containers.web.image`), `default` where nothing does."""
        found: Any = self.properties
        for part in path.split("."):
            if isinstance(found, Mapping) and part in found:
                found = found[part]
            elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
                found = found[int(part)]
            else:
                return default
        return found


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What the plan does to one resource. `action` is create, update, replace, delete, read, adopt, import, retain or
    none.

    `resource` is as it is wanted, or for a deletion as it was. `before` are the properties that it had, None for what
    is new; secrets in them are maps. `loses_data`: the step deletes what people have put data into.
    """

    action: str
    resource: PlannedResource
    before: Mapping[str, Any] | None = None
    loses_data: bool = False


@dataclass(frozen=True, slots=True)
class PlannedChanges:
    """A plan: its steps, those that change nothing too, in their order; `resources` are those that it wants.

    `cost` is what is estimated of it by the month, as the plan's document has it; None where nobody estimates:
    `cost["total"]["difference"]["cost"]["high"]` is what it adds to the bill in `cost["currency"]`, None where that is
    not known, and `["unknown"]` names what is not in it. `before` and `after` stand beside `difference`, `energy` (kWh)
    and `carbon` (kg of CO2e) beside `cost`; `cost["resources"]` has the same of each. `cost["total"]` is None, and
    `cost["problem"]` says why, where nothing could be estimated.
    """

    steps: Sequence[PlannedStep] = ()
    resources: Sequence[PlannedResource] = ()
    cost: Mapping[str, Any] | None = None

    @property
    def changing(self) -> Iterator[PlannedStep]:
        """The steps that do something."""
        return (step for step in self.steps if step.action != "none")


class PlannedStack:
    """All that the stack is to hold: every resource that is declared, those that the plan leaves alone too."""

    def __init__(self, resources: Iterable[PlannedResource] = ()) -> None:
        self.resources: Sequence[PlannedResource] = tuple(resources)
        self._by_urn = {one.urn: one for one in self.resources}
        self._consumers: dict[str, list[PlannedResource]] | None = None

    def of(self, types: str) -> Sequence[PlannedResource]:
        """Those of a type, which is a shell pattern: `postgres:*`."""
        return [one for one in self.resources if fnmatchcase(one.type, types)]

    def get(self, urn: str) -> PlannedResource | None:
        return self._by_urn.get(urn)

    def consumers(self, resource: PlannedResource | str) -> Sequence[PlannedResource]:
        """Those that depend on a resource directly: they refer to its outputs, or name it in `depends_on`."""
        if self._consumers is None:
            self._consumers = defaultdict(list)
            for one in self.resources:
                for urn in one.depends_on:
                    self._consumers[urn].append(one)
        return tuple(self._consumers.get(_urn(resource), ()))

    def dependencies(self, resource: PlannedResource | str) -> Sequence[PlannedResource]:
        """What a resource depends on directly."""
        found = self.get(_urn(resource))
        return [self._by_urn[urn] for urn in (found.depends_on if found else ()) if urn in self._by_urn]


@dataclass(frozen=True, slots=True)
class Violation:
    """A finding that says more than a message: without `remedy` the policy's own is meant.

    `resource` is what it is about, or its URN, for policies on a plan or a stack; one on a resource need not say it.
    """

    message: str
    remedy: str | None = None
    resource: PlannedResource | str | None = None

    @property
    def urn(self) -> str | None:
        return None if self.resource is None else _urn(self.resource)


@dataclass(frozen=True, slots=True)
class Change:
    """What a policy that remediates does to a resource (or its URN): `properties` are set, each as a whole.

    A property set to None is taken away. `message` says what was wrong.
    """

    resource: PlannedResource | str
    properties: Mapping[str, Any]
    message: str

    @property
    def urn(self) -> str:
        return _urn(self.resource)


@dataclass(frozen=True, slots=True)
class Example:
    """A case of a policy: what it is given where it must refuse, or let pass. No platform is needed to run it.

    `type`, `properties`, `name`, `options` and `depends_on` make the resource; `resources` are others beside it, for
    policies on a plan or a stack, and `depends_on` names them by their `name`. Without `type` there are only those.
    `action` and `before` say what the plan does to it; `cost` is that of the plan. `kind`, `environment`, `owner` and
    `application` say where, `config` is laid over the policy's own. `environment` is called after its kind, if nothing
    else is said: prod, test or dev.
    """

    type: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "production"
    environment: str | None = None
    name: str = "example"
    resources: Sequence[Example] = ()
    depends_on: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    action: str = "create"
    before: Mapping[str, Any] | None = None
    loses_data: bool = False
    cost: Mapping[str, Any] | None = None
    owner: str | None = "group:default/example"
    application: str = "example"
    config: Mapping[str, Any] = field(default_factory=dict)

    def context(self, defaults: Mapping[str, Any]) -> Context:
        environment = self.environment or {"production": "prod", "development": "dev"}.get(self.kind, self.kind)
        config = {**defaults, **self.config}
        stack = f"{self.application}@{environment}"
        return Context(stack, environment, self.kind, self.owner, self.application, config)

    def steps(self) -> list[PlannedStep]:
        """Every resource of the case, each with what the plan does to it; its own first."""
        given = [one for one in (self, *self.resources) if one.type is not None]
        stack = self.context({}).stack
        urns = {one.name: f"{stack}/{one.name}#{one.type}" for one in given}
        return [one._step(urns) for one in given]

    def _step(self, urns: Mapping[str, str]) -> PlannedStep:
        unknown = [name for name in self.depends_on if name not in urns]
        if unknown:
            raise ProgramError(f"the example depends on {unknown[0]!r}, which is none of its resources")
        resource = PlannedResource(
            urn=urns[self.name],
            type=self.type or "",
            name=self.name,
            properties=self.properties,
            depends_on=[urns[name] for name in self.depends_on],
            options=self.options,
        )
        return PlannedStep(self.action, resource, self.before, self.loses_data)


SECRET: Mapping[str, Any] = {"$secret": "example"}
"""A secret, as it stands in the properties of an `Example`."""
UNKNOWN: Mapping[str, Any] = {"$ref": ["example@prod/other#example:Thing", "output"]}
"""A value that is known only after apply, as it stands in the properties of an `Example`."""


def is_unknown(value: Any) -> bool:
    """Whether it is a reference, a secret, or what is made of them: no text yet, and nothing to compare with."""
    return isinstance(value, Mapping) and any(word in value for word in _EXPRESSIONS)


def is_secret(value: Any) -> bool:
    """Whether it is a secret that the platform holds, or text or a function that takes one in."""
    if isinstance(value, Mapping):
        return "$secret" in value or any(is_secret(item) for item in value.values())
    return isinstance(value, list | tuple) and any(is_secret(item) for item in value)


def _urn(resource: PlannedResource | str) -> str:
    return resource if isinstance(resource, str) else resource.urn
