"""Secrets that are set for a module: what a plan makes of them, and where they never turn up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from fakes.access import OWNER
from roadbed.engine.errors import StalePlan
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from stacks_kit import Scene
from waiting import until

NETWORK = "network@dev"
PROGRAM = "Resource('test:Thing', 'a', value=['user', secret('TOKEN')])\n"
FIRST, SECOND = "hunter2-the-first", "hunter2-the-second"


@pytest.fixture(autouse=True)
def module(scene: Scene) -> None:
    scene.module("network", PROGRAM)


async def set_secret(scene: Scene, value: str, name: str = "TOKEN", stack: str = NETWORK) -> bool:
    return bool(await scene.do("set_secret", stack, name, value))


async def names(scene: Scene, stack: str = NETWORK) -> list[str]:
    return [one.name for one in await scene.do("secrets", stack)]


async def database_text(scene: Scene) -> str:
    """Every row of every table."""
    async with scene.control.database.session() as session:
        found = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        rows = [await session.scalars(text(f'SELECT t::text FROM "{table}" t')) for table in found]
        return "\n".join(row for some in rows for row in some)


def changed(plan: Any) -> dict[str, tuple[str, list[tuple[str, bool]]]]:
    return {step.name: (step.action, [(one.path, one.secret) for one in step.changes]) for step in plan.steps}


async def test_a_value_goes_into_the_world_and_nowhere_else(scene: Scene) -> None:
    assert await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    assert scene.thing("a").properties["value"] == ["user", FIRST]
    (shown,) = await scene.do("secrets", NETWORK)
    assert (shown.name, shown.set_by) == ("TOKEN", str(OWNER))
    assert FIRST not in await database_text(scene)
    assert FIRST not in repr((shown, scene.control.audit.entries))


async def test_a_value_that_is_set_anew_is_a_change(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    assert not await set_secret(scene, FIRST)
    assert (await scene.plan(NETWORK)).empty
    assert await set_secret(scene, SECOND)
    assert changed(await scene.plan(NETWORK)) == {"a": ("update", [("value", True)])}
    await scene.apply(NETWORK)
    assert scene.thing("a").properties["value"] == ["user", SECOND]
    assert await set_secret(scene, FIRST)
    assert await set_secret(scene, SECOND)
    assert (await scene.plan(NETWORK)).empty, "the same value under another id"


async def test_what_was_planned_before_is_stale(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    plan = await scene.plan(NETWORK)
    await set_secret(scene, SECOND)
    with pytest.raises(StalePlan):
        await scene.do("apply", NETWORK, plan.number)
    assert scene.world.things == {}


async def test_a_name_that_nothing_is_set_under_is_told_with_its_place(scene: Scene) -> None:
    scene.module("network", PROGRAM + "Resource('test:Thing', 'b', value=secret('TOKN'))\n")
    await set_secret(scene, FIRST)
    with pytest.raises(InvalidInput) as refused:
        await scene.plan(NETWORK)
    assert (refused.value.problem.file, refused.value.problem.line) == ("modules/network/roadbed.py", 3)
    assert refused.value.message == "network@dev has no secret 'TOKN'"
    assert refused.value.hint == "did you mean 'TOKEN'? If not, set it: roadbed stack secrets network@dev set TOKN"


async def test_one_stack_knows_nothing_of_anothers(scene: Scene) -> None:
    await set_secret(scene, FIRST, stack="network@prod")
    with pytest.raises(InvalidInput, match="network@dev has no secret 'TOKEN'"):
        await scene.plan(NETWORK)
    assert (await names(scene), await names(scene, "network@prod")) == ([], ["TOKEN"])


async def test_unset(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    await scene.do("unset_secret", NETWORK, "TOKEN")
    assert await names(scene) == []
    assert scene.thing("a").properties["value"] == ["user", FIRST]
    with pytest.raises(InvalidInput, match="has no secret 'TOKEN'"):
        await scene.plan(NETWORK)
    with pytest.raises(NotFound) as missing:
        await scene.do("unset_secret", NETWORK, "TOKEN")
    assert missing.value.hint == "see: roadbed stack secrets network@dev"


async def test_history_audit_and_events_tell_names(scene: Scene) -> None:
    events = scene.control.events.subscribe()
    await set_secret(scene, FIRST)
    await scene.do("unset_secret", NETWORK, "TOKEN")
    told = [(one.action, one.summary) for one in await scene.do("history", NETWORK)]
    assert told == [("secrets", {"unset": ["TOKEN"]}), ("secrets", {"set": ["TOKEN"]})]
    noted = [(one.action, one.target, one.detail) for one in scene.control.audit.entries]
    assert noted == [
        ("secret.seal", "stack network@dev", {"set": ["TOKEN"]}),
        ("secret.seal", "stack network@dev", {"unset": ["TOKEN"]}),
    ]
    async for event in events:
        assert (event.type, event.subject) == ("stack.changed", "stack:network@dev")
        break


async def test_what_is_destroyed_keeps_its_secrets(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    await scene.apply(NETWORK, destroy=True)
    assert await names(scene) == ["TOKEN"]
    await scene.apply(NETWORK)
    assert scene.thing("a").properties["value"] == ["user", FIRST]


async def test_a_destroy_needs_no_secret(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    await scene.do("unset_secret", NETWORK, "TOKEN")
    await scene.apply(NETWORK, destroy=True)
    assert scene.world.things == {}


async def test_an_export_takes_none_along_and_an_import_leaves_them(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    document = json.loads(json.dumps(dict(await scene.do("export", NETWORK))))
    assert FIRST not in json.dumps(document)
    (held,) = await scene.do("secrets", NETWORK)
    assert held.sealed not in json.dumps(document)
    await scene.do("import_", NETWORK, document, replace=True)
    assert await scene.do("secrets", NETWORK) == [held]
    assert (await scene.plan(NETWORK)).empty


async def test_a_move_takes_none_along(scene: Scene) -> None:
    """The same value, set there, is no change."""
    await set_secret(scene, FIRST)
    await scene.apply(NETWORK)
    scene.module("network", "")
    scene.module("shared", PROGRAM)
    await scene.do("move", NETWORK, ["a"], "shared@dev")
    assert (await names(scene), await names(scene, "shared@dev")) == (["TOKEN"], [])
    with pytest.raises(InvalidInput, match="shared@dev has no secret 'TOKEN'"):
        await scene.plan("shared@dev")
    await set_secret(scene, FIRST, stack="shared@dev")
    assert changed(await scene.plan("shared@dev")) == {"a": ("none", [])}
    assert (await scene.plan(NETWORK)).empty


async def test_none_is_set_while_a_plan_is_applied(scene: Scene) -> None:
    await set_secret(scene, FIRST)
    plan = await scene.plan(NETWORK)
    scene.world.fail("a", "hang")
    operation = await scene.do("apply", NETWORK, plan.number)
    await until(lambda: scene.world.calls, what="the creation")
    for method, arguments in (("set_secret", ("TOKEN", SECOND)), ("unset_secret", ("TOKEN",))):
        with pytest.raises(Conflict, match="plan 1 of network@dev is being applied"):
            await scene.do(method, NETWORK, *arguments)
    assert (await scene.control.get(operation.id)).state == "running"


async def test_an_applications_are_set_with_it(scene: Scene) -> None:
    scene.applications.documents["orders@dev"] = {"version": 1, "stack": "orders@dev", "resources": []}
    for method, arguments in (("secrets", ()), ("set_secret", ("TOKEN", FIRST)), ("unset_secret", ("TOKEN",))):
        with pytest.raises(InvalidInput, match="is the stack of an application") as refused:
            await scene.do(method, "orders@dev", *arguments)
        assert refused.value.hint == "see: roadbed config orders --environment dev"


async def test_names_that_no_program_can_say(scene: Scene) -> None:
    for name in ("", "two words", "a/b", "a=b", "-a", "x" * 129, "tab\tbed", "n\0l"):
        with pytest.raises(InvalidInput, match="can't be the name of a secret"):
            await set_secret(scene, FIRST, name=name)
    assert await scene.do("stacks") == []
