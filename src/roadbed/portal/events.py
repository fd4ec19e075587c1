"""The one event stream of a browser: what changed, never how. Pages then fetch anew what they show.

A SharedWorker holds it for all tabs (`assets/src/events-worker.ts`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from roadbed.control.domain import Event
from roadbed.kit.access import Authorise, Principal, Target, may
from roadbed.kit.errors import Unauthenticated
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import find_session, services_of

BEAT = 20.0
"""Seconds between two signs of life, each also a check that the session still stands."""

_TYPES = {"operation": "operation", "stack": "stack"}


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/events", stream, methods=["GET"])


async def stream(request: Request) -> Response:
    session = await find_session(request)
    if session is None:
        raise Unauthenticated("you are not logged in")
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(request, session.principal), media_type="text/event-stream", headers=headers)


async def _lines(request: Request, principal: Principal) -> AsyncIterator[str]:
    """Ends when the session does; the browser then tries again and is sent to the login page."""
    services, _ = services_of(request)
    subscription = services.events.subscribe()
    yield "retry: 1000\n\n"
    upcoming = asyncio.ensure_future(anext(subscription, None))
    try:
        while True:
            done, _pending = await asyncio.wait({upcoming}, timeout=BEAT)
            if not done:
                if await find_session(request) is None:
                    return
                yield ": beat\n\n"
                continue
            event = upcoming.result()
            if event is None:
                return
            upcoming = asyncio.ensure_future(anext(subscription, None))
            if visible(services.authorise, principal, event):
                yield _line(event)
    finally:
        upcoming.cancel()
        with suppress(asyncio.CancelledError):
            await upcoming


def visible(authorise: Authorise, principal: Principal, event: Event) -> bool:
    """Whether the principal may know of what the event is about. A resync is about nothing in particular."""
    kind = _TYPES.get(event.subject.partition(":")[0])
    if kind is None:
        return True
    owner = event.data.get("owner")
    return may(authorise, principal, f"{kind}.view", Target(kind, event.subject, owner=owner))


def _line(event: Event) -> str:
    body = json.dumps({"type": event.type, "subject": event.subject})
    return f"id: {event.id}\nevent: change\ndata: {body}\n\n"
