"""The one event stream of a browser: what changed, never how. Pages then fetch anew what they show.

A SharedWorker holds it for all tabs (`assets/src/events-worker.ts`).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.control.domain import Event
from roadbed.control.streams import ServerEvent, event_stream
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import CurrentVisit, Visit, find_session

RECHECK = timedelta(seconds=20)
"""How long the stream trusts that the session which opened it still stands."""


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/events", stream, methods=["GET"])


async def stream(visit: CurrentVisit) -> Response:
    events = await visit.services.operations.watch(visit.call)
    answer = event_stream(_changes(visit, events))
    answer.headers.update(SECURITY_HEADERS)
    return answer


async def _changes(visit: Visit, events: AsyncIterator[Event]) -> AsyncIterator[ServerEvent]:
    """Ends when the session has; the browser then tries again, is refused, and its pages say so."""
    clock = visit.services.clock
    checked = clock.now()
    async for event in events:
        if clock.now() - checked > RECHECK:
            if await find_session(visit.request) is None:
                return
            checked = clock.now()
        yield ServerEvent("change", json.dumps({"type": event.type, "subject": event.subject}), str(event.id))
