"""The door through which every resource type comes in: what the author of a provider needs.

A provider declares its types and creates, reads, updates and deletes their resources. The engine calls it only while
it applies a plan (and `read` while it looks for drift). What a provider must keep to:

- `create` is safe to call again after a crash that hid its first outcome: it finds what it made by a deterministic
  identity (the URN) or by the `token`, which is the same each time, and adopts it; or the type says `may_run_twice`
  and the plan warns.
- an output changes by an update only if `follows` says so: what depends on it was planned in that belief.
- it never puts a secret into an error, a log line or a plain output: what is secret goes into `secrets`.
- it raises `Transient` for what may work when tried again, any other `RoadbedError` for what will not.

`roadbed.sdk.testing` tries a provider by these rules. Nothing here needs the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from roadbed.kit.errors import RoadbedError

Phase: TypeAlias = Literal["infrastructure", "rollout"]
Replacement: TypeAlias = Literal["create_first", "delete_first"]


class Transient(RoadbedError):
    """It failed, and may not the next time: the engine tries again with back-off."""

    code = "transient"
    status = 503


@dataclass(frozen=True, slots=True)
class Property:
    """One input of a type. `schema` is JSON Schema; `replace` says that a change of it makes a new resource.

    `plain_only` says what to do instead where a secret may not be given, since it would stand in the clear.
    Two of the schema's keywords are there for people: `default` is what the provider takes when the property is left
    out, `writeOnly` marks one that takes a secret.
    """

    schema: Mapping[str, Any]
    required: bool = False
    replace: bool = False
    description: str = ""
    plain_only: str = ""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What the engine must know of a type. `outputs` and `secret_outputs` name what a resource has once made.

    `follows` maps an output to the properties whose change in place changes it, too; all others stay as they are.
    `replacement`: whether a new one can stand beside the old one for a while, so that what uses it is not interrupted.
    `configures`: whether others of the same provider may name one by the option `provider`: its outputs, the secret
    ones too, are the `configuration` that they are made with.
    `holds_data`: what people have put into one is gone with it; or the property by which that is so of one.
    """

    name: str
    description: str
    properties: Mapping[str, Property]
    outputs: Mapping[str, str] = field(default_factory=dict)
    secret_outputs: Mapping[str, str] = field(default_factory=dict)
    phase: Phase = "infrastructure"
    replacement: Replacement = "delete_first"
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    may_run_twice: bool = False
    configures: bool = False
    holds_data: bool | str = False

    def holds(self, properties: Mapping[str, Any]) -> bool:
        """Whether one with these properties holds data."""
        if isinstance(self.holds_data, str):
            return properties.get(self.holds_data) not in (None, False)
        return self.holds_data


@dataclass(frozen=True, slots=True)
class Desired:
    """What a resource must be: every reference resolved, every secret in the clear, in memory only.

    `secret_paths` names the properties (dotted) whose values are secret. `release` is the number of the release that
    is being made, None outside a deployment. `previous` is what the last apply was given, None on create.

    `token` names this very creation, the same at every attempt. `outputs` and `secrets` are what the state holds of the
    resource, empty on create. `configuration` is what the resource given as `provider` says (its outputs, the secret
    ones too), None for the provider as the platform configured it.
    """

    urn: str
    type: str
    name: str
    stack: str
    properties: Mapping[str, Any]
    secret_paths: frozenset[str] = frozenset()
    release: int | None = None
    owner: str | None = None
    previous: Mapping[str, Any] | None = None
    token: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Actual:
    """What there is: the provider's own `id`, its outputs, and its secret outputs apart from them.

    `properties` are those that the world shows, None where it shows none; a `read` that leaves one out can't tell it.
    """

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] | None = None


Report: TypeAlias = Callable[[str], Awaitable[None]]
"""Tells the person who waits what goes on: one short sentence a call."""


class Provider(Protocol):
    """`name` is the part of a type before the colon: `postgres` of `postgres:Database`.

    `parallel` is how many of its resources may be worked on at a time.
    """

    name: ClassVar[str]
    parallel: ClassVar[int]
    types: ClassVar[Mapping[str, ResourceType]]

    async def create(self, desired: Desired, report: Report) -> Actual: ...

    async def read(self, desired: Desired, id: str) -> Actual | None:
        """What there is now, or None if it is gone. Changes nothing."""
        ...

    async def update(self, desired: Desired, id: str, report: Report) -> Actual: ...

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        """Returns also when it was gone already. `id` is empty when its creation failed: then the URN identifies it."""
        ...

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Returns once nothing uses what the last change replaced (old replicas have ended). Asked before deletions."""
        ...


@runtime_checkable
class ChecksMachine(Protocol):
    """A provider that needs something of the platform's machine, as the program of a server."""

    def check_machine(self) -> None:
        """Raises RoadbedError where it can't make anything here, with what to do about it.

        Asked whenever a resource of its is planned that isn't there yet, so that nothing is begun in vain. Quick.
        """
        ...


@runtime_checkable
class ChecksClaims(Protocol):
    """A provider whose resources ask for what can't always be had: a host name of others, too little room."""

    async def claimed(
        self, stack: str, owner: str | None, wanted: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, RoadbedError]:
        """By URN, why what a plan of `stack` wants can't be had: somebody else has it, say. Each with what to do.

        `wanted` are the properties of what it creates, updates or replaces, as declared: one that isn't known yet is a
        map. Asked before a plan is stored; what is free then may be taken when it is applied, which asks for itself.
        """
        ...
