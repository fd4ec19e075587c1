"""Drift: found on demand and by the schedule, by one server of several, and reported, planned or healed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from roadbed.control.domain import Operation
from roadbed.engine.domain import Change
from roadbed.kit.clock import FixedClock
from roadbed.stacks.operations import APPLY, DRIFT
from roadbed.storage.database import Database
from stacks_kit import Scene, make_scene

PROGRAM = "Resource('test:Thing', 'a', value=1)\nResource('test:Thing', 'b')\nResource('test:Thing', 'c')\n"
EVERY = "  dev: {{kind: development, drift: {{every: 30m, action: {}}}}}\n  quiet: {{kind: test}}\n"


async def drifted(scene: Scene) -> None:
    await scene.apply("network@dev", PROGRAM)
    scene.world.change(scene.thing("a").id, value=2)
    scene.world.remove(scene.thing("b").id)


async def operations(scene: Scene, kind: str) -> list[Operation]:
    """All of a kind, ended, the oldest first."""
    async with scene.control.database.call(scene.control.principal) as call:
        found = await scene.control.operations.list(call, kind=kind)
    return [await scene.ended(operation) for operation in reversed(found.items)]


async def test_a_scan_reports_by_property_and_changes_nothing(scene: Scene) -> None:
    await scene.apply("network@dev", PROGRAM)
    assert (await scene.do("drift", "network@dev")).at is None
    scene.world.change(scene.thing("a").id, value=2)
    scene.world.remove(scene.thing("b").id)
    scene.world.fail("c", "error", action="read")
    ended = await scene.ended(await scene.do("scan", "network@dev"))
    assert ended.lock is None
    counts = {"read": 3, "changed": 1, "gone": 1, "unreadable": 1}
    assert ended.result == {"stack": "network@dev", "status": "drifted", **counts, "plan": None, "operation": None}
    report = await scene.do("drift", "network@dev")
    assert [(item.name, item.state) for item in report.items] == [("a", "changed"), ("b", "gone"), ("c", "unreadable")]
    assert Change("value", 1, 2) in report.items[0].changes
    assert not report.stale
    (row,) = await scene.do("stacks")
    assert (row.drift.changed, row.drift.gone, row.drift.unreadable, row.drift.stale) == (1, 1, 1, False)


async def test_a_report_says_nothing_of_a_state_that_came_after_it(scene: Scene) -> None:
    await drifted(scene)
    await scene.ended(await scene.do("scan", "network@dev"))
    await scene.apply("network@dev", refresh=True)
    (row,), detail = await scene.do("stacks"), await scene.do("stack", "network@dev")
    assert (await scene.do("drift", "network@dev")).stale
    assert (row.drift.stale, detail.drift.stale) == (True, True)
    await scene.ended(await scene.do("scan", "network@dev"))
    (row,) = await scene.do("stacks")
    assert (row.drift.changed, row.drift.gone, row.drift.stale) == (0, 0, False)


async def test_the_schedule_asks_once_however_many_servers(scene: Scene) -> None:
    scene.environments(EVERY.format("report"))
    await scene.apply("network@dev", PROGRAM)
    await scene.apply("network@quiet", PROGRAM)
    asked = await asyncio.gather(*(scene.schedule.ask() for _ in range(5)))
    assert sorted(asked) == [[], [], [], [], ["network@dev"]]
    (scan,) = await operations(scene, DRIFT)
    assert (scan.requested_by, (scan.result or {})["status"]) == ("system:drift", "clean")
    detail = await scene.do("stack", "network@dev")
    assert (detail.drift_every, detail.drift_action) == (timedelta(minutes=30), "report")


async def test_it_asks_again_when_the_time_has_come(database: Database, home: Path) -> None:
    clock = FixedClock()
    scene = make_scene(database, home, clock=clock)
    await scene.start()
    scene.environments(EVERY.format("report"))
    await scene.apply("network@dev", PROGRAM)
    for minutes, asked in ((0, ["network@dev"]), (29, []), (1, ["network@dev"]), (1, [])):
        clock.at += timedelta(minutes=minutes)
        assert await scene.schedule.ask() == asked
    await operations(scene, DRIFT)
    await scene.stop()


async def test_a_plan_is_left_for_people_to_decide(scene: Scene) -> None:
    scene.environments(EVERY.format("plan"))
    await drifted(scene)
    await scene.schedule.ask()
    (scan,) = await operations(scene, DRIFT)
    number = (scan.result or {})["plan"]
    report, detail = await scene.do("drift", "network@dev"), await scene.do("stack", "network@dev")
    assert (report.plan, detail.plan) == (number, number)
    plan = await scene.do("get_plan", "network@dev", number)
    assert plan.created_by == "system:drift"
    assert {step.name: step.action for step in plan.changing} == {"a": "update", "b": "create"}
    assert len(await operations(scene, APPLY)) == 1


async def test_one_plan_waits_however_often_the_same_drift_is_found(database: Database, home: Path) -> None:
    clock = FixedClock()
    scene = make_scene(database, home, clock=clock)
    await scene.start()
    scene.environments(EVERY.format("plan"))
    await drifted(scene)

    async def found() -> list[int | None]:
        clock.at += timedelta(minutes=30)
        await scene.schedule.ask()
        return [(scan.result or {})["plan"] for scan in await operations(scene, DRIFT)]

    await found()
    first, second = await found()
    assert first is not None
    assert first == second
    scene.world.change(scene.thing("a").id, value=3)
    *_, other = await found()
    assert other == first + 1
    await scene.do("discard", "network@dev", other)
    assert (await found())[-1] == other + 1
    await scene.stop()


async def test_bytes_that_no_text_holds_are_a_drift_like_any_other(scene: Scene) -> None:
    await scene.apply("network@dev", PROGRAM)
    scene.world.change(scene.thing("a").id, value="a\0b")
    ended = await scene.ended(await scene.do("scan", "network@dev"))
    assert (ended.state, (ended.result or {})["changed"]) == ("succeeded", 1)
    (row,) = await scene.do("stacks")
    assert row.drift.changed == 1
    assert (await scene.ended(await scene.do("refresh", "network@dev"))).state == "succeeded"
    await scene.do("stack", "network@dev")
    await scene.apply("network@dev")
    assert scene.thing("a").properties["value"] == 1


async def test_healing_applies_no_edit_that_nobody_has_applied(scene: Scene) -> None:
    scene.environments(EVERY.format("heal"))
    await drifted(scene)
    scene.module("network", PROGRAM + "Resource('test:Thing', 'edited', value=1)\n")
    await scene.schedule.ask()
    (scan,) = await operations(scene, DRIFT)
    assert ((scan.result or {})["plan"], (scan.result or {})["operation"]) == (2, None)
    assert len(await operations(scene, APPLY)) == 1
    assert "not healed: the program of network@dev was edited" in (await scene.control.log(scan.id))[-1]


async def test_healing_brings_the_world_back(scene: Scene) -> None:
    scene.environments(EVERY.format("heal"))
    await drifted(scene)
    await scene.schedule.ask()
    (scan,) = await operations(scene, DRIFT)
    heal = (await operations(scene, APPLY))[-1]
    assert (scan.result or {})["operation"] == heal.id
    assert (heal.state, heal.requested_by, heal.lock) == ("succeeded", "system:drift", "network@dev")
    assert scene.thing("a").properties["value"] == 1
    assert (await scene.plan("network@dev", refresh=True)).empty
    assert "stack.apply" in scene.control.audit.actions
