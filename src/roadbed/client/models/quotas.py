"""Quotas, and what is used of them."""

from __future__ import annotations

from typing import TypedDict


class QuotaUser(TypedDict):
    stack: str
    used: int
    used_shown: str


class QuotaLine(TypedDict):
    """One limit of a team, or what it uses without one. Amounts are thousandths of a core, bytes, millionths of the
    currency, or numbers.

    `share` is 1 where all of the limit is used. `unsaid` counts what says nothing of it, and counts as nothing.
    """

    of: str
    used: int
    limit: int | None
    share: float | None
    used_shown: str
    limit_shown: str | None
    limit_from: str | None
    unsaid: int
    users: list[QuotaUser]


class Quota(TypedDict):
    """How a team stands in an environment. `ask` is who can raise a limit, `problem` why nothing is known of costs."""

    team: str
    environment: str
    kind: str
    ask: str
    problem: str
    lines: list[QuotaLine]


class QuotaList(TypedDict):
    items: list[Quota]
