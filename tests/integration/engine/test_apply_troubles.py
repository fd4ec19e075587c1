"""What goes wrong in an apply: providers that lie, hang or break, edited plans, what was given up, and who is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from fakes.access import OWNER
from integration.engine.bench import INFO, OTHER, Bench, Stopped, StoppedOnce, Watching, make_bench
from roadbed.engine import records
from roadbed.engine.applying import patience, runner
from roadbed.engine.domain import Observed
from roadbed.engine.errors import ApplyFailed, ExportInUse, PlanChanged, StalePlan
from roadbed.kit.errors import InvalidInput, TooLarge
from roadbed.providers.driver import Actual, Desired, Report
from roadbed.sdk.testing.faults import LIES, Crash, Fault, FaultyProvider
from roadbed.storage.database import Database
from unit.engine.building import STACK, ref, resource, urn


@pytest.fixture
def bench(database: Database, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(patience, "FIRST_DELAY_S", 0.0001)
    return make_bench(database)


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie != "lie_changed"])
async def test_a_lie_about_a_creation_is_an_error_that_names_provider_and_type(bench: Bench, lie: Fault) -> None:
    bench.world.fail("a", lie, action="create")
    with pytest.raises(ApplyFailed, match="the provider 'test' broke the contract of test:Thing") as failed:
        await bench.apply(resource("a"))
    assert "key-of-" not in str(failed.value)
    assert (await bench.state())["a"].broken
    await bench.apply(resource("a"))
    assert len(bench.world.things) == 1
    assert not (await bench.state())["a"].broken


async def test_an_output_may_only_change_with_what_it_follows(bench: Bench) -> None:
    await bench.apply(resource("a", {"value": 1}))
    bench.world.fail("a", "lie_changed", action="update")
    with pytest.raises(ApplyFailed, match="'stable' changed by an update"):
        await bench.apply(resource("a", {"value": 2}))
    plan = await bench.apply(resource("a", {"value": 1}))
    assert [step.action for step in plan.steps] == ["update"]
    assert [thing.properties["value"] for thing in bench.world.things.values()] == [1]


@pytest.mark.parametrize("fault", ["hang", "hang_after"])
async def test_a_provider_that_hangs_times_out(bench: Bench, fault: Fault) -> None:
    bench.world.fail("a", fault)
    hanging = {**resource("a"), "options": {"timeouts": {"create": 0.05}}}
    with pytest.raises(ApplyFailed, match=r"test:Thing shop@dev/a timed out after 0\.05 s"):
        await bench.apply(hanging)
    await bench.apply(hanging)
    assert len(bench.world.things) == 1


async def test_a_provider_that_does_not_let_go_is_left_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It holds on when it is cancelled: the step has failed, what doesn't depend on it is made."""
    monkeypatch.setattr(patience, "GRACE_S", 0.01)
    freed = asyncio.Event()

    async def deaf(self: FaultyProvider, desired: Desired, report: Report) -> Actual:
        while desired.name == "a" and not freed.is_set():
            with suppress(asyncio.CancelledError):
                await freed.wait()
        return await create(self, desired, report)

    create = FaultyProvider.create
    monkeypatch.setattr(FaultyProvider, "create", deaf)
    hanging = {**resource("a"), "options": {"timeouts": {"create": 0.05}}}
    with pytest.raises(ApplyFailed, match=r"test:Thing shop@dev/a timed out after 0\.05 s"):
        await bench.apply(hanging, resource("b"))
    assert "does not end" in caplog.text
    state = await bench.state()
    assert (state["a"].broken, state["b"].broken) == (True, False)
    freed.set()
    await bench.apply(hanging, resource("b"))
    assert len(bench.world.things) == 2


async def test_a_provider_that_cancels_itself_has_failed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cancelling(self: FaultyProvider, desired: Desired, report: Report) -> Actual:
        raise asyncio.CancelledError

    monkeypatch.setattr(FaultyProvider, "create", cancelling)
    with pytest.raises(ApplyFailed, match="it cancelled itself"):
        await bench.apply(resource("a"))


async def test_a_bug_in_a_provider_is_an_error_in_words(bench: Bench) -> None:
    bench.world.fail("a", "bug")
    with pytest.raises(ApplyFailed, match="the provider of test:Thing shop@dev/a failed: RuntimeError"):
        await bench.apply(resource("a"))


