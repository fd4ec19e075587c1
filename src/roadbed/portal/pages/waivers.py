"""Waivers: the list, one of them with its decision, and asking for one from a finding in a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Problem
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit, Visit
from roadbed.waivers.domain import Status, Waiver

Text = Annotated[str, Query(max_length=1_000)]
_USUAL = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class WaiverRow:
    waiver: Waiver
    status: Status
    soon: bool


@dataclass(frozen=True, slots=True)
class WaiversPage:
    """`soon` counts those that end soon."""

    rows: Sequence[WaiverRow]
    place: str

    @property
    def soon(self) -> int:
        return sum(row.soon for row in self.rows)


@dataclass(frozen=True, slots=True)
class WaiverPage:
    row: WaiverRow
    decides: bool
    revokes: bool

    @property
    def path(self) -> str:
        return f"/waivers/{self.row.waiver.id}"


@dataclass(frozen=True, slots=True)
class AskPage:
    """What the form begins with, or what was typed; `last` is the furthest day that a waiver may end on.

    `error` is why what was typed is no waiver.
    """

    policy: str
    subject: str
    until: str
    last: str
    why: str = ""
    error: Problem | None = None


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/waivers", waivers, methods=["GET"])
    routes.add_api_route("/waivers", request, methods=["POST"])
    routes.add_api_route("/waivers/new", ask, methods=["GET"])
    routes.add_api_route("/waivers/{id}", waiver, methods=["GET"])
    for action in (approve, refuse, revoke):
        routes.add_api_route(f"/waivers/{{id}}/{action.__name__}", action, methods=["POST"])


async def waivers(visit: CurrentVisit, place: Text = "") -> Response:
    found = await visit.services.waivers.waivers(visit.call, place or None)
    page = WaiversPage([_row(visit, one) for one in found], place)
    command = "roadbed waiver list" + (f" --for {shell_word(place)}" if place else "")
    return visit.render("pages/waivers.html", page, Head("Waivers", "waivers", command, ("waiver:*",)))


async def waiver(visit: CurrentVisit, id: str) -> Response:
    found = await visit.services.waivers.waiver(visit.call, id)
    row = _row(visit, found)
    page = WaiverPage(
        row,
        decides=row.status == "waiting" and visit.services.waivers.may_decide(visit.call, found),
        revokes=row.status in ("waiting", "approved") and visit.services.waivers.may_revoke(visit.call, found),
    )
    head = Head(f"Waiver from {found.policy}", "waivers", f"roadbed waiver show {id}", (f"waiver:{id}",))
    return visit.render("pages/waiver.html", page, head)


async def ask(
    visit: CurrentVisit, policy: Text = "", subject: Annotated[str, Query(alias="for", max_length=1_000)] = ""
) -> Response:
    until = (visit.services.clock.now() + _USUAL).date().isoformat()
    return _form(visit, AskPage(policy, subject, until, _last(visit)))


async def request(visit: CurrentVisit) -> Response:
    policy, subject, why, day = (visit.form.get(name, "").strip() for name in ("policy", "for", "why", "until"))
    try:
        made = await visit.services.waivers.request(visit.call, policy, subject, why, _end_of(day))
    except (InvalidInput, NotFound, Conflict) as error:
        page = AskPage(policy, subject, day, _last(visit), why, error.problem)
        return _form(visit, page, status=422)
    return visit.go(f"/waivers/{made.id}")


async def approve(visit: CurrentVisit, id: str) -> Response:
    await visit.services.waivers.approve(visit.call, id, visit.form.get("comment", ""))
    return visit.go(f"/waivers/{id}")


async def refuse(visit: CurrentVisit, id: str) -> Response:
    await visit.services.waivers.refuse(visit.call, id, visit.form.get("comment", ""))
    return visit.go(f"/waivers/{id}")


async def revoke(visit: CurrentVisit, id: str) -> Response:
    await visit.services.waivers.revoke(visit.call, id, visit.form.get("comment", ""))
    return visit.go(f"/waivers/{id}")


async def acting(visit: Visit, stack: str) -> tuple[WaiverRow, ...]:
    """The waivers that act on a stack now."""
    found = [_row(visit, one) for one in await visit.services.waivers.waivers(visit.call, stack)]
    return tuple(row for row in found if row.status == "approved")


def _form(visit: Visit, page: AskPage, *, status: int = 200) -> Response:
    head = Head("Ask for a waiver", "waivers", "roadbed waiver request")
    return visit.render("pages/waiver_new.html", page, head, status=status)


def _last(visit: Visit) -> str:
    longest = visit.services.waivers.settings.longest - timedelta(days=1)
    return (visit.services.clock.now() + longest).date().isoformat()


def _row(visit: Visit, one: Waiver) -> WaiverRow:
    now = visit.services.clock.now()
    return WaiverRow(one, one.status(now), one.ends_soon(now, visit.services.waivers.settings.soon))


def _end_of(day: str) -> datetime | None:
    """The end of a day, in UTC; None for none."""
    if not day:
        return None
    try:
        return datetime.fromisoformat(day).replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"{day!r} is no date", hint="write it like 2026-12-31") from None
