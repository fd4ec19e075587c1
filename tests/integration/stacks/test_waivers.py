"""Waivers: what lets a finding pass, for exactly what, until when, and no moment longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadbed.engine.errors import PolicyRefused
from roadbed.identity.authorisation import Authoriser
from roadbed.kit.access import Grant, Principal, Role
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Refused
from roadbed.policy.domain import Verdict
from roadbed.storage.database import Database
from roadbed.waivers.domain import Waiver
from stacks_kit import Scene, make_scene

PROGRAM = "Resource('test:Thing', 'a')\nResource('test:Thing', 'b')\n"
A, B = (f"network@dev/{name}#test:Thing" for name in "ab")
WHY = "the supplier mends it by March"


def person(name: str, role: Role) -> Principal:
    return Principal("user", name, grants=(Grant(role),))


ADA, BOB = person("ada", "developer"), person("bob", "operator")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def scene(database: Database, home: Path, clock: FixedClock) -> AsyncIterator[Scene]:
    made = make_scene(database, home, authorise=Authoriser().authorise, clock=clock)
    await made.start()
    made.environments("  dev: {kind: development}\n  prod: {kind: production}\n")
    made.module("network", PROGRAM)
    made.policies.say(Verdict("closed", "mandatory", A, "it is open", "close it"))
    yield made
    await made.stop()


async def do(scene: Scene, method: str, *arguments: Any, by: Principal = ADA) -> Any:
    async with scene.control.database.call(by) as call:
        return await getattr(scene.waivers, method)(call, *arguments)


async def waived(scene: Scene, clock: FixedClock, subject: str, days: int = 14) -> Waiver:
    one = await do(scene, "request", "closed", subject, WHY, clock.now() + timedelta(days=days))
    approved: Waiver = await do(scene, "approve", one.id, "until March then", by=BOB)
    return approved


async def verdict(scene: Scene, number: int) -> Verdict:
    found: Verdict = (await scene.do("get_plan", "network@dev", number)).verdicts[0]
    return found


async def test_it_acts_on_a_plan_that_there_is_and_stops_by_itself(scene: Scene, clock: FixedClock) -> None:
    plan = await scene.plan("network@dev")
    with pytest.raises(PolicyRefused):
        await scene.do("apply", "network@dev", plan.number)
    assert (await scene.do("plans", "network@dev"))[0].state == "refused"
    one = await waived(scene, clock, A)
    seen = await verdict(scene, plan.number)
    assert (seen.waived_by, seen.waived_until, seen.refuses) == (one.id, one.until, False)
    assert (await scene.do("plans", "network@dev"))[0].state == "open"
    (standing,) = (await scene.do("policy_report")).policies
    assert (standing.findings, standing.waived) == (1, 1)

    clock.at = one.until
    assert (await verdict(scene, plan.number)).refuses
    assert (await scene.do("plans", "network@dev"))[0].state == "refused"
    with pytest.raises(PolicyRefused):
        await scene.do("apply", "network@dev", plan.number)


async def test_a_plan_made_under_it_is_refused_as_its_apply_begins(scene: Scene, clock: FixedClock) -> None:
    one = await waived(scene, clock, "network@dev")
    plan = await scene.plan("network@dev")
    assert plan.verdicts[0].waived_by == one.id
    await scene.control.worker.close()
    operation = await scene.do("apply", "network@dev", plan.number)
    await do(scene, "revoke", one.id, "mended otherwise", by=BOB)
    await scene.control.worker.start(grace=0)
    ended = await scene.ended(operation)
    assert (ended.error or {})["code"] == "policy_refused"
    assert not scene.world.things


async def test_it_lets_a_plan_be_applied(scene: Scene, clock: FixedClock) -> None:
    await scene.plan("network@dev")
    await waived(scene, clock, "network")
    await scene.apply("network@dev")
    assert len(scene.world.things) == 2


@pytest.mark.parametrize(("subject", "acts"), [(A, True), ("network@dev", True), ("network", True), (B, False)])
async def test_it_acts_on_exactly_what_it_is_for(scene: Scene, clock: FixedClock, subject: str, acts: bool) -> None:
    plan = await scene.plan("network@dev")
    await waived(scene, clock, subject)
    assert (await verdict(scene, plan.number)).refuses is not acts


async def test_who_asked_does_not_decide_and_who_has_no_right_neither(scene: Scene, clock: FixedClock) -> None:
    await scene.plan("network@dev")
    until = clock.now() + timedelta(days=3)
    mine = await do(scene, "request", "closed", A, WHY, until, by=BOB)
    with pytest.raises(Refused, match="another person decides"):
        await do(scene, "approve", mine.id, by=BOB)
    with pytest.raises(Refused, match="role operator"):
        await do(scene, "approve", mine.id, by=ADA)
    with pytest.raises(Refused, match="a person decides"):
        await do(scene, "approve", mine.id, by=Principal("service", "ci", grants=(Grant("owner"),)))
    with pytest.raises(Refused, match="role developer"):
        await do(scene, "request", "closed", A, WHY, until, by=person("eve", "viewer"))
    hers = await do(scene, "request", "closed", B, WHY, until)
    await do(scene, "revoke", hers.id, by=ADA)
    with pytest.raises(Conflict, match="revoked already"):
        await do(scene, "approve", hers.id, by=BOB)


async def test_what_is_wrong_with_a_wish_is_said(scene: Scene, clock: FixedClock) -> None:
    await scene.plan("network@dev")
    soon = clock.now() + timedelta(days=1)
    wrong: list[tuple[tuple[str, str, str, datetime | None], type[Exception], str, str]] = [
        (("closed", A, WHY, None), InvalidInput, "must have an end", "--days"),
        (("closed", A, WHY, clock.now()), InvalidInput, "in the past", "--days"),
        (
            ("closed", A, WHY, clock.now() + timedelta(days=181)),
            InvalidInput,
            "180 days at most",
            "ask until 2026-06-30",
        ),
        (("closed", A, "pls", soon), InvalidInput, "says why", "nothing else"),
        (("close", A, WHY, soon), NotFound, "no policy 'close'", "'closed'"),
        (("closed", A.replace("/a", "/aa"), WHY, soon), NotFound, "no resource", f"'{A}'"),
        (("closed", "netwrk@dev", WHY, soon), NotFound, "no stack", "network@dev"),
        (("closed", "netwrk", WHY, soon), NotFound, "no application", "'network'"),
        (("closed", "network@dve", WHY, soon), NotFound, "environment", "dev"),
        (("closed", "Net work", WHY, soon), InvalidInput, "not a valid name", ""),
    ]
    for arguments, kind, message, hint in wrong:
        with pytest.raises(kind) as caught:
            await do(scene, "request", *arguments)
        assert message in str(caught.value), arguments
        assert hint in (getattr(caught.value, "hint", "") or ""), arguments
    assert await do(scene, "waivers") == []


async def test_one_that_ends_soon_is_announced_once(scene: Scene, clock: FixedClock) -> None:
    await scene.plan("network@dev")
    one = await waived(scene, clock, A, days=10)
    assert await scene.announcing.announce() == []
    clock.at += timedelta(days=4)
    assert await scene.announcing.announce() == [one.id]
    assert await scene.announcing.announce() == []
    actions = scene.control.audit.actions
    assert [actions.count(name) for name in ("waiver.request", "waiver.decide", "waiver.announce")] == [1, 1, 1]


async def test_it_waits_for_who_decides_and_later_for_who_asked(scene: Scene, clock: FixedClock) -> None:
    await scene.plan("network@dev")
    one = await do(scene, "request", "closed", A, WHY, clock.now() + timedelta(days=14))
    with pytest.raises(Conflict, match=f"user:ada asked for that already: {one.id}"):
        await do(scene, "request", "closed", A, WHY, clock.now() + timedelta(days=3))
    assert await do(scene, "awaiting", by=ADA) == []
    assert [each.id for each in await do(scene, "awaiting", by=BOB)] == [one.id]

    await do(scene, "approve", one.id, by=BOB)
    assert await do(scene, "awaiting", by=ADA) == await do(scene, "awaiting", by=BOB) == []
    clock.at = one.until - timedelta(days=2)
    assert [each.id for each in await do(scene, "awaiting", by=ADA)] == [one.id]
    assert await do(scene, "awaiting", by=person("vic", "viewer")) == []
    clock.at = one.until
    assert await do(scene, "awaiting", by=ADA) == []
