"""Server-sent events: the wire format, a heartbeat, and an end when the client goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

HEARTBEAT = 15.0
"""Seconds. Keeps proxies from closing a silent stream, and finds out that a client went without a word."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """`data` is text, JSON as a rule; `id` is what the client sends back as Last-Event-ID."""

    event: str
    data: str
    id: str | None = None


def event_stream(source: AsyncIterator[ServerEvent], *, heartbeat: float = HEARTBEAT) -> StreamingResponse:
    """Answers with `source` until it ends or the client goes; then `source` is closed."""
    return StreamingResponse(_encoded(source, heartbeat), media_type="text/event-stream", headers=_HEADERS)


def last_event_id(header: str | None) -> int | None:
    """What a client sent as Last-Event-ID, None if it isn't a number of ours."""
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 19 else None


async def _encoded(source: AsyncIterator[ServerEvent], heartbeat: float) -> AsyncIterator[bytes]:
    coming: asyncio.Task[ServerEvent | None] | None = None
    try:
        yield format_sse_event(comment="connected", retry=1_000)
        while True:
            coming = coming or asyncio.create_task(_next(source))
            done, _ = await asyncio.wait({coming}, timeout=heartbeat)
            if not done:
                yield format_sse_event(comment="alive")
                continue
            event, coming = coming.result(), None
            if event is None:
                return
            yield format_sse_event(event=event.event, data_str=event.data, id=event.id)
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError):
                await coming
        if close := getattr(source, "aclose", None):
            await close()


async def _next(source: AsyncIterator[ServerEvent]) -> ServerEvent | None:
    return await anext(source, None)
