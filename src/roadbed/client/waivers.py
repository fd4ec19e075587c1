"""Waivers: asking for one, deciding on it, taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Listing, Waiver


class Waivers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, place: str | None = None, policy: str | None = None) -> Listing[Waiver]:
        """Newest first; `place` is an application (`orders`) or a stack (`orders@prod`)."""
        query = {"place": place, "policy": policy}
        return cast("Listing[Waiver]", self._transport.request("GET", "/waivers", query=query))

    def get(self, waiver: str) -> Waiver:
        return cast("Waiver", self._transport.request("GET", path_of("waivers", waiver)))

    def request(self, policy: str, subject: str, why: str, until: str | None) -> Waiver:
        """`subject` is a URN, a stack or an application; `until` an RFC 3339 time."""
        body = {"policy": policy, "for": subject, "why": why, "until": until}
        return cast("Waiver", self._transport.request("POST", "/waivers", send=body))

    def approve(self, waiver: str, comment: str = "") -> Waiver:
        return self._decide(waiver, "approve", comment)

    def refuse(self, waiver: str, comment: str = "") -> Waiver:
        return self._decide(waiver, "refuse", comment)

    def revoke(self, waiver: str, comment: str = "") -> Waiver:
        return self._decide(waiver, "revoke", comment)

    def _decide(self, waiver: str, what: str, comment: str) -> Waiver:
        path = path_of("waivers", waiver, what)
        return cast("Waiver", self._transport.request("POST", path, send={"comment": comment}))
