"""Plans applied to a world in memory, with the journal and the state in a real database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fakes.access import OWNER
from fakes.policies import FakePolicies
from fakes.provider import Crash, FakeWorld, permanent, transient
from fakes.watching import Silent
from integration.engine.bench import make_engine
from roadbed.engine.domain import Plan, Step
from roadbed.engine.errors import ApplyFailed, PolicyRefused, StalePlan
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.errors import RoadbedError
from roadbed.kit.names import StackName
from roadbed.policy.domain import Verdict
from roadbed.storage.database import Database
from unit.engine.building import STACK, document, ref, resource, urn

INFO = StackInfo(StackName.parse(STACK), "group:default/shops", "development")


@dataclass
class Watching(Silent):
    said_all: list[str] = field(default_factory=list)
    ended_all: list[str] = field(default_factory=list)

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self.ended_all.append(step.name)

    def said(self, step: Step, text: str) -> None:
        self.said_all.append(text)


@dataclass
class Bench:
    """An engine over a world, and the shortest way to declare things to it."""

    database: Database
    world: FakeWorld
    engine: Engine
    judging: FakePolicies

    async def plan(self, *resources: Mapping[str, Any]) -> Plan:
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(INFO, document(*resources)))

    async def apply(self, *resources: Mapping[str, Any]) -> Plan:
        plan = await self.plan(*resources)
        return await self.engine.apply(OWNER, INFO, plan.number, Watching())

    async def state(self) -> dict[str, Any]:
        async with self.database.call(OWNER) as call:
            return {item.name: item for item in (await self.engine.resources(call, INFO)).values()}


@pytest.fixture
def bench(database: Database) -> Bench:
    world, judging = FakeWorld(), FakePolicies()
    engine = make_engine(database, world, judging=judging)
    return Bench(database, world, engine, judging)


async def test_what_was_declared_exists_and_the_state_says_so(bench: Bench) -> None:
    plan = await bench.apply(resource("a", {"value": 1}), resource("b", {"value": ref("a")}))
    assert plan.summary["create"] == 2
    assert bench.world.things == {urn("a"): {"value": 1}, urn("b"): {"value": "id-a"}}
    assert (await bench.state())["b"].properties == {"value": "id-a"}


async def test_applied_again_nothing_is_done(bench: Bench) -> None:
    declared = (resource("a", {"value": 1}), resource("b", {"value": ref("a", "key")}))
    await bench.apply(*declared)
    bench.world.calls.clear()
    plan = await bench.apply(*declared)
    assert (plan.changing, bench.world.calls) == ((), [])


async def test_a_secret_reaches_the_provider_and_nothing_that_is_stored(bench: Bench) -> None:
    await bench.apply(resource("a"), resource("b", {"value": {"$join": ["pw:", ref("a", "key")]}}))
    assert bench.world.things[urn("b")] == {"value": "pw:key of a"}
    async with bench.database.session() as session:
        connection = await session.connection()
        for table in ("resources", "plans", "journal"):
            rows = (await connection.exec_driver_sql(f"SELECT {table}::text FROM {table}")).scalars().all()
            assert "key of a" not in "".join(rows)


async def test_steps_run_in_the_order_of_their_dependencies_and_deletions_last(bench: Bench) -> None:
    await bench.apply(resource("old"), resource("user", after=("old",)), resource("run", type="test:Rollout"))
    bench.world.calls.clear()
    await bench.apply(resource("new"), resource("run", {"value": 2}, type="test:Rollout"))
    assert bench.world.calls == [
        ("create", "new"),
        ("update", "run"),
        ("settle", "run"),
        ("delete", "user"),
        ("delete", "old"),
    ]


async def test_a_replacement_deletes_and_creates(bench: Bench) -> None:
    await bench.apply(resource("a", {"place": "here"}))
    bench.world.calls.clear()
    plan = await bench.apply(resource("a", {"place": "there"}))
    assert plan.changing[0].interrupting
    assert bench.world.calls == [("delete", "a"), ("create", "a")]


async def test_what_is_transient_is_tried_again(bench: Bench) -> None:
    bench.world.before["a"] = [transient(), transient()]
    await bench.apply(resource("a"))
    assert bench.world.calls == [("create", "a")] * 3


async def test_a_failure_carries_on_with_what_does_not_depend_on_it(bench: Bench) -> None:
    bench.world.before["a"] = [permanent()]
    with pytest.raises(ApplyFailed) as failed:
        await bench.apply(resource("a"), resource("b", after=("a",)), resource("c"))
    assert {name: item.broken for name, item in (await bench.state()).items()} == {"a": True, "c": False}
    assert failed.value.message == (
        f"{urn('a')}: the world says no\n1 step was left out, as what failed must come first"
    )
    assert failed.value.hint == "ask another world"


async def test_what_a_failed_creation_left_is_created_again_or_deleted(bench: Bench) -> None:
    bench.world.after["a"], bench.world.after["b"] = [permanent()], [permanent()]
    with pytest.raises(ApplyFailed):
        await bench.apply(resource("a"), resource("b"))
    plan = await bench.apply(resource("a", {"value": 1}))
    assert {step.name: step.action for step in plan.steps} == {"a": "adopt", "b": "delete"}
    assert bench.world.things == {urn("a"): {"value": 1}}
    assert {name: item.broken for name, item in (await bench.state()).items()} == {"a": False}


async def test_a_failed_infrastructure_begins_no_rollout_and_deletes_nothing(bench: Bench) -> None:
    await bench.apply(resource("old"), resource("run", type="test:Rollout"))
    bench.world.calls.clear()
    bench.world.before["new"] = [permanent()]
    with pytest.raises(ApplyFailed, match="the world says no"):
        await bench.apply(resource("new"), resource("run", {"value": 2}, type="test:Rollout"))
    assert bench.world.calls == [("create", "new")]
    assert urn("old") in bench.world.things


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_apply_that_died_is_taken_up_where_it_stopped(bench: Bench, moment: str) -> None:
    getattr(bench.world, moment)["b"] = [Crash()]
    plan = await bench.plan(resource("a"), resource("b", after=("a",)), resource("c", after=("b",)))
    with pytest.raises(Crash):
        await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    await bench.engine.apply(OWNER, INFO, plan.number, Watching())
    assert set(await bench.state()) == {"a", "b", "c"}
    assert bench.world.calls.count(("create", "a")) == 1
    assert bench.world.calls.count(("create", "b")) == 2


async def test_a_plan_made_before_the_last_change_is_refused(bench: Bench) -> None:
    stale = await bench.plan(resource("a", {"value": 1}))
    await bench.apply(resource("a", {"value": 2}))
    with pytest.raises(StalePlan, match="is stale"):
        await bench.engine.apply(OWNER, INFO, stale.number, Watching())
    assert bench.world.things[urn("a")] == {"value": 2}


async def test_a_mandatory_verdict_stops_the_apply(bench: Bench) -> None:
    bench.judging.say(Verdict("no-things", "mandatory", urn("a"), "things are forbidden", "have none"))
    with pytest.raises(PolicyRefused, match="things are forbidden"):
        await bench.apply(resource("a"))
    assert bench.world.calls == []


async def test_independent_steps_run_at_once_up_to_the_bound(bench: Bench) -> None:
    await bench.apply(*(resource(f"n{index}") for index in range(40)))
    assert 1 < bench.world.most_running <= 10


async def test_plans_are_numbered_and_read_back_as_they_were_made(bench: Bench) -> None:
    made = await bench.plan(resource("a", {"value": {"x": [1, None]}}))
    async with bench.database.call(OWNER) as call:
        assert await bench.engine.get_plan(call, INFO, 1) == made
