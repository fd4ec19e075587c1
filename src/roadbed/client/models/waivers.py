"""Waivers."""

from __future__ import annotations

from typing import TypedDict


class Waiver(TypedDict):
    """`environment` is None for all of an application's; `status` follows the clock."""

    id: str
    policy: str
    scope: str
    subject: str
    owner: str | None
    environment: str | None
    why: str
    until: str
    status: str
    ends_soon: bool
    asked_by: str
    asked_at: str
    decided_by: str | None
    decided_at: str | None
    comment: str
    ended_by: str | None
    ended_at: str | None
