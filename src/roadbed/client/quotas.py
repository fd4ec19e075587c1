"""Quotas and budgets: how much teams have of what they may have, and spend of what they may spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport

if TYPE_CHECKING:
    from roadbed.client.models import QuotaList


class Quotas:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, team: str | None = None, environment: str | None = None) -> QuotaList:
        """By team and environment, of all that the caller may see or of those that are named."""
        query = {"team": team, "environment": environment}
        return cast("QuotaList", self._transport.request("GET", "/quotas", query=query))

    def budgets(self, team: str | None = None, environment: str | None = None) -> QuotaList:
        """The same of what teams spend by the month."""
        query = {"team": team, "environment": environment}
        return cast("QuotaList", self._transport.request("GET", "/budgets", query=query))