@pytest.mark.parametrize("death", [SystemExit, KeyboardInterrupt])
async def test_what_would_end_the_server_ends_one_call(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, death: type[BaseException]
) -> None:
    async def dying(self: FaultyProvider, desired: Desired, report: Report) -> Actual:
        raise death

    monkeypatch.setattr(FaultyProvider, "create", dying)
    with pytest.raises(ApplyFailed, match=f"it raised {death.__name__}"):
        await bench.apply(resource("a"))


async def test_a_plan_that_was_edited_is_refused(bench: Bench) -> None:
    plan = await bench.plan(resource("a", {"value": "as planned"}))
    await bench.tampered("UPDATE plans SET body = replace(body::text, 'as planned', 'as edited')::json")
    with pytest.raises(PlanChanged, match="was changed after it was made"):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    assert bench.world.things == {}


@pytest.mark.parametrize("body", ["{}", "7", '{"steps": [{"urn": 7}]}'])
async def test_a_plan_that_was_edited_beyond_reading_is_refused_and_holds_up_no_other(bench: Bench, body: str) -> None:
    broken = await bench.plan(resource("a"))
    await bench.tampered(f"UPDATE plans SET body = '{body}'")
    with pytest.raises(PlanChanged, match="plan 1 of shop@dev was changed after it was made"):
        await bench.engine.apply(OWNER, INFO, broken.number, Watching())
    assert bench.world.things == {}
    await bench.tampered("UPDATE stacks SET applying = 1")
    with pytest.raises(StalePlan):
        await bench.apply(resource("a"))
    await bench.apply(resource("a"))
    assert len(bench.world.things) == 1


async def test_a_property_that_is_too_large_is_refused_at_its_line(bench: Bench) -> None:
    with pytest.raises(TooLarge, match="the properties of shop@dev/a#test:Thing are over") as refused:
        await bench.plan(resource("a", {"value": "x" * 3_000_000}))
    assert refused.value.problem.file == "thing.py"


async def test_what_was_begun_and_given_up_is_put_right_by_the_next_plan(bench: Bench) -> None:
    bench.world.fail("a", "crash_after")
    given_up = await bench.plan(resource("a"))
    with pytest.raises(Crash):
        await bench.engine.apply(OWNER, INFO, given_up.number, Watching())
    with pytest.raises(StalePlan):
        await bench.apply(resource("a", {"value": 1}))
    assert (await bench.state())["a"].broken
    await bench.apply(resource("a", {"value": 1}))
    assert [thing.properties for thing in bench.world.things.values()] == [{"value": 1}]


async def test_what_the_provider_was_never_asked_for_leaves_nothing(bench: Bench) -> None:
    number = resource("b", {"value": {"$call": ["number", ref("a")]}})
    with pytest.raises(ApplyFailed, match="number"):
        await bench.apply(resource("a"), number)
    assert (await bench.state()).keys() == {"a"}


async def test_who_did_not_see_the_end_is_told_it_again(bench: Bench) -> None:
    plan = await bench.apply(resource("a"))
    assert await bench.engine.apply(OWNER, INFO, plan.number, Watching()) == plan
    bench.world.fail("b", "error")
    failing = await bench.plan(resource("a"), resource("b"))
    told = []
    for _ in range(2):
        with pytest.raises(ApplyFailed) as failed:
            await bench.engine.apply(OWNER, INFO, failing.number, Watching())
        told.append(failed.value.to_dict())
    assert told[0] == told[1]


async def test_cancelled_nothing_more_begins_and_the_state_is_true(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_S", 0.001)
    chain = [resource(f"n{index}", after=(f"n{index - 1}",) if index else ()) for index in range(60)]
    plan = await bench.plan(*chain)
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching(stop_after=0))
    assert await bench.state() == {}
    again = await bench.plan(*chain)
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, again.number, Watching(stop_after=1))
    assert len(await bench.state()) == len(bench.world.things) < 60


async def test_cancelled_what_is_ready_and_waits_for_a_slot_does_not_begin(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TICK_S", 0.001)
    monkeypatch.setattr(runner, "CANCEL_PATIENCE_S", 0.05)
    bound = FaultyProvider.parallel
    names = [f"n{index}" for index in range(4 * bound)]
    for name in names:
        bench.world.fail(name, "hang", action="create")
    plan = await bench.plan(*map(resource, names))
    watching = StoppedOnce(running=bound)
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, watching)
    assert len(watching.begun) == bound
    assert (await bench.state()).keys() == set(watching.begun)
    async with bench.database.call(OWNER) as call:
        told = await records.journal_after(call.session, STACK, plan.number)
    assert {entry.urn for entry in told if entry.event == "began"} == set(map(urn, watching.begun))
    assert {entry.event for entry in told} == {"began", "failed"}


