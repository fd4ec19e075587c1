"""A provider's slots: never more calls than it bears, none lost, and no time counted for those that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.applying import patience
from roadbed.engine.applying.patience import patiently
from roadbed.engine.applying.slots import NotBegun, Place, Slots
from roadbed.engine.errors import TimedOut
from roadbed.providers.driver import Report


async def _ignored(text: str) -> None: ...


@given(bound=st.integers(1, 4), cancelled=st.lists(st.booleans(), min_size=1, max_size=12), turns=st.integers(0, 3))
def test_never_more_at_a_time_than_the_bound_and_no_slot_is_lost(
    bound: int, cancelled: Sequence[bool], turns: int
) -> None:
    async def scenario() -> None:
        slots, running, most = Slots(bound), 0, 0

        async def call() -> None:
            nonlocal running, most
            place = Place(slots)
            await place.enter()
            running += 1
            most = max(most, running)
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
            finally:
                running -= 1
                place.leave()

        tasks = [asyncio.create_task(call()) for _ in cancelled]
        await asyncio.sleep(0)
        for task, end in zip(tasks, cancelled, strict=True):
            if end:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert most <= bound
        for _ in range(bound):  # each of them can be had again, at once
            await asyncio.wait_for(slots.take(), 5)

    asyncio.run(scenario())


async def test_a_slot_that_was_handed_to_somebody_who_gave_up_goes_to_the_next() -> None:
    slots = Slots(1)
    await slots.take()
    first, second = asyncio.create_task(slots.take()), asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    slots.give_back()
    first.cancel()
    await second
    assert first.cancelled()


async def test_those_that_wait_are_sent_away_and_those_that_have_begun_stay() -> None:
    slots = Slots(1)
    begun, other = Place(slots), Place(slots)
    await begun.enter()
    begun.leave()
    await other.enter()
    fresh = asyncio.create_task(Place(slots).enter())
    next_call = asyncio.create_task(begun.enter())
    await asyncio.sleep(0)
    slots.send_away()
    with pytest.raises(NotBegun):
        await fresh
    other.leave()
    await next_call


async def test_what_may_not_begin_gives_its_slot_back() -> None:
    slots = Slots(1)

    async def refuse() -> None:
        raise NotBegun

    with pytest.raises(NotBegun):
        await Place(slots, refuse).enter()
    await asyncio.wait_for(slots.take(), 5)


async def test_only_the_first_call_at_a_place_begins() -> None:
    begun: list[str] = []

    async def begin() -> None:
        begun.append("begun")

    place = Place(Slots(1), begin)
    for _ in range(3):
        await place.enter()
        place.leave()
        place.leave()
    assert begun == ["begun"]


async def test_the_time_of_a_call_begins_with_its_slot() -> None:
    """The second one has waited far longer than it may take, and has all of its time left."""
    slots, release = Slots(1), asyncio.Event()

    async def long(report: Report) -> str:
        await release.wait()
        return "first"

    async def short(report: Report) -> str:
        return "second"

    first = asyncio.create_task(patiently("first", long, _ignored, Place(slots)))
    await asyncio.sleep(0)
    second = asyncio.create_task(patiently("second", short, _ignored, Place(slots), limit=0.001))
    await asyncio.sleep(0.05)
    assert not second.done()
    release.set()
    assert await first == "first"
    assert await second == "second"


async def test_a_call_that_does_not_let_go_loses_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "GRACE_S", 0.01)
    slots, release = Slots(1), asyncio.Event()

    async def stubborn(report: Report) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async def next_one(report: Report) -> str:
        return "served"

    with pytest.raises(TimedOut):
        await patiently("stubborn", stubborn, _ignored, Place(slots), limit=0.01)
    assert await patiently("next", next_one, _ignored, Place(slots)) == "served"
    release.set()
    await asyncio.sleep(0)  # what was left behind ends, and gives back nothing that isn't its own
    await asyncio.sleep(0)
    await slots.take()
    waiting = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
