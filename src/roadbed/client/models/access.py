"""Logging in, and who one is."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class Login(TypedDict):
    token: str
    expires_at: NotRequired[str | None]
    user: NotRequired[Any]


class LoginCode(TypedDict):
    """`path` goes behind the server's address."""

    code: str
    expires_at: str
    path: str


class GrantAnswer(TypedDict):
    role: str
    scope: str


class Whoami(TypedDict):
    name: str
    kind: str
    groups: list[str]
    grants: list[GrantAnswer]
