"""Authorisation for tests that are about something else: everybody may do everything, nobody may do nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from roadbed.kit.access import Grant, Principal, Target
from roadbed.kit.errors import Refused, Unauthenticated

OWNER = Principal("user", "olga", grants=(Grant("owner"),))


def allow(principal: Principal | None, action: str, target: Target) -> None:
    """An `Authorise` that refuses only a call without a principal."""
    if principal is None:
        raise Unauthenticated(f"nobody may not {action} {target}")


def refuse(principal: Principal | None, action: str, target: Target) -> None:
    """An `Authorise` that refuses everybody."""
    allow(principal, action, target)
    raise Refused(f"{principal} may not {action} {target}")


@dataclass
class Recording:
    """An `Authorise` that allows, and keeps what was asked: (principal, action, target as text)."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, principal: Principal | None, action: str, target: Target) -> None:
        allow(principal, action, target)
        self.asked.append((str(principal), action, str(target)))