async def test_what_hangs_is_cut_off_when_the_apply_was_cancelled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "CANCEL_PATIENCE_S", 0.05)
    bench.world.fail("a", "hang_after", action="create")
    plan = await bench.plan(resource("a"), resource("b"))
    with pytest.raises(Stopped):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching(stop_after=1))
    assert (await bench.state())["a"].broken
    await bench.apply(resource("a"), resource("b"))
    assert len(bench.world.things) == 2
    assert not (await bench.state())["a"].broken


async def test_a_replacement_without_a_gap_stands_beside_the_old_one_until_that_goes(bench: Bench) -> None:
    await bench.apply(resource("a", {"place": "here"}, type="test:Twin"))
    bench.world.fail("a", "error", action="delete")
    with pytest.raises(ApplyFailed):
        await bench.apply(resource("a", {"place": "there"}, type="test:Twin"))
    rows = (await bench.state()).values()
    assert sorted((row.properties["place"], bool(row.deposed)) for row in rows) == [("here", True), ("there", False)]
    await bench.apply(resource("a", {"place": "there"}, type="test:Twin"))
    assert [thing.properties["place"] for thing in bench.world.things.values()] == ["there"]
    assert len(await bench.state()) == 1


async def test_another_stack_uses_what_is_exported_and_keeps_it_there(bench: Bench) -> None:
    await bench.apply(resource("a", {"value": 7}), exports={"key": ref("a", "key"), "value": ref("a", "value")})
    user = {
        "urn": "other@dev/b#test:Thing",
        "type": "test:Thing",
        "name": "b",
        "properties": {"value": {"$import": [STACK, "key"]}},
        "depends_on": [],
    }
    await bench.apply(user, info=OTHER)
    (key,) = [thing.properties["value"] for thing in bench.world.things.values() if thing.urn == user["urn"]]
    assert str(key).startswith("key-of-")
    with pytest.raises(ExportInUse, match="is used by other@dev"):
        await bench.apply(resource("a", {"value": 7}), exports={"value": ref("a", "value")})
    await bench.apply(info=OTHER)
    await bench.apply(resource("a", {"value": 7}), resource("c"), exports={"value": ref("a", "value")})


async def test_what_there_is_is_observed(bench: Bench) -> None:
    await bench.apply(resource("a", {"value": 1}), resource("b"), resource("c"))
    ids = {row.name: row.id for row in (await bench.state()).values()}
    bench.world.change(ids["a"], value=2)
    bench.world.remove(ids["b"])
    bench.world.fail("c", "error", action="read")
    seen = await bench.engine.observe(OWNER, INFO)
    assert seen[urn("a")].properties == {"value": 2}
    assert seen[urn("b")] == Observed(gone=True)
    assert seen[urn("c")].error == "the world refuses c"


async def test_what_is_there_is_imported_and_then_made_as_declared(bench: Bench) -> None:
    bench.world.add("there", value="old")
    declared = {**resource("a", {"value": "new"}), "options": {"import": "there"}}
    plan = await bench.apply(declared)
    assert [step.action for step in plan.steps] == ["import"]
    assert bench.world.things["there"].properties == {"value": "new"}
    with pytest.raises(InvalidInput, match="can't be imported"):
        await bench.plan(declared, {**resource("b"), "options": {"import": "nowhere"}})


async def test_a_resource_that_moves_takes_its_secrets_along(bench: Bench) -> None:
    await bench.apply(resource("a"), resource("user", {"value": ref("a", "key")}))
    moved = {**resource("z"), "options": {"aliases": [urn("a")]}}
    plan = await bench.apply(moved, resource("user", {"value": ref("z", "key")}))
    assert plan.summary["none"] == 2
    assert set(await bench.state()) == {"z", "user"}
    await bench.apply(moved, resource("user", {"value": {"$join": ["again ", ref("z", "key")]}}))
    assert any(str(thing.properties.get("value")).startswith("again key-of-") for thing in bench.world.things.values())
