"""Applies that end in the middle, by somebody's wish or a mistake: nothing is leaked, doubled, or left half done."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from fakes.access import OWNER
from integration.engine.bench import INFO, Bench, Stopped, StoppedOnce, Watching, make_bench
from roadbed.control.errors import Superseded
from roadbed.engine import records, repository
from roadbed.engine.applying import patience, runner
from roadbed.engine.applying.rows import Writer
from roadbed.engine.errors import ApplyFailed
from roadbed.kit.errors import OperationFailed
from roadbed.kit.text import REPLACEMENT
from roadbed.providers.driver import Actual, Desired, Report
from roadbed.sdk.testing.faults import Crash, FaultyProvider
from roadbed.storage.database import Database
from unit.engine.building import STACK, resource, urn


@pytest.fixture
def bench(database: Database, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(patience, "FIRST_DELAY_S", 0.0001)
    monkeypatch.setattr(runner, "TICK_S", 0.001)
    return make_bench(database)


async def applying(bench: Bench) -> int | None:
    async with bench.database.call(OWNER) as call:
        row = await repository.stack(call.session, STACK)
    return row.applying if row else None


def things(bench: Bench) -> Counter[str]:
    return Counter(thing.urn for thing in bench.world.things.values())


def without_success(write: Any) -> Any:
    async def broken(self: Writer, connection: Any, entries: Any, at: Any) -> None:
        if any(entry.event == "succeeded" for entry in entries):
            raise TypeError("a mistake")
        await write(self, connection, entries, at)

    return broken


async def test_what_a_dead_attempt_had_begun_is_told_when_the_next_one_is_cancelled(bench: Bench) -> None:
    bench.world.fail("b", "crash_after")
    plan = await bench.plan(resource("a"), resource("b", after=("a",)), resource("c", after=("b",)))
    with pytest.raises(Crash):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching(stop_after=0))
    state = await bench.state()
    assert (state["b"].broken, "c" in state, await applying(bench)) == (True, False, None)
    await bench.apply(resource("a"), resource("b", after=("a",)), resource("c", after=("b",)))
    assert things(bench) == Counter(urn(name) for name in "abc")


async def test_what_stood_in_the_way_of_a_creation_that_was_cut_off_is_told_too(bench: Bench) -> None:
    """It was to be deleted first: either it is there still, or the new one in its place."""
    for dies in ("crash_before", "crash_after"):
        for do in ("delete", "create"):
            bench.world.fail("c", "lost_error", action="create")
            with pytest.raises(ApplyFailed):
                await bench.apply(resource("c", {"place": "here"}))
            plan = await bench.plan(resource("c", {"place": "there"}))
            bench.world.fail("c", dies, action=do)
            with pytest.raises(Crash):
                await bench.engine.apply(OWNER, INFO, plan.number, Watching())
            with pytest.raises(Stopped):
                await bench.engine.apply(OWNER, INFO, plan.number, Watching(stop_after=0))
            await bench.apply(resource("c", {"place": "there"}))
            (thing,) = bench.world.things.values()
            assert thing.properties["place"] == "there"
            await bench.apply()
            assert not bench.world.things


async def test_cancelled_before_anything_was_done_it_was_never_begun(bench: Bench) -> None:
    plan = await bench.plan(resource("a"))
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching(stop_after=0))
    assert await applying(bench) is None
    await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    assert (await bench.state()).keys() == {"a"}


async def test_a_mistake_of_ours_ends_the_apply_and_leaves_a_true_state(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal can't write the outcomes of what was done."""
    names = [f"n{index}" for index in range(30)]
    plan = await bench.plan(*map(resource, names))
    monkeypatch.setattr(Writer, "write", without_success(Writer.write))
    with pytest.raises(TypeError):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    monkeypatch.undo()
    made = {thing.urn for thing in bench.world.things.values()}
    assert made
    assert await applying(bench) is None
    state = await bench.state()
    assert made <= {row.urn for row in state.values()}
    assert all(row.broken for row in state.values())
    with pytest.raises(ApplyFailed, match="a mistake in the platform ended this apply"):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    await bench.apply(*map(resource, names))
    assert things(bench) == Counter(map(urn, names))


async def test_what_the_history_counts_was_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A creation whose outcome could not be written is none that was done."""
    plan = await bench.plan(resource("a"))
    monkeypatch.setattr(Writer, "write", without_success(Writer.write))
    with pytest.raises(TypeError):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    async with bench.database.call(OWNER) as call:
        (line,) = await records.history(call.session, STACK)
    assert (line.outcome, line.summary.get("create", 0)) == ("failed", 0)


async def test_a_replacement_that_has_begun_is_ended_when_somebody_cancels(bench: Bench) -> None:
    names = [f"n{index}" for index in range(3 * FaultyProvider.parallel)]
    await bench.apply(*(resource(name, {"place": "here"}) for name in names))
    moved = [resource(name, {"place": "there"}) for name in names]
    plan = await bench.plan(*moved)
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, StoppedOnce(running=3))
    assert things(bench) == Counter(map(urn, names))
    places = Counter(thing.properties["place"] for thing in bench.world.things.values())
    assert places["there"] >= 3
    await bench.apply(*moved)
    assert Counter(thing.properties["place"] for thing in bench.world.things.values()) == {"there": len(names)}


async def test_of_many_replacements_few_are_without_both_at_a_time(bench: Bench) -> None:
    names = [f"n{index}" for index in range(8 * FaultyProvider.parallel)]
    await bench.apply(*(resource(name, {"place": "here"}) for name in names))
    before = len(bench.world.effects)
    await bench.apply(*(resource(name, {"place": "there"}) for name in names))
    missing = most = 0
    for effect in bench.world.effects[before:]:
        missing += {"delete": 1, "create": -1}.get(effect.do, 0)
        most = max(most, missing)
    assert most <= runner.PREPARED * FaultyProvider.parallel


@pytest.mark.parametrize("text", ["a NUL \0 in it", "half of a pair \ud800 in it"])
async def test_an_error_that_can_not_be_stored_is_told_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    create = FaultyProvider.create

    async def refuse(self: FaultyProvider, desired: Desired, report: Report) -> Actual:
        if desired.name == "bad":
            await report(text)
            raise OperationFailed(text, hint=text)
        return await create(self, desired, report)

    monkeypatch.setattr(FaultyProvider, "create", refuse)
    with pytest.raises(ApplyFailed, match=f"in it|{REPLACEMENT}"):
        await bench.apply(resource("bad"), *(resource(f"n{index}") for index in range(8)))
    state = await bench.state()
    assert {name for name, row in state.items() if not row.broken} == {f"n{index}" for index in range(8)}


async def test_what_the_world_shows_can_be_stored(bench: Bench) -> None:
    await bench.apply(resource("a", {"value": "fine"}))
    (thing,) = bench.world.things.values()
    bench.world.change(thing.id, value="a\0b")
    found = await bench.engine.observe(OWNER, INFO)
    (seen,) = found.values()
    assert seen.properties is not None
    assert seen.properties["value"] == f"a{REPLACEMENT}b"


async def test_another_worker_that_took_it_over_is_left_alone(bench: Bench) -> None:
    """This one ends nothing: it goes on elsewhere."""

    class Late(Watching):
        async def flush(self) -> None:
            if self.ended_all:
                raise Superseded

    bench.world.fail("b", "hang")
    plan = await bench.plan(resource("a"), resource("b", after=("a",)))
    with pytest.raises(Superseded):
        await asyncio.wait_for(bench.engine.apply(OWNER, INFO, plan.number, Late()), 30)
    assert await applying(bench) == plan.number
