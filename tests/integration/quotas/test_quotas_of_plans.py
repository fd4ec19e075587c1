"""Quotas of a team over its stacks: at the plan, and again as an apply begins; in a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fakes.access import OWNER, allow
from fakes.audit import FakeAudit
from fakes.provider import FakeWorld
from fakes.watching import Silent
from integration.engine.bench import INFO, OTHER, make_engine
from roadbed.control.events import Events
from roadbed.engine.domain import Plan
from roadbed.engine.errors import ApplyFailed, PolicyRefused
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.engine.states import States
from roadbed.estimates.service import Estimates
from roadbed.kit.access import Principal
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import StackName
from roadbed.platform.service import Platform
from roadbed.policy.service import Policies
from roadbed.providers.driver import Actual, Desired, Report
from roadbed.quotas.domain import Standing
from roadbed.quotas.policy import counted_policies
from roadbed.quotas.service import Quotas
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from unit.engine.building import document, resource

pytestmark = pytest.mark.slow

STRANGERS = StackInfo(StackName.parse("theirs@dev"), "group:default/others", "development")
HEAD = "apiVersion: roadbed.dev/v1\nkind: Quotas\nask: '#platform'\n"
THREE = 'default:\n  kinds:\n    development: {resources: {"test:Thing": 3}}\n'


@dataclass
class SlowWorld(FakeWorld):
    """What is made in it is there once `go` is set; `begun` is set when something is being made."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, desired: Desired, report: Report) -> Actual:
        self.begun.set()
        await self.go.wait()
        return await super().create(desired, report)


@dataclass
class Shop:
    """Two stacks of one team, and one of another."""

    database: Database
    engine: Engine
    quotas: Quotas
    folder: Path

    def write(self, text: str) -> None:
        (self.folder / "quotas.yaml").write_text(HEAD + text, encoding="utf-8")

    async def plan(self, info: StackInfo, *names: str, **more: Any) -> Plan:
        stack = str(info.name)
        things = [_of(stack, resource(name, {"value": 1})) for name in names]
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(info, {**document(*things), "stack": stack}, **more))

    async def apply(self, info: StackInfo, plan: Plan) -> Plan:
        return await self.engine.apply(OWNER, info, plan.number, Silent())

    async def hold(self, info: StackInfo, *names: str) -> None:
        await self.apply(info, await self.plan(info, *names))

    async def standings(self, *wanted: str | None, by: Principal = OWNER) -> Sequence[Standing]:
        async with self.database.call(by) as call:
            return await self.quotas.standings(call, *wanted)


def _of(stack: str, thing: Mapping[str, Any]) -> dict[str, Any]:
    return {**thing, "urn": thing["urn"].replace("shop@dev", stack)}


def make(database: Database, home: Path, world: FakeWorld) -> Shop:
    platform = Platform(home, allow)
    states = States(allow, FakeAudit(), Events(database), FixedClock())  # type: ignore[arg-type]  # stands in
    quotas = Quotas(allow, platform, states, _groups, world.types, Estimates(allow, platform))
    engine = make_engine(database, world, judging=Policies(allow, platform, counted_policies(quotas)))
    return Shop(database, engine, quotas, platform.folder)


async def _groups(call: Call) -> Collection[str]:
    return frozenset({"group:default/shops", "group:default/others"})


@pytest.fixture
async def shop(database: Database, home: Path) -> Shop:
    made = make(database, home, FakeWorld())
    await Platform(home, allow).ensure_repository()
    for file in (made.folder / "policies").iterdir():
        file.unlink()
    made.write(THREE)
    return made


def said(plan: Plan) -> list[tuple[str, str, str]]:
    return [(one.policy, one.level, one.message) for one in plan.verdicts]


