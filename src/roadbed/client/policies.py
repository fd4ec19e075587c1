"""Policies: what there is, how it is meant, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import PolicyCases, PolicyCheck, PolicyDetail, PolicyListing, PolicyReport


class Policies:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> PolicyListing:
        return cast("PolicyListing", self._transport.request("GET", "/policies"))

    def get(self, name: str) -> PolicyDetail:
        return cast("PolicyDetail", self._transport.request("GET", path_of("policies", name)))

    def cases(self, pack: str | None = None) -> PolicyCases:
        """Runs the cases that policies bring along, or those of one pack."""
        return cast("PolicyCases", self._transport.request("GET", "/policy-cases", query={"pack": pack}))

    def report(self, environment: str | None = None) -> PolicyReport:
        """What policies said of the newest plan of each stack."""
        query = {"environment": environment}
        return cast("PolicyReport", self._transport.request("GET", "/policy-report", query=query))

    def check_application(self, name: str, environment: str, source: str | None = None) -> PolicyCheck:
        """Of a source that was sent, by its digest, or of the one in force. Nothing is stored."""
        body = {"environment": environment, "source": source}
        return cast("PolicyCheck", self._transport.request("POST", path_of("applications", name, "checks"), send=body))

    def check_stack(self, stack: str) -> PolicyCheck:
        """Of what the stack's program declares now."""
        return cast("PolicyCheck", self._transport.request("POST", path_of("stacks", stack, "checks")))
