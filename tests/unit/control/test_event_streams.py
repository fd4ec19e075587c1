"""The wire format of streams, their heartbeat and their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from roadbed.control.domain import Event
from roadbed.control.streams import ServerEvent, event_stream, last_event_id
from roadbed.control.visibility import sees
from roadbed.kit.access import Grant, Principal, Target
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import NotFound


async def test_encodes_what_comes_and_ends_with_it() -> None:
    async def source() -> AsyncIterator[ServerEvent]:
        yield ServerEvent("operation", '{"a":1}')
        yield ServerEvent("log", "one\ntwo", "7")

    body = b"".join([chunk async for chunk in _chunks(source())])
    assert b'event: operation\ndata: {"a":1}\n\n' in body
    assert b"event: log\ndata: one\ndata: two\nid: 7\n\n" in body


async def test_beats_while_nothing_comes_and_closes_the_source() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncIterator[ServerEvent]:
        try:
            await asyncio.Event().wait()
            yield ServerEvent("never", "")
        finally:
            closed.set()

    chunks = _chunks(source(), heartbeat=0.001)
    assert b"retry: 1000" in await anext(chunks)
    assert await anext(chunks) == b": alive\n\n"
    await chunks.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert closed.is_set()


def _chunks(source: AsyncIterator[ServerEvent], heartbeat: float = 15.0) -> AsyncIterator[bytes]:
    return event_stream(source, heartbeat=heartbeat).body_iterator  # type: ignore[return-value]  # ours gives bytes


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, None), ("", None), ("12", 12), ("-1", None), ("x", None), ("9" * 30, None), ("²", None)],
)
def test_last_event_id(header: str | None, expected: int | None) -> None:
    assert last_event_id(header) == expected


def test_events_are_for_those_who_see_their_subject() -> None:
    def team_only(principal: Principal | None, action: str, target: Target) -> None:
        seen = action == "stack.view" and target.owner == "group:default/pay"
        if not (seen or target.attributes.get("user") == str(principal) or action == "platform.view"):
            raise NotFound("no")

    ada = Principal("user", "ada", grants=(Grant("viewer", "group:default/pay"),))
    at = FixedClock().now()

    def hears(type_: str, subject: str, data: dict[str, str]) -> bool:
        return sees(team_only, ada, Event(1, at, type_, subject, data))

    assert hears("stack.changed", "stack:orders@dev", {"owner": "group:default/pay"})
    assert not hears("stack.changed", "stack:orders@dev", {"owner": "group:default/other"})
    assert hears("operation.changed", "operation:op_1", {"user": "user:ada"})
    assert not hears("operation.changed", "operation:op_1", {"user": "user:eve"})
    assert hears("environment.changed", "environment:dev", {})
    assert hears("resync", "*", {})