async def test_what_a_team_has_in_all_its_stacks_counts_and_what_others_have_does_not(shop: Shop) -> None:
    await shop.hold(OTHER, "a", "b")
    await shop.hold(STRANGERS, "c", "d", "e")
    fits = await shop.plan(INFO, "x")
    assert said(fits) == [
        (
            "quota",
            "advisory",
            "test:Thing of shops in dev: 2 used, 1 more asked for, 3 allowed (100% of it then)",
        )
    ]
    breaks = await shop.plan(INFO, "x", "y")
    (verdict,) = breaks.verdicts
    assert (verdict.level, verdict.pack, verdict.message) == (
        "mandatory",
        "built-in",
        "test:Thing of shops in dev: 2 used, 2 more asked for, 3 allowed",
    )
    assert verdict.remedy == (
        "ask for less, or free some; most of it has other@dev (2); #platform can raise it: quotas.yaml:6"
    )
    assert str(verdict.source) == "thing.py:7"
    with pytest.raises(PolicyRefused, match="2 more asked for"):
        await shop.apply(INFO, breaks)


async def test_what_is_there_is_not_asked_for_again_and_what_goes_is_given_back(shop: Shop) -> None:
    await shop.hold(INFO, "a", "b")
    assert said(await shop.plan(INFO, "a", "b")) == []
    assert not (await shop.plan(INFO, "a", "b", "c")).refusals
    assert not (await shop.plan(INFO, "c", "d", "e")).refusals
    assert (await shop.plan(INFO, "b", "c", "d", "e")).refusals
    await shop.hold(INFO)
    assert not (await shop.plan(OTHER, "a", "b", "c")).refusals


async def test_a_plan_for_a_part_counts_that_part(shop: Shop) -> None:
    await shop.hold(INFO, "a", "b")
    part = await shop.plan(INFO, "a", "b", "c", "d", "e", targets=("c",))
    assert not part.refusals
    assert (await shop.plan(INFO, "a", "b", "c", "d", targets=("c", "d"))).refusals


async def test_of_two_plans_that_break_it_together_the_second_apply_is_refused(shop: Shop) -> None:
    first, second = await shop.plan(INFO, "a", "b"), await shop.plan(OTHER, "c", "d")
    assert not first.refusals
    assert not second.refusals
    await shop.apply(INFO, first)
    with pytest.raises(PolicyRefused, match="2 used, 2 more asked for, 3 allowed"):
        await shop.apply(OTHER, second)
    await shop.hold(INFO, "a")
    await shop.apply(OTHER, second)


