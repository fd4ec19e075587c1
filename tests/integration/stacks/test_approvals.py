"""Approvals: a plan waits for those who must want it, too, and is applied as it is stored, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from control_kit import steps
from roadbed.approvals.views import ApprovalView
from roadbed.control.domain import Operation
from roadbed.engine.errors import StalePlan
from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal, Role
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import Conflict, NotFound, Refused
from roadbed.policy.domain import Approvals, Verdict
from roadbed.stacks.operations import APPLY
from roadbed.storage.database import Database
from stacks_kit import Scene, make_scene

pytestmark = pytest.mark.slow

A = "Resource('test:Thing', 'a', value=1)\n"
B = A + "Resource('test:Thing', 'b')\n"


def person(name: str, role: Role) -> Principal:
    return Principal("user", name, grants=(Grant(role),))


BOB, CARL, DORA = person("bob", "operator"), person("carl", "owner"), person("dora", "developer")
ROBOT = Principal("service", "ci", grants=(Grant("operator"),))


def ask(scene: Scene, rule: str, more: str = "") -> None:
    scene.environments(f"  dev: {{kind: development, approvals: {rule}{more}}}\n")


async def prepared(database: Database, home: Path, clock: FixedClock | None = None) -> Scene:
    scene = make_scene(database, home, authorise=Authoriser().authorise, clock=clock)
    scene.people.known |= {one.name: one for one in (BOB, CARL, DORA)}
    ask(scene, "{count: 1, role: operator}")
    await scene.start()
    return scene


@pytest.fixture
async def scene(database: Database, home: Path) -> AsyncIterator[Scene]:
    made = await prepared(database, home)
    yield made
    await made.stop()


async def waits(scene: Scene, program: str = A) -> tuple[Operation, ApprovalView]:
    """An apply that waits for approval, asked for by olga."""
    scene.module("network", program)
    plan = await scene.plan("network@dev")
    operation = await scene.do("apply", "network@dev", plan.number)
    parked = await scene.control.state(operation.id, "waiting")
    return parked, await of(scene, operation)


async def of(scene: Scene, operation: Operation) -> ApprovalView:
    async with scene.control.database.call(scene.control.principal) as call:
        (found,) = await scene.approvals.approvals(call, operation=operation.id)
        return found


async def decide(scene: Scene, what: str, view: ApprovalView, by: Principal, comment: str = "") -> Any:
    async with scene.control.database.call(by) as call:
        return await getattr(scene.approvals, what)(call, view.approval.id, *([comment] if what != "again" else []))


async def test_a_plan_waits_and_is_applied_when_it_was_approved(scene: Scene) -> None:
    operation, view = await waits(scene)
    assert (view.approval.asked_by, view.approval.plan, view.stale) == ("user:olga", 1, False)
    assert steps(operation).keys() == {"approve", "apply"}
    assert "1 approval by an operator (environment dev)" in (operation.steps[0].message or "")
    assert not scene.world.things
    assert (await scene.do("plans", "network@dev"))[0].state == "waiting"
    (need,) = (await scene.do("get_plan", "network@dev", 1)).needs
    assert (need.count, need.role) == (1, "operator")

    assert (await decide(scene, "approve", view, BOB, "looks right")).approval.state == "approved"
    assert (await scene.ended(operation)).state == "succeeded"
    assert [thing.urn for thing in scene.world.things.values()] == ["network@dev/a#test:Thing"]
    assert {"approval.ask", "approval.decide"} <= set(scene.control.audit.actions)


async def test_who_may_not_decide_does_not(scene: Scene) -> None:
    _, view = await waits(scene)
    with pytest.raises(Refused, match="user:olga asked for"):
        await decide(scene, "approve", view, scene.control.principal or BOB)
    with pytest.raises(Refused, match="that takes the role operator"):
        await decide(scene, "approve", view, DORA)
    with pytest.raises(Refused, match="a person decides"):
        await decide(scene, "approve", view, ROBOT)
    with pytest.raises(NotFound):
        await decide(scene, "approve", view, Principal("user", "eve"))


async def test_a_refusal_ends_it_with_its_comment(scene: Scene) -> None:
    operation, view = await waits(scene)
    assert (await decide(scene, "refuse", view, BOB, "not before Monday")).again
    ended = await scene.ended(operation)
    assert ended.error is not None
    assert ended.error["code"] == "approval_refused"
    assert "not before Monday" in ended.error["detail"]
    assert not scene.world.things
    with pytest.raises(Conflict, match="refused already"):
        await decide(scene, "approve", view, CARL)


async def test_two_who_approve_at_once_count_twice_and_one_once(scene: Scene) -> None:
    ask(scene, "{count: 2, role: operator}")
    operation, view = await waits(scene)
    await decide(scene, "approve", view, BOB)
    with pytest.raises(Conflict, match=r"approved .* already"):
        await decide(scene, "approve", view, BOB)
    assert (await of(scene, operation)).left[0].count == 1
    assert (await scene.control.get(operation.id)).state == "waiting"
    await decide(scene, "approve", view, CARL)
    assert (await scene.ended(operation)).state == "succeeded"


async def test_of_two_last_approvals_at_the_same_time_the_apply_begins_once(scene: Scene) -> None:
    operation, view = await waits(scene)
    both = await asyncio.gather(*(decide(scene, "approve", view, who) for who in (BOB, CARL)), return_exceptions=True)
    assert sorted(isinstance(one, Conflict) for one in both) == [False, True]
    assert (await scene.ended(operation)).state == "succeeded"


async def test_an_approver_without_the_role_counts_no_more(scene: Scene) -> None:
    ask(scene, "{count: 2, role: operator}")
    operation, view = await waits(scene)
    await decide(scene, "approve", view, BOB)
    scene.people.known["bob"] = person("bob", "viewer")
    await decide(scene, "approve", view, CARL)
    assert (await scene.control.get(operation.id)).state == "waiting"
    assert (await of(scene, operation)).left[0].count == 1
    scene.people.known["bob"] = BOB
    scene.people.known["ed"] = ed = person("ed", "operator")
    await decide(scene, "approve", view, ed)
    assert (await scene.ended(operation)).state == "succeeded"


async def test_a_plan_that_became_stale_is_refused_and_planned_again(scene: Scene) -> None:
    await applied(scene, A)
    operation, view = await waits(scene, B)
    async with scene.control.database.call(BOB) as call:
        await scene.stacks.forget(call, "network@dev", ["a"])
    with pytest.raises(StalePlan) as caught:
        await decide(scene, "approve", view, BOB)
    assert view.approval.id in (caught.value.hint or "")
    assert await scene.reminding.end_stale() == [view.approval.id]
    assert ((await scene.ended(operation)).error or {})["code"] == "stale_plan"
    now = await of(scene, operation)
    assert (now.approval.state, now.again) == ("stale", True)

    again = await decide(scene, "again", view, CARL)
    await scene.control.state(again.id, "waiting")
    await decide(scene, "approve", await of(scene, again), BOB)
    assert (await scene.ended(again)).state == "succeeded"


async def applied(scene: Scene, program: str) -> None:
    operation, view = await waits(scene, program)
    await decide(scene, "approve", view, BOB)
    assert (await scene.ended(operation)).state == "succeeded"


async def test_one_that_waits_can_be_cancelled_and_then_not_approved(scene: Scene) -> None:
    operation, view = await waits(scene)
    await scene.control.cancel(operation.id)
    assert (await scene.ended(operation)).state == "cancelled"
    with pytest.raises(Conflict, match="cancelled already"):
        await decide(scene, "approve", view, BOB)
    assert not scene.world.things


async def test_a_finding_may_pass_by_approval(scene: Scene) -> None:
    scene.environments("  dev: {kind: development}\n")
    urn = "network@dev/a#test:Thing"
    scene.policies.say(Verdict("open", "mandatory", urn, "it is open", "close it", approvals=Approvals(1, "owner")))
    operation, view = await waits(scene)
    assert [need.because for need in view.approval.needs] == ["policy open"]
    with pytest.raises(Refused):
        await decide(scene, "approve", view, BOB)
    await decide(scene, "approve", view, CARL)
    assert (await scene.ended(operation)).state == "succeeded"


async def test_what_waits_survives_the_server(database: Database, home: Path) -> None:
    scene = await prepared(database, home)
    operation, view = await waits(scene)
    await scene.stop()
    later = await prepared(database, home)
    try:
        await decide(later, "approve", view, BOB)
        assert (await later.ended(operation)).state == "succeeded"
    finally:
        await later.stop()


async def test_people_are_reminded_once_in_a_while(database: Database, home: Path) -> None:
    clock = FixedClock()
    scene = await prepared(database, home, clock)
    try:
        ask(scene, "{count: 1, role: operator, remind: 1h}")
        _, view = await waits(scene)
        assert await scene.reminding.remind() == []
        clock.at += timedelta(hours=1)
        found = await asyncio.gather(scene.reminding.remind(), scene.reminding.remind())
        assert sorted(found) == [[], [view.approval.id]], "one server of several"
        assert await scene.reminding.remind() == []
    finally:
        await scene.stop()


async def test_what_heals_asks_nobody(scene: Scene) -> None:
    await applied(scene, A)
    ask(scene, "{count: 1, role: operator}", ", drift: {every: 30m, action: heal}")
    scene.world.remove(next(iter(scene.world.things)))
    await scene.schedule.ask()
    async with scene.control.database.call(scene.control.principal) as call:
        found = (await scene.control.operations.list(call, kind="stack.drift")).items
    for one in found:
        await scene.ended(one)
    async with scene.control.database.call(scene.control.principal) as call:
        healed = (await scene.control.operations.list(call, kind=APPLY)).items[0]
    assert (await scene.ended(healed)).state == "succeeded"
    assert healed.requested_by == "system:drift"
    assert len(scene.world.things) == 1
