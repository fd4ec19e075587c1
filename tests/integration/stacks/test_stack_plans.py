"""A module of the platform repo, planned, applied and destroyed through the door of stacks."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.applying import runner
from roadbed.engine.errors import PlanChanged, StalePlan
from roadbed.engine.schemas import plan_out
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.stacks import progress
from roadbed.stacks.domain import Wish
from stacks_kit import Scene
from waiting import until

TWO = "a = Resource('test:Thing', 'a', value=1)\nResource('test:Thing', 'b', value=a.id)\nexport('id', a.id)\n"


async def test_a_plan_is_applied_once_and_says_what_it_did(scene: Scene) -> None:
    scene.module("network", TWO)
    plan = await scene.plan("network@dev")
    assert (plan.number, plan.summary["create"]) == (1, 2)
    ended = await scene.ended(await scene.do("apply", "network@dev", 1))
    assert ended.state == "succeeded", ended.error
    result = dict(ended.result or {})
    assert result.pop("duration_s") >= 0
    assert result == {"stack": "network@dev", "plan": 1, "status": "succeeded", "summary": plan.summary}
    assert len(scene.world.things) == 2
    with pytest.raises(Conflict, match="was given to op_") as caught:
        await scene.do("apply", "network@dev", 1)
    assert caught.value.hint == f"see: roadbed ops show {ended.id}"
    assert ended.lock == "network@dev"


async def test_nothing_changed(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    plan = await scene.plan("network@dev", refresh=True)
    assert plan.empty
    assert ((await scene.apply("network@dev")).result or {})["status"] == "unchanged"


async def test_parts_of_a_stack(scene: Scene) -> None:
    await scene.apply("network@dev", TWO, targets=("a",))
    assert list(await scene.state("network@dev")) == ["a"]
    plan = await scene.plan("network@dev", replace=("a",))
    assert {step.name: step.action for step in plan.steps} == {"a": "replace", "b": "create"}
    with pytest.raises(InvalidInput, match="no resource of this stack"):
        await scene.plan("network@dev", targets=("nowhere",))


async def test_what_is_destroyed_keeps_its_history(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    ended = await scene.apply("network@dev", destroy=True)
    assert (ended.title, (ended.result or {})["status"]) == ("Destroy network@dev", "destroyed")
    assert (scene.world.things, await scene.state("network@dev")) == ({}, {})
    assert [entry.action for entry in await scene.do("history", "network@dev")] == ["apply", "apply"]


async def test_a_module_that_was_taken_out_can_still_be_destroyed(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    (scene.root / "modules" / "network" / "roadbed.py").unlink()
    with pytest.raises(NotFound):
        await scene.plan("network@dev")
    await scene.apply("network@dev", destroy=True)
    assert scene.world.things == {}


async def test_a_discarded_plan_and_a_stale_one(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    scene.module("network", TWO + "Resource('test:Thing', 'c')\n")
    first, second = await scene.plan("network@dev"), await scene.plan("network@dev")
    assert (await scene.do("stack", "network@dev")).plan == second.number
    await scene.do("discard", "network@dev", second.number)
    assert (await scene.do("stack", "network@dev")).plan == first.number
    with pytest.raises(Conflict, match="was discarded"):
        await scene.do("apply", "network@dev", second.number)
    await scene.apply("network@dev")
    assert (await scene.do("stack", "network@dev")).plan is None
    with pytest.raises(StalePlan):
        await scene.do("apply", "network@dev", first.number)


async def test_a_plan_that_becomes_stale_while_it_waits_fails(scene: Scene) -> None:
    scene.module("network", TWO)
    first, second = await scene.plan("network@dev"), await scene.plan("network@dev")
    asked = [await scene.do("apply", "network@dev", plan.number) for plan in (first, second)]
    ended = [await scene.ended(operation) for operation in asked]
    assert [operation.state for operation in ended] == ["succeeded", "failed"]
    assert (ended[1].error or {})["code"] == "stale_plan"


async def test_a_plan_that_somebody_edited_is_refused_at_once(scene: Scene) -> None:
    scene.module("network", TWO)
    plan = await scene.plan("network@dev")
    async with scene.control.database.session() as session:
        edited = "UPDATE plans SET body = replace(body::text, '\"value\":1', '\"value\":2')::json"
        await (await session.connection()).exec_driver_sql(edited)
    with pytest.raises(PlanChanged):
        await scene.do("apply", "network@dev", plan.number)


async def test_a_change_of_exports_alone_is_a_change(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    assert (await scene.plan("network@dev")).empty
    scene.module("network", TWO + "export('more', 'x')\nexport('key', a.key)\n")
    plan = await scene.plan("network@dev")
    shown = [(change["path"], change["after"], change["secret"]) for change in plan_out(plan).model_dump()["exports"]]
    assert (plan.empty, shown) == (False, [("key", {"$secret": True}, True), ("more", "x", False)])
    ended = await scene.apply("network@dev")
    assert (ended.result or {})["status"] == "succeeded"
    assert [item.name for item in await scene.do("outputs", "network@dev")] == ["id", "key", "more"]
    assert (await scene.plan("network@dev")).empty
    await scene.apply("network@dev", TWO)
    assert [item.name for item in await scene.do("outputs", "network@dev")] == ["id"]


async def test_progress_ends_with_its_operation(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken by an event: the net that looks by itself is taken away."""
    monkeypatch.setattr(progress, "_LOOK_AGAIN", None)
    scene.module("network", TWO)
    await scene.plan("network@dev")
    scene.world.fail("b", "error")
    operation = await scene.do("apply", "network@dev", 1)
    seen = [entry async for batch in await scene.do("progress", "network@dev", 1) for entry in batch.entries]
    assert (seen[-1].urn, seen[-1].event) == ("network@dev/b#test:Thing", "failed")
    assert (await scene.ended(operation)).state == "failed"


