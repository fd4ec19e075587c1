"""The platform itself: who asks, how it is, what it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import (
        Accepted,
        AuditRecord,
        Check,
        Environment,
        Listing,
        Login,
        LoginCode,
        PlatformStatus,
        TemplateDetail,
        TemplateSummary,
        Whoami,
    )


class Platform:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def health(self) -> Mapping[str, str]:
        """Needs no login: `{"status": "ok", "version": …}`."""
        return cast("Mapping[str, str]", self._transport.request("GET", "/health"))

    def login(self, username: str, password: str) -> Login:
        body = {"username": username, "password": password}
        return cast("Login", self._transport.request("POST", "/login", send=body))

    def login_code(self) -> LoginCode:
        """A link that logs its first visitor in as the caller, once."""
        return cast("LoginCode", self._transport.request("POST", "/login/codes"))

    def whoami(self) -> Whoami:
        return cast("Whoami", self._transport.request("GET", "/whoami"))

    def status(self) -> PlatformStatus:
        return cast("PlatformStatus", self._transport.request("GET", "/status"))

    def doctor(self) -> Listing[Check]:
        return cast("Listing[Check]", self._transport.request("GET", "/doctor"))

    def environments(self) -> Listing[Environment]:
        return cast("Listing[Environment]", self._transport.request("GET", "/environments"))

    def audit(
        self,
        *,
        limit: int | None = None,
        target: str | None = None,
        principal: str | None = None,
        action: str | None = None,
    ) -> Listing[AuditRecord]:
        query = {"limit": limit, "target": target, "principal": principal, "action": action}
        return cast("Listing[AuditRecord]", self._transport.request("GET", "/audit", query=query))

    def templates(self) -> Listing[TemplateSummary]:
        return cast("Listing[TemplateSummary]", self._transport.request("GET", "/templates"))

    def template(self, name: str) -> TemplateDetail:
        return cast("TemplateDetail", self._transport.request("GET", path_of("templates", name)))

    def run_template(self, name: str, parameters: Mapping[str, object]) -> Accepted:
        body = {"parameters": dict(parameters)}
        return cast("Accepted", self._transport.request("POST", path_of("templates", name, "runs"), send=body))