async def test_of_two_applies_at_once_one_is_refused(shop: Shop) -> None:
    plans = [(info, await shop.plan(info, "a", "b")) for info in (INFO, OTHER)]
    ended = await asyncio.gather(*(shop.apply(*one) for one in plans), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["Plan", "PolicyRefused"]


async def test_what_is_being_made_right_now_counts_already(shop: Shop, database: Database, home: Path) -> None:
    world = SlowWorld()
    slow = make(database, home, world)
    plan, other = await slow.plan(INFO, "a", "b"), await slow.plan(OTHER, "c", "d")
    applying = asyncio.create_task(slow.apply(INFO, plan))
    await world.begun.wait()
    with pytest.raises(PolicyRefused):
        await slow.apply(OTHER, other)
    assert (await slow.plan(OTHER, "c", "d")).refusals
    (standing,) = await slow.standings("shops", "dev")
    assert [(line.of, line.used) for line in standing.lines] == [("test:Thing", 2)]
    world.go.set()
    await applying


async def test_what_failed_is_counted_as_it_is(shop: Shop, database: Database, home: Path) -> None:
    world = FakeWorld()
    failing = make(database, home, world)
    world.before["b"] = [RuntimeError("no")] * 10
    with pytest.raises(ApplyFailed):
        await failing.hold(INFO, "a", "b")
    (standing,) = await failing.standings("shops", "dev")
    assert standing.lines[0].used in (1, 2)  # a creation of which nobody knows may have left something


async def test_a_policy_like_any_other_is_configured_and_turned_off(shop: Shop) -> None:
    policies = shop.folder / "policies" / "policies.yaml"
    policies.write_text(
        "apiVersion: roadbed.dev/v1\nkind: Policies\npolicies:\n  quota: {level: advisory, config: {near: 50}}\n"
    )
    assert [verdict.level for verdict in (await shop.plan(INFO, "a", "b")).verdicts] == ["advisory"]
    assert [verdict.level for verdict in (await shop.plan(INFO, "a", "b", "c", "d")).verdicts] == ["advisory"]
    policies.write_text("apiVersion: roadbed.dev/v1\nkind: Policies\npolicies:\n  quota: {off: true}\n")
    assert said(await shop.plan(INFO, "a", "b", "c", "d")) == []


async def test_a_file_that_cannot_be_read_stops_planning_with_its_place(shop: Shop) -> None:
    shop.write("default: {replicsa: 3}\n")
    with pytest.raises(InvalidInput) as caught:
        await shop.plan(INFO, "a")
    assert (caught.value.problem.file, caught.value.problem.line) == ("quotas.yaml", 4)
    assert caught.value.hint == "did you mean 'replicas'?"


async def test_without_a_file_nothing_is_limited(shop: Shop) -> None:
    (shop.folder / "quotas.yaml").unlink()
    assert said(await shop.plan(INFO, *"abcdefgh")) == []


async def test_how_teams_stand(shop: Shop) -> None:
    await shop.hold(INFO, "a", "b")
    await shop.hold(STRANGERS, "c")
    shown = [
        (one.team, one.environment, [(line.of, line.used) for line in one.lines]) for one in await shop.standings()
    ]
    assert shown == [
        ("group:default/others", "dev", [("test:Thing", 1)]),
        ("group:default/shops", "dev", [("test:Thing", 2)]),
    ]
    (one,) = await shop.standings("shops", "dev")
    assert [(user.stack, user.used) for user in one.lines[0].users] == [("shop@dev", 2)]
    with pytest.raises(NotFound) as caught:
        await shop.standings("shosp")
    assert caught.value.hint == "did you mean 'shops'?"
    with pytest.raises(NotFound, match="there is no environment"):
        await shop.standings("shops", "dve")


PRICES = """\
apiVersion: roadbed.dev/v1
kind: Prices
currency: EUR
prices: {}
types:
  test:Thing: {month: 20, source: ours, date: "2026-01-01"}
"""


async def test_a_budget_over_all_stacks_of_a_team(shop: Shop) -> None:
    (shop.folder / "prices.yaml").write_text(PRICES)
    shop.write("default: {budget: 50}\n")
    await shop.hold(OTHER, "a")
    assert said(await shop.plan(INFO, "x")) == [
        (
            "budget",
            "advisory",
            "budget of shops in dev: 20.00 EUR spent, 20.00 EUR more asked for, 50.00 EUR allowed by the month "
            "(80% of it then)",
        )
    ]
    first, second = await shop.plan(INFO, "x"), await shop.plan(OTHER, "a", "b")
    assert (await shop.plan(INFO, "x", "y")).refusals
    await shop.apply(INFO, first)
    with pytest.raises(PolicyRefused, match=r"budget of shops in dev: 40\.00 EUR spent"):
        await shop.apply(OTHER, second)
    async with shop.database.call(OWNER) as call:
        (standing,) = await shop.quotas.budgets(call, "shops", "dev")
    (line,) = standing.lines
    assert (line.shown(line.used), line.share, [user.stack for user in line.users]) == (
        "40.00 EUR",
        0.8,
        ["other@dev", "shop@dev"],
    )


async def test_a_budget_without_prices_refuses_what_changes_and_lets_go_what_goes(shop: Shop) -> None:
    shop.write("default: {budget: 50}\n")
    (shop.folder / "prices.yaml").write_text(PRICES)
    await shop.hold(INFO, "a", "b")
    (shop.folder / "prices.yaml").write_text(PRICES.replace("20", "many"))
    (refused,) = (await shop.plan(INFO, "a", "b", "c")).refusals
    assert refused.policy == "budget"
    assert "can't be judged" in refused.message
    assert str(refused.broken).startswith("prices.yaml:")
    await shop.hold(INFO, "a")
    async with shop.database.call(OWNER) as call:
        (standing,) = await shop.quotas.budgets(call, "shops", "dev")
    assert standing.problem


async def test_a_policy_of_a_pack_may_not_take_its_name(shop: Shop) -> None:
    (shop.folder / "policies" / "mine.py").write_text(
        'from roadbed.sdk import policy\n\n@policy("quota", reason="so")\ndef mine(one, context):\n    yield "no"\n'
    )
    plan = await shop.plan(INFO, "a")
    (refused,) = plan.refusals
    assert "'quota' is the name of a policy that Roadbed brings" in refused.message
    assert str(refused.broken) == "policies/mine.py:3"
