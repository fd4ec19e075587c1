"""The audit log: who did what to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.audit.domain import Record
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit

Text = Annotated[str, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class AuditPage:
    records: Sequence[Record]
    next: str | None
    target: str
    principal: str
    action: str

    @property
    def filtered(self) -> bool:
        return bool(self.target or self.principal or self.action)


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/audit", audit, methods=["GET"])


async def audit(
    visit: CurrentVisit, target: Text = "", principal: Text = "", action: Text = "", cursor: Text = ""
) -> Response:
    found = await visit.services.audit.list(
        visit.call,
        limit=50,
        cursor=cursor or None,
        target=target or None,
        principal=principal or None,
        action=action or None,
    )
    page = AuditPage(found.items, found.next, target, principal, action)
    return visit.render("pages/audit.html", page, Head("Audit log", "audit", "roadbed audit"))
