"""Approvals: what waits, and deciding on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, Approval, Listing


class Approvals:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, stack: str | None = None, operation: str | None = None, state: str | None = None
    ) -> Listing[Approval]:
        """Newest first."""
        query = {"stack": stack, "operation": operation, "state": state}
        return cast("Listing[Approval]", self._transport.request("GET", "/approvals", query=query))

    def get(self, approval: str) -> Approval:
        return cast("Approval", self._transport.request("GET", path_of("approvals", approval)))

    def approve(self, approval: str, comment: str = "") -> Approval:
        return self._decide(approval, "approve", comment)

    def refuse(self, approval: str, comment: str = "") -> Approval:
        return self._decide(approval, "refuse", comment)

    def again(self, approval: str) -> Accepted:
        """Plans anew what was asked for."""
        return cast("Accepted", self._transport.request("POST", path_of("approvals", approval, "again")))

    def _decide(self, approval: str, what: str, comment: str) -> Approval:
        path = path_of("approvals", approval, what)
        return cast("Approval", self._transport.request("POST", path, send={"comment": comment}))
