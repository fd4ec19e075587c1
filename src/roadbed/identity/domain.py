"""Accounts, what proves them, and the rules about them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from roadbed.kit.access import EVERYTHING, Principal, Role
from roadbed.kit.errors import InvalidInput

AccountKind: TypeAlias = Literal["user", "service"]

_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
_GROUP = re.compile(r"group:[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?/[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")

PASSWORD_LENGTH = range(12, 1025)
"""NIST SP 800-63B: length is what counts, no rules of composition. The upper bound keeps hashing cheap for us."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person, or a service account, which has tokens but no password."""

    name: str
    kind: AccountKind
    display_name: str | None
    created_at: datetime
    active: bool
    has_password: bool

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it may be shown: `id` is its first part, the secret part is known to its holder alone."""

    id: str
    name: str
    user: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at the only moment at which its text is known."""

    token: Token
    text: str


@dataclass(frozen=True, slots=True)
class NewCode:
    """A one-time login code at the only moment at which its text is known."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in in a browser. `csrf` is what the forms and scripts of its pages send along."""

    principal: Principal
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A role that `subject` (`user:ada`, `group:default/payments`) holds within `scope` (a group, or `*`)."""

    id: str
    subject: str
    role: Role
    scope: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What the first start (or one that lost its client's token) hands to whoever started it."""

    user: Account
    token: str
    one_time_code: str


def check_name(value: str) -> str:
    """Returns `value` if it can name an account. Raises InvalidInput."""
    if _NAME.fullmatch(value):
        return value
    raise InvalidInput(
        f"{value[:80]!r} can't name an account",
        hint="use up to 63 of a-z, 0-9, dot, hyphen and underscore, with a letter or digit at both ends",
    )


def check_group(value: str) -> str:
    """Returns `value` if it is the full reference of a group. Raises InvalidInput."""
    if _GROUP.fullmatch(value):
        return value
    raise InvalidInput(f"{value[:150]!r} is not a group", hint="write a group as group:default/payments")


def check_scope(value: str) -> str:
    """A group, or `*` for everything."""
    return value if value == EVERYTHING else check_group(value)


def check_password(password: str, name: str) -> str:
    """Returns `password` if it may be one for account `name`. Raises InvalidInput, which doesn't quote it."""
    if len(password) not in PASSWORD_LENGTH:
        raise InvalidInput(
            f"a password has from {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters",
            hint="a sentence is easier to remember than a word with digits",
        )
    if (name in password.lower() and len(password) < 2 * len(name)) or len(set(password)) < 5:
        raise InvalidInput("this password is too easy to guess", hint="take a few words that don't belong together")
    return password


def wait_after(failures: int, allowed: int) -> timedelta:
    """How long after the last of so many wrong passwords the next try must wait: 30 s, doubling, up to 15 minutes."""
    if failures < allowed:
        return timedelta(0)
    doublings = min(failures - allowed, 5)
    return min(timedelta(seconds=30 << doublings), timedelta(minutes=15))
