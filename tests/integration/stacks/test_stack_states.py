"""States as people handle them: looked into, exported, imported, moved, forgotten, refreshed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from roadbed.engine.errors import StalePlan
from roadbed.engine.known import output_context
from roadbed.kit.errors import Conflict, InvalidInput
from roadbed.sdk.testing.faults import key_of
from roadbed.secrets.service import Secrets
from stacks_kit import Scene
from waiting import until

THREE = """
with Component('acme:Box', 'box') as box:
    a = Resource('test:Thing', 'a', value=1)
    b = Resource('test:Thing', 'b', value=a.id)
c = Resource('test:Thing', 'c')
export('plain', c.id)
export('secret', a.key)
"""
A, B, C = (f"network@dev/{path}#test:Thing" for path in ("box/a", "box/b", "c"))
BOX = "network@dev/box#acme:Box"


def opened(sealed: str, urn: str) -> str:
    return Secrets(bytes(32)).open(sealed, context=output_context(urn, "key"))


async def test_what_is_shown_holds_no_secret(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    key = key_of(scene.thing("a"))
    (row,) = await scene.do("stacks")
    assert (row.stack, row.kind, row.resources, row.applying, row.drift) == ("network@dev", "module", 4, None, None)
    outputs = {item.name: (item.value, item.secret) for item in await scene.do("outputs", "network@dev")}
    assert outputs == {"plain": (scene.thing("c").id, False), "secret": (None, True)}
    shown = [await scene.do("resources", "network@dev"), await scene.do("history", "network@dev")]
    assert key not in repr(shown)
    assert (await scene.state("network@dev"))["a"].secret_outputs == ["key"]


async def test_who_uses_an_export(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    await scene.apply("web@dev", "Resource('test:Thing', 'x', value=stack('network@dev')['plain'])\n")
    outputs = {item.name: item.consumers for item in await scene.do("outputs", "network@dev")}
    assert outputs == {"plain": ("web@dev",), "secret": ()}


async def test_what_became_of_a_resource(scene: Scene) -> None:
    await scene.apply("network@dev", "Resource('test:Thing', 'a', value=1)\n")
    await scene.apply("network@dev", "Resource('test:Thing', 'a', value=2)\n")
    await scene.apply("network@dev", "")
    found = await scene.do("versions", "network@dev", "network@dev/a#test:Thing")
    said = [(one.plan, one.do, [(change.before, change.after) for change in one.changes]) for one in found]
    assert said == [(3, "delete", [(2, None)]), (2, "update", [(1, 2)]), (1, "create", [(None, 1)])]


async def test_an_export_is_imported_again_as_it_was(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    document = json.loads(json.dumps(dict(await scene.do("export", "network@dev"))))
    assert key_of(scene.thing("a")) not in json.dumps(document)
    with pytest.raises(Conflict, match="has 4 resources already"):
        await scene.do("import_", "network@dev", document)
    before = await scene.state("network@dev")
    taken = await scene.do("import_", "network@dev", document, replace=True)
    assert (taken.resources, await scene.state("network@dev")) == (4, before)
    assert (await scene.plan("network@dev", refresh=True)).empty
    assert {item.name for item in await scene.do("outputs", "network@dev")} == {"plain", "secret"}


async def test_a_state_that_was_tampered_with_changes_nothing(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    document = dict(await scene.do("export", "network@dev"))
    rows = {row["urn"]: row for row in document["resources"]}
    rows[C]["sealed"] = rows[A]["sealed"]
    with pytest.raises(InvalidInput, match="secret output 'key' of network@dev/c"):
        await scene.do("import_", "network@dev", document, replace=True)
    assert (await scene.plan("network@dev")).empty


async def test_a_plan_from_before_an_import_is_stale(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    plan = await scene.plan("network@dev")
    await scene.do("import_", "network@dev", await scene.do("export", "network@dev"), replace=True)
    with pytest.raises(StalePlan):
        await scene.do("apply", "network@dev", plan.number)


async def test_a_component_moves_to_another_stack_with_its_secrets(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    scene.module("other", THREE.partition("c =")[0])
    moved = await scene.do("move", "network@dev", ["box"], "other@dev")
    new = {was: was.replace("network@", "other@") for was in (A, B, BOX)}
    assert moved == new
    document = await scene.do("export", "other@dev")
    sealed = {row["urn"]: row["sealed"] for row in document["resources"]}
    assert opened(sealed[new[A]]["key"], new[A]) == key_of(scene.thing("a"))
    calls = len(scene.world.calls)
    assert (await scene.plan("other@dev")).summary["none"] == 3
    assert not (await scene.plan("other@dev")).changing
    assert [item for item in scene.world.calls[calls:] if item[0] != "read"] == []
    assert [entry.action for entry in await scene.do("history", "other@dev")] == ["move"]


async def test_what_is_depended_upon_does_not_move_alone(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    scene.module("other", "")
    with pytest.raises(Conflict) as caught:
        await scene.do("move", "network@dev", ["a"], "other@dev")
    assert caught.value.problems[0].message == f"{B} depends on what is to be moved, and stays"
    assert len(await scene.state("network@dev")) == 4


async def test_another_name_in_the_same_stack(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    await scene.do("move", "network@dev", ["c"], "network@dev/web/d")
    scene.module("network", THREE.replace("c = Resource('test:Thing', 'c')", "").replace("c.id", "box"))
    assert set(await scene.state("network@dev")) == {"a", "b", "box", "d"}


async def test_what_is_forgotten_stays_in_the_world(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    with pytest.raises(Conflict, match=f"{B} depends on what is to be forgotten"):
        await scene.do("forget", "network@dev", ["a"])
    assert await scene.do("forget", "network@dev", ["a"], force=True) == [A]
    assert await scene.do("forget", "network@dev", ["box"]) == [BOX, B]
    assert list(await scene.state("network@dev")) == ["c"]
    assert len(scene.world.things) == 3


async def test_a_refresh_believes_the_world(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    scene.world.change(scene.thing("c").id, value=7)
    scene.world.remove(scene.thing("b").id)
    scene.world.fail("a", "error", action="read")
    effects = scene.world.effects
    ended = await scene.ended(await scene.do("refresh", "network@dev"))
    assert dict(ended.result or {}) == {
        "stack": "network@dev",
        "status": "succeeded",
        "changed": 1,
        "gone": 1,
        "unreadable": 1,
    }
    assert ended.lock == "network@dev"
    state = await scene.state("network@dev")
    assert (set(state), state["c"].properties["value"]) == ({"a", "box", "c"}, 7)
    assert scene.world.effects == effects
    plan = await scene.plan("network@dev")
    assert {step.name: step.action for step in plan.changing} == {"b": "create", "c": "update"}
    assert [entry.action for entry in await scene.do("history", "network@dev")] == ["refresh", "apply"]


async def test_nothing_is_changed_under_an_apply(scene: Scene) -> None:
    await scene.apply("network@dev", THREE)
    scene.module("network", THREE + "Resource('test:Thing', 'slow')\n")
    scene.world.fail("slow", "hang")
    plan = await scene.plan("network@dev")
    operation = await scene.do("apply", "network@dev", plan.number)

    async def applying() -> bool:
        return bool((await scene.do("stack", "network@dev")).applying)

    await until(applying, what="the apply")
    document = await scene.do("export", "network@dev")
    attempts: list[Any] = [
        ("forget", ["c"], {}),
        ("move", ["c"], {"to": "network@dev/d"}),
        ("import_", document, {"replace": True}),
    ]
    for method, argument, options in attempts:
        with pytest.raises(Conflict, match=f"plan {plan.number} of network@dev is being applied"):
            await scene.do(method, "network@dev", argument, **options)
    await scene.control.cancel(operation.id)


async def test_moves_to_each_other_do_not_lock_up(scene: Scene) -> None:
    await scene.apply("network@dev", "Resource('test:Thing', 'a')\n")
    await scene.apply("other@dev", "Resource('test:Thing', 'b')\n")
    await asyncio.gather(
        scene.do("move", "network@dev", ["a"], "other@dev"), scene.do("move", "other@dev", ["b"], "network@dev")
    )
    assert (list(await scene.state("network@dev")), list(await scene.state("other@dev"))) == (["b"], ["a"])
