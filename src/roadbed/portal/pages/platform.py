"""How the platform itself is: what runs, what is isolated, what is missing and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.doctor.domain import Check, PlatformStatus
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit

_WORST_FIRST = ("missing", "warning", "ok")


@dataclass(frozen=True, slots=True)
class PlatformPage:
    status: PlatformStatus
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> int:
        return sum(check.state != "ok" for check in self.checks)

    @property
    def memory_mb(self) -> float | None:
        """What the components that tell take together."""
        known = [component.memory_mb for component in self.status.components if component.memory_mb is not None]
        return sum(known) if known else None


def platform_page(status: PlatformStatus, checks: Sequence[Check]) -> PlatformPage:
    return PlatformPage(status, tuple(sorted(checks, key=lambda check: _WORST_FIRST.index(check.state))))


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/platform", platform, methods=["GET"])


async def platform(visit: CurrentVisit) -> Response:
    status = await visit.services.status.status(visit.call)
    page = platform_page(status, await visit.services.status.doctor(visit.call))
    return visit.render("pages/platform.html", page, Head("Platform status", "platform", "roadbed doctor"))
