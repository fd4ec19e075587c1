"""Events: in the order of commits, none missed, none from what was rolled back, slow subscribers told to start over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import text

from fakes.access import OWNER
from roadbed.control import events as module
from roadbed.control.domain import Event
from roadbed.control.events import Events
from roadbed.control.repository import EventRepository
from roadbed.kit.errors import InvalidInput
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from waiting import until


@pytest.fixture
async def events(database: Database) -> AsyncIterator[Events]:
    events = Events(database)
    await events.start()
    yield events
    await events.close()


async def emit(events: Events, database: Database, *subjects: str) -> None:
    async with database.call(OWNER) as call:
        for subject in subjects:
            await events.emit(call, "stack.changed", subject)


async def take(subscription: AsyncIterator[Event], count: int) -> list[str]:
    return [(await anext(subscription)).subject for _ in range(count)]


async def test_events_come_after_their_commit_in_order(events: Events, database: Database) -> None:
    heard = events.subscribe()
    await emit(events, database, "a", "b")
    await emit(events, database, "c")
    assert await take(heard, 3) == ["a", "b", "c"]


async def test_what_is_rolled_back_was_never_heard(events: Events, database: Database) -> None:
    heard = events.subscribe()

    async def fails() -> None:
        async with database.call(OWNER) as call:
            await events.emit(call, "stack.changed", "lost")
            await call.session.execute(text("SELECT 1"))
            raise InvalidInput("no")

    with pytest.raises(InvalidInput):
        await fails()
    await emit(events, database, "kept")
    assert await take(heard, 1) == ["kept"]


async def test_the_same_event_twice_in_a_transaction_is_one(events: Events, database: Database) -> None:
    heard = events.subscribe()
    await emit(events, database, "a", "a", "b")
    assert await take(heard, 2) == ["a", "b"]


async def test_a_savepoint_does_not_send_early(events: Events, database: Database) -> None:
    heard = events.subscribe()
    async with database.call(OWNER) as call:
        async with call.session.begin_nested():
            await events.emit(call, "stack.changed", "inner")
        await emit(events, database, "meanwhile")
    assert await take(heard, 2) == ["meanwhile", "inner"]


async def test_one_that_began_early_and_commits_late_is_not_missed(events: Events, database: Database) -> None:
    """A sequence alone would number it before the one that was seen already."""
    heard = events.subscribe()
    async with database.call(OWNER) as slow:
        await events.emit(slow, "stack.changed", "slow")
        await slow.session.execute(text("SELECT 1"))
        await emit(events, database, "quick")
        assert await take(heard, 1) == ["quick"]
        seen = events.subscribe(after=(await _last(database)))
    assert await take(heard, 1) == ["slow"]
    assert await take(seen, 1) == ["slow"]


async def _last(database: Database) -> int:
    return await EventRepository(database).last_id()


async def test_catches_up_with_what_was_emitted_before(events: Events, database: Database) -> None:
    await emit(events, database, "a")
    first = await _last(database)
    await emit(events, database, "b", "c")
    heard = events.subscribe(after=first)
    await emit(events, database, "d")
    assert await take(heard, 3) == ["b", "c", "d"]
    await emit(events, database, "e")
    assert await take(heard, 1) == ["e"]


async def test_of_one_subject_only(events: Events, database: Database) -> None:
    heard = events.subscribe(subject="mine")
    await emit(events, database, "theirs", "mine")
    await emit(events, database, "theirs")
    await emit(events, database, "mine")
    assert await take(heard, 2) == ["mine", "mine"]


async def test_many_writers_one_order_for_all_readers(events: Events, database: Database) -> None:
    one, two = events.subscribe(), events.subscribe()
    await asyncio.gather(*(emit(events, database, f"s{n}") for n in range(40)))
    first, second = await take(one, 40), await take(two, 40)
    assert first == second
    assert sorted(first) == sorted(f"s{n}" for n in range(40))


async def test_a_slow_subscriber_is_told_to_read_everything_again(
    events: Events, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE_LIMIT", 5)
    slow, quick = events.subscribe(), events.subscribe()
    await emit(events, database, *(f"s{n}" for n in range(5)))
    assert await take(quick, 5) == [f"s{n}" for n in range(5)]
    await emit(events, database, "last")
    assert await take(quick, 1) == ["last"]
    event = await anext(slow)
    assert event.type == "resync"
    await emit(events, database, "after")
    assert await take(slow, 1) == ["after"]


async def test_pruned_events_are_replaced_by_a_resync(
    events: Events, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadbed.control.repository.KEEP_EVENTS", 2)
    await emit(events, database, "a")
    first = await _last(database)
    await emit(events, database, *"bcdef")
    await EventRepository(database).prune()
    heard = events.subscribe(after=first)
    assert (await anext(heard)).type == "resync"
    assert await take(heard, 2) == ["e", "f"]


async def test_nothing_is_missed_when_the_connection_is_cut(events: Events, database: Database) -> None:
    heard = events.subscribe()
    async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
    await emit(events, database, "while away")
    assert await take(heard, 1) == ["while away"]


async def test_two_processes_hear_each_other(events: Events, database: Database) -> None:
    other = Events(database)
    await other.start()
    heard = other.subscribe()
    await emit(events, database, "a")
    assert await take(heard, 1) == ["a"]
    await other.close()
    with pytest.raises(StopAsyncIteration):
        await anext(heard)


async def test_forgotten_subscriptions_cost_nothing(events: Events, database: Database) -> None:
    events.subscribe()
    await until(lambda: not list(events._subscriptions))


async def test_a_failed_write_of_events_fails_the_commit(events: Events, database: Database) -> None:
    async def commit(call: Call) -> None:
        await events.emit(call, "stack.changed", "a")
        await call.session.execute(text("ALTER TABLE events RENAME TO gone"))

    with pytest.raises(Exception, match="events"):
        async with database.call(OWNER) as call:
            await commit(call)
    await emit(events, database, "fine")