async def test_progress_ends_also_where_an_operation_left_its_stack_behind(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended without a word to the engine, and the state says still that the plan is being applied."""
    monkeypatch.setattr(progress, "_LOOK_AGAIN", 0.01)
    scene.module("network", TWO)
    await scene.plan("network@dev")
    scene.world.fail("b", "error")
    await scene.ended(await scene.do("apply", "network@dev", 1))
    async with scene.control.database.session() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE stacks SET applying = 1")
        await connection.exec_driver_sql("DELETE FROM stack_history")
    seen = [entry async for batch in await scene.do("progress", "network@dev", 1) for entry in batch.entries]
    assert seen[-1].event == "failed"
    (view,) = await scene.do("plans", "network@dev")
    assert view.state == "failed"


async def test_progress_says_all_and_can_be_taken_up_anywhere(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    seen: list[Any] = []
    async for batch in await scene.do("progress", "network@dev", 1):
        seen += [entry for entry in batch.entries if entry.event != "began"]  # which only what takes a while is
    a, b = (f"network@dev/{name}#test:Thing" for name in "ab")
    assert [(entry.urn, entry.do, entry.event) for entry in seen] == [
        (a, "create", "succeeded"),
        (b, "create", "succeeded"),
    ]
    rest = [
        entry async for batch in await scene.do("progress", "network@dev", 1, seen[0].id) for entry in batch.entries
    ]
    assert rest[-1] == seen[1]
    assert seen[0] not in rest


async def test_progress_of_a_plan_that_was_cancelled_before_it_began_ends(scene: Scene) -> None:
    scene.module("network", TWO)
    await scene.plan("network@dev")
    await scene.control.worker.close()
    operation = await scene.do("apply", "network@dev", 1)
    await scene.control.cancel(operation.id)
    assert [batch async for batch in await scene.do("progress", "network@dev", 1)] == []


async def test_an_application_is_compiled_anew_and_forgotten_when_it_is_destroyed(scene: Scene) -> None:
    urn = "orders@dev/a#test:Thing"
    resource: dict[str, Any] = {
        "urn": urn,
        "type": "test:Thing",
        "name": "a",
        "properties": {},
        "depends_on": [],
        "source": None,
    }
    scene.applications.documents["orders@dev"] = {"version": 1, "stack": "orders@dev", "resources": [resource]}
    await scene.apply("orders@dev")
    detail = await scene.do("stack", "orders@dev")
    assert (detail.kind, detail.release, detail.resources) == ("application", "v3", 1)
    assert [item.kind for item in await scene.do("stacks")] == ["application"]
    await scene.apply("orders@dev", destroy=True)
    assert scene.applications.forgotten == ["orders@dev"]


async def test_the_list_of_plans_says_what_became_of_each(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    await scene.plan("network@dev")  # 2: nothing would change
    scene.module("network", TWO.replace("value=1", "value=2"))
    await scene.plan("network@dev", targets=("a",))  # 3: will be stale
    await scene.plan("network@dev")  # 4: discarded
    await scene.do("discard", "network@dev", 4)
    scene.world.fail("a", "error")
    await scene.plan("network@dev")  # 5: fails
    assert (await scene.ended(await scene.do("apply", "network@dev", 5))).state == "failed"
    scene.world.heal()
    await scene.plan("network@dev", destroy=True)  # 6
    found = await scene.do("plans", "network@dev")
    states = {view.number: view.state for view in found}
    assert states == {6: "open", 5: "failed", 4: "discarded", 3: "stale", 2: "stale", 1: "applied"}
    assert [view.number for view in found] == [6, 5, 4, 3, 2, 1]
    last, applied = found[0], found[-1]
    assert (last.summary["delete"], last.wish, last.ended_at) == (2, Wish(destroy=True), None)
    assert (applied.summary["create"], applied.ended_by) == (2, applied.created_by)
    assert found[3].wish.targets == ("a",)
    assert [view.number for view in await scene.do("plans", "network@dev", 2)] == [6, 5]


async def test_the_list_knows_what_waits_and_what_was_cancelled_before_it_began(scene: Scene) -> None:
    scene.module("network", TWO)
    await scene.plan("network@dev")
    await scene.control.worker.close()
    operation = await scene.do("apply", "network@dev", 1)
    (view,) = await scene.do("plans", "network@dev")
    assert (view.state, view.operation) == ("queued", operation.id)
    await scene.control.cancel(operation.id)
    (view,) = await scene.do("plans", "network@dev")
    assert view.state == "cancelled"


async def test_history_counts_what_was_done(scene: Scene) -> None:
    scene.module("network", TWO + "Resource('test:Thing', 'c', value=1)\n")
    plan = await scene.plan("network@dev")
    scene.world.fail("b", "error")
    assert (await scene.ended(await scene.do("apply", "network@dev", plan.number))).state == "failed"
    assert (await scene.do("stack", "network@dev")).failed == 1
    (entry,) = await scene.do("history", "network@dev")
    assert (plan.summary["create"], entry.outcome, entry.summary["create"]) == (3, "failed", 2)
    assert "error" in entry.summary


async def test_a_cancelled_apply_is_told_as_such(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CANCEL_PATIENCE_S", 0)
    scene.module("network", TWO)
    await scene.plan("network@dev")
    scene.world.fail("a", "hang")
    operation = await scene.do("apply", "network@dev", 1)
    await until(lambda: applying(scene))
    await scene.control.cancel(operation.id)
    assert (await scene.ended(operation)).state == "cancelled"
    (view,) = await scene.do("plans", "network@dev")
    assert view.state == "cancelled"
    assert [entry.outcome for entry in await scene.do("history", "network@dev")] == ["cancelled"]


async def applying(scene: Scene) -> bool:
    return bool((await scene.do("stack", "network@dev")).applying)


async def test_names_that_stand_for_nothing(scene: Scene) -> None:
    scene.module("network", TWO)
    with pytest.raises(NotFound) as caught:
        await scene.plan("netwrok@dev")
    assert caught.value.hint == "did you mean 'network@dev'?"
    with pytest.raises(NotFound, match="no environment 'nowhere'"):
        await scene.plan("network@nowhere")
    with pytest.raises(InvalidInput, match="is not a stack"):
        await scene.plan("network")
    with pytest.raises(NotFound, match="has no plan 7") as caught:
        await scene.do("get_plan", "network@dev", 7)
    assert caught.value.hint == "see: roadbed stack plans network@dev"
