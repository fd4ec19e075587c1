"""A module of the platform repo, planned, applied and destroyed through the door of stacks."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from stacks_kit import Scene

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
    with pytest.raises(Conflict, match="was given to op_"):
        await scene.do("apply", "network@dev", 1)
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
    stale = await scene.ended(await scene.do("apply", "network@dev", first.number))
    assert (stale.state, (stale.error or {})["code"]) == ("failed", "stale_plan")


async def test_progress_says_all_and_can_be_taken_up_anywhere(scene: Scene) -> None:
    await scene.apply("network@dev", TWO)
    seen: list[Any] = []
    async for batch in await scene.do("progress", "network@dev", 1):
        seen += batch.entries
    a, b = (f"network@dev/{name}#test:Thing" for name in "ab")
    assert [(entry.urn, entry.do, entry.event) for entry in seen] == [
        (a, "create", "intent"),
        (a, "create", "succeeded"),
        (b, "create", "intent"),
        (b, "create", "succeeded"),
    ]
    rest = [
        entry async for batch in await scene.do("progress", "network@dev", 1, seen[1].id) for entry in batch.entries
    ]
    assert rest == seen[2:]


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


async def test_names_that_stand_for_nothing(scene: Scene) -> None:
    scene.module("network", TWO)
    with pytest.raises(NotFound) as caught:
        await scene.plan("netwrok@dev")
    assert caught.value.hint == "did you mean 'network@dev'?"
    with pytest.raises(NotFound, match="no environment 'nowhere'"):
        await scene.plan("network@nowhere")
    with pytest.raises(InvalidInput, match="is not a stack"):
        await scene.plan("network")
    with pytest.raises(NotFound, match="has no plan 7"):
        await scene.do("get_plan", "network@dev", 7)
