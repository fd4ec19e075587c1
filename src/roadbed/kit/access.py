"""Who asks, and what of: the words in which a service asks for permission. `identity` answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from roadbed.kit.errors import NotFound, Refused, Unauthenticated

Role: TypeAlias = Literal["viewer", "auditor", "developer", "operator", "owner"]

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role within a team (`group:default/payments`), or over everything (`*`)."""

    role: Role
    scope: str = EVERYTHING


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. `system` principals are the platform's own controllers."""

    kind: Literal["user", "service", "system"]
    name: str
    groups: frozenset[str] = frozenset()
    grants: tuple[Grant, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def system(name: str) -> Principal:
    """The platform acting by itself: a controller, a schedule."""
    return Principal("system", name, grants=(Grant("owner"),))


@dataclass(frozen=True, slots=True)
class Target:
    """What an action is about. `owner` is the reference of the group that owns it, where something does."""

    type: str
    name: str = EVERYTHING
    owner: str | None = None
    environment: str | None = None
    attributes: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


PLATFORM = Target("platform")

Authorise: TypeAlias = Callable[[Principal | None, str, Target], None]
"""`authorise(principal, "application.deploy", target)` returns, or raises Unauthenticated, Refused or NotFound."""


def require_somebody(principal: Principal | None) -> Principal:
    """For a service that must look before it knows what to ask permission for. Raises Unauthenticated for nobody."""
    if principal is None:
        raise Unauthenticated("you are not logged in", hint="log in with `roadbed login`")
    return principal


def may(authorise: Authorise, principal: Principal | None, action: str, target: Target) -> bool:
    """Whether `authorise` would let it happen. Raises Unauthenticated for nobody, as a service must."""
    try:
        authorise(principal, action, target)
    except (Refused, NotFound):
        return False
    return True


def visible_owners(authorise: Authorise, principal: Principal | None, action: str, type_: str) -> frozenset[str] | None:
    """The groups whose things of a type `principal` may `action`: what a list filters its SQL by.

    None means everything, also what no group owns; an empty set means nothing. Raises Unauthenticated for nobody.
    """
    if may(authorise, principal, action, Target(type_)) or principal is None:
        return None
    scopes = {grant.scope for grant in principal.grants} - {EVERYTHING}
    return frozenset(scope for scope in scopes if may(authorise, principal, action, Target(type_, owner=scope)))
