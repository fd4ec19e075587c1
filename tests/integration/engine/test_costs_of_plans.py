"""What a real plan makes of the bill: stored with it, seen by policies, the same once it is applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fakes.access import OWNER, allow
from fakes.audit import FakeAudit
from fakes.policies import FakePolicies
from integration.engine.bench import INFO, Bench, Watching, make_engine
from roadbed.control.events import Events
from roadbed.engine.domain import Plan
from roadbed.engine.errors import PlanChanged
from roadbed.engine.schemas import plan_out
from roadbed.engine.states import States
from roadbed.estimates.domain import Totals
from roadbed.estimates.service import Estimates
from roadbed.kit.clock import FixedClock
from roadbed.sdk.testing.faults import FaultyProvider, World
from roadbed.sdk.usage import ZERO, Amount
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from unit.engine.building import ref, resource, urn

SHEET = """
apiVersion: roadbed.dev/v1
kind: Prices
currency: EUR
prices:
  memory: {price: 2, per: GiB-month, source: ours, date: "2026-01-31"}
types:
  test:Thing: {memory: {property: value, unit: GiB}, source: ours, date: "2026-01-31"}
"""
BROKEN = SHEET.replace("price: 2", "price: -2")


class Repo:
    """A platform repo of one file."""

    text: str | None = SHEET

    async def prices_file(self, call: Call) -> str | None:
        return self.text

    async def kinds(self, call: Call) -> Mapping[str, str]:
        return {"dev": "development"}


class Priced(Bench):
    repo: Repo
    policies: FakePolicies

    async def cost(self, *resources: Mapping[str, Any]) -> tuple[Plan, Totals]:
        plan = await self.plan(*resources)
        assert plan.cost is not None
        return plan, plan.cost.totals["cost"]


@pytest.fixture
def bench(database: Database, tmp_path: Any) -> Priced:
    provider = FaultyProvider(World(tmp_path / "world.sqlite"))
    repo, policies = Repo(), FakePolicies()
    estimates = Estimates(allow, repo)  # type: ignore[arg-type]  # all that is asked of the platform repo
    made = Priced(database, provider.world, make_engine(database, provider, judging=policies, estimates=estimates))
    made.repo, made.policies = repo, policies
    return made


def known(totals: Totals) -> tuple[Amount | None, Amount | None, Amount | None]:
    return totals.before.amount, totals.after.amount, totals.difference.amount


async def test_each_plan_goes_on_from_the_one_before(bench: Priced) -> None:
    two = resource("a", {"value": 1}), resource("b", {"value": 4})
    _, made = await bench.cost(*two)
    assert known(made) == (ZERO, Amount.of(10), Amount.of(10))
    await bench.apply(*two)
    _, same = await bench.cost(*two)
    assert known(same) == (Amount.of(10), Amount.of(10), ZERO)
    changed, larger = await bench.cost(resource("a", {"value": 3}), two[1])
    assert known(larger) == (Amount.of(10), Amount.of(14), Amount.of(4))
    assert changed.cost is not None
    assert [one.urn for one in changed.cost.resources if not one.stays] == [urn("a")]
    _, fewer = await bench.cost(two[0])
    assert known(fewer) == (Amount.of(10), Amount.of(2), Amount.of(-8))


async def test_what_is_known_only_after_apply_is_not_known(bench: Priced) -> None:
    made, totals = await bench.cost(resource("a", {"value": 1}), resource("b", {"value": ref("a")}, after=("a",)))
    assert known(totals) == (ZERO, Amount.of(2), Amount.of(2))
    assert totals.after.unknown == totals.difference.unknown == (urn("b"),)
    shown = plan_out(made).cost
    assert shown is not None
    (second,) = [one.after for one in shown.resources if one.urn == urn("b")]
    assert second is not None
    assert (second.cost.low, second.cost.unknown) == (None, ["its value is known only after apply"])


async def test_it_is_stored_with_the_plan_and_sealed(bench: Priced) -> None:
    made, _ = await bench.cost(resource("a", {"value": 1}))
    async with bench.database.call(OWNER) as call:
        assert await bench.engine.get_plan(call, INFO, made.number) == made
    await bench.tampered("""UPDATE plans SET body = replace(body::text, '"EUR"', '"USD"')::json""")
    with pytest.raises(PlanChanged):
        await bench.engine.apply(OWNER, INFO, made.number, Watching())


async def test_the_last_plans_are_told_by_what_they_make_of_it(bench: Priced) -> None:
    states = States(allow, FakeAudit(), Events(bench.database), FixedClock())  # type: ignore[arg-type]  # stands in
    await bench.cost(resource("a", {"value": 1}))
    last, totals = await bench.cost(resource("a", {"value": 3}))
    async with bench.database.call(OWNER) as call:
        found = await states.bills(call, 1)
    assert [(one.name, one.plan, one.currency) for one in found] == [(str(INFO.name), last.number, "EUR")]
    assert found[0].totals["cost"] == totals


async def test_policies_see_it(bench: Priced) -> None:
    await bench.plan(resource("a", {"value": 1}))
    (case,) = bench.policies.cases
    assert case.cost is not None
    assert case.cost["currency"] == "EUR"
    assert case.cost["total"]["difference"]["cost"] == {"low": 2.0, "high": 2.0, "unknown": []}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BROKEN, "prices.yaml:6:19: prices.memory.price must not be negative: -2"),
        ("", "prices.yaml:1:1: the file must be a mapping"),
        (None, "the platform repo has no prices.yaml"),
    ],
)
async def test_a_sheet_that_can_not_be_read_stops_no_plan(bench: Priced, text: str | None, said: str) -> None:
    bench.repo.text = text
    made = await bench.plan(resource("a", {"value": 1}))
    assert made.cost is not None
    assert made.cost.problem.startswith(said)
    assert not made.cost.totals
    applied = await bench.apply(resource("a", {"value": 1}))
    assert applied.summary["create"] == 1
