"""What a team takes, and what a plan asks for more: sums, give-back, order, what is being applied."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadbed.engine.domain import Recorded, Step
from roadbed.engine.holdings import Holding, held_after, held_now
from roadbed.estimates.machines import MachineTables
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.registry import estimators
from roadbed.estimates.sheet import Price, Rule, Sheet
from roadbed.kit.errors import InvalidInput
from roadbed.quotas.cases import BUDGET_CASES, QUOTA_CASES, outcomes
from roadbed.quotas.counting import Counting
from roadbed.quotas.described import BUDGET_INFO, QUOTA_INFO
from roadbed.quotas.domain import MEASURES, MILLIONTHS, Allowances, Limit, Scoped
from roadbed.quotas.sizes import Sizer
from roadbed.quotas.verdicts import unpriced, verdicts
from roadbed.sdk.policies import PlannedResource
from roadbed.workload.document import Place

TEAM = "group:default/payments"
SERVICE, VOLUME, REDIS, DATABASE = "runtime:Service", "runtime:Volume", "redis:Database", "postgres:Database"


def thing(name: str, type: str = SERVICE, stack: str = "shop@dev", **properties: Any) -> PlannedResource:
    urn = f"{stack}/{name}#{type}"
    return PlannedResource(urn, type, name, properties, {"file": "roadbed.yaml", "line": 4})


def held(*things: PlannedResource) -> dict[str, PlannedResource]:
    return {one.urn: one for one in things}


def counting(
    *holdings: Holding, unsaid: dict[str, int] | None = None, pricer: Pricer | None = None, **limits: int
) -> Counting:
    found = {of.replace("__", ":"): most for of, most in limits.items()}
    scoped = Scoped({of: Limit(of, most, Place("quotas.yaml", 7, 3)) for of, most in found.items()})
    allowances = Allowances(scoped, unsaid=unsaid or {}, ask="#platform")
    return Counting(TEAM, "dev", "development", allowances, holdings, Sizer(allowances.unsaid, pricer=pricer))


def amounts(*things: PlannedResource, unsaid: dict[str, int] | None = None) -> dict[str, int]:
    one = counting(Holding("shop@dev", held(*things)), unsaid=unsaid)
    return {line.of: line.used for line in one.standing().lines}


MIB, GIB = 2**20, 2**30


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (thing("web", replicas=3, memory_mb=256, cpu_millis=500), {"replicas": 3, "cpu": 1500, "memory": 768 * MIB}),
        (thing("web", memory_mb=256), {"replicas": 1, "memory": 256 * MIB}),
        (
            thing("web", replicas=2, memory_mb=512, requests={"memory_mb": 128, "cpu_millis": 100}),
            {"replicas": 2, "cpu": 200, "memory": 256 * MIB},
        ),
        (
            thing("web", replicas=2, memory_mb=100, containers={"side": {"memory_mb": 28}}),
            {"replicas": 2, "memory": 256 * MIB},
        ),
        (thing("web", replicas=0, memory_mb=256), {}),
        (thing("data", VOLUME, size="10Gi"), {"storage": 10 * GIB}),
        (thing("cache", REDIS), {"memory": 128 * MIB, "storage": 128 * MIB}),
        (thing("cache", REDIS, max_memory_mb=64, persistent=False), {"memory": 64 * MIB}),
        (thing("migrate", "runtime:Job", memory_mb=512), {}),
        (thing("odd", "nobody:Knows", replicas=5), {}),
    ],
)
def test_what_a_resource_takes(resource: PlannedResource, expected: dict[str, int]) -> None:
    assert amounts(resource) == expected


def test_what_says_nothing_counts_as_the_file_says_and_is_told_where_it_says_nothing() -> None:
    web = thing("web", replicas=3)
    assert amounts(web, unsaid={"memory": GIB, "cpu": 250}) == {"replicas": 3, "cpu": 750, "memory": 3 * GIB}
    (line,) = counting(Holding("shop@dev", held(web)), memory=GIB).standing().lines[:1]
    assert (line.used, line.unsaid) == (0, 1)


def said(one: Counting, after: dict[str, PlannedResource], near: float = 80) -> list[tuple[str, str]]:
    found = verdicts(one, "shop@dev", after, level="mandatory", near=near)
    return [(verdict.level, verdict.message) for verdict in found]


OTHER = Holding("other@dev", held(thing("web", stack="other@dev", replicas=6)))


def test_a_plan_that_asks_for_too_much_is_refused_and_told_what_could_be_done() -> None:
    one = counting(OTHER, Holding("shop@dev", held(thing("web", replicas=2))), replicas=10)
    (verdict,) = verdicts(one, "shop@dev", held(thing("web", replicas=5)), level="mandatory", near=80)
    assert verdict.refuses
    assert verdict.message == "replicas of payments in dev: 8 used, 3 more asked for, 10 allowed"
    assert verdict.remedy == (
        "ask for less, or free some; most of it has other@dev (6), shop@dev (2); #platform can raise it: quotas.yaml:7"
    )
    assert (verdict.resource, str(verdict.source)) == ("shop@dev/web#runtime:Service", "roadbed.yaml:4")


def test_near_is_advice_and_far_is_nothing() -> None:
    one = counting(OTHER, replicas=10)
    assert said(one, held(thing("web", replicas=1))) == []
    assert said(one, held(thing("web", replicas=2))) == [
        ("advisory", "replicas of payments in dev: 6 used, 2 more asked for, 10 allowed (80% of it then)")
    ]
    assert said(one, held(thing("web", replicas=4)))[0][0] == "advisory"
    assert said(one, held(thing("web", replicas=5)))[0][0] == "mandatory"


def test_who_has_too_much_may_give_back_and_change_but_not_take_more() -> None:
    one = counting(OTHER, Holding("shop@dev", held(thing("web", replicas=9, memory_mb=1))), replicas=10)
    assert said(one, held(thing("web", replicas=9, memory_mb=2))) == []
    assert said(one, held(thing("web", replicas=7, memory_mb=1))) == []
    assert said(one, {}) == []
    assert said(one, held(thing("web", replicas=10)))[0][0] == "mandatory"


def test_what_goes_makes_room_in_the_same_plan() -> None:
    one = counting(Holding("shop@dev", held(thing("old", DATABASE))), postgres__Database=1)
    assert said(one, held(thing("new", DATABASE))) == []
    assert said(one, held(thing("old", DATABASE), thing("new", DATABASE)))[0][0] == "mandatory"


def test_nothing_may_be_had_where_the_limit_is_nothing() -> None:
    assert said(counting(postgres__Database=0), held(thing("db", DATABASE)))[0][0] == "mandatory"
    assert said(counting(postgres__Database=0), held(thing("web"))) == []


def test_of_what_is_being_changed_the_larger_counts() -> None:
    growing = Holding("other@dev", held(thing("a", replicas=2)), held(thing("a", replicas=5)))
    going = Holding("third@dev", held(thing("b", replicas=4)), {"c": thing("c", replicas=1)})
    (line,) = counting(growing, going, replicas=20).standing().lines
    assert line.used == 5 + 4 + 1


def recorded(name: str, replicas: int) -> Recorded:
    return Recorded(f"shop@dev/{name}#{SERVICE}", SERVICE, name, name, {"replicas": replicas})


def step(name: str, action: Any, replicas: int, **more: Any) -> Step:
    urn = f"shop@dev/{name}#{SERVICE}"
    return Step(urn, SERVICE, name, action, "rollout", after={"replicas": replicas}, **more)


def test_what_a_plan_leaves() -> None:
    rows = {row.key: row for row in (recorded("a", 1), recorded("b", 2), recorded("c", 4), recorded("d", 8))}
    moved = step("e", "none", 0, moved_from="shop@dev/d#runtime:Service")
    steps = [step("a", "update", 16), step("b", "delete", 0), step("n", "create", 32), moved, step("x", "read", 64)]
    after = held_after(steps, rows)
    assert {one.name: one.properties["replicas"] for one in after.values()} == {"a": 16, "c": 4, "n": 32, "d": 8}
    assert "shop@dev/e#runtime:Service" in after
    assert len(held_now({**rows, "o": Recorded("o", "t", "o", "", {}, kind="component")})) == 4


def test_the_policies_own_cases_go_as_they_say() -> None:
    assert {one["wrong"] for one in outcomes(QUOTA_INFO, QUOTA_CASES)} == {None}
    assert {one["wrong"] for one in outcomes(BUDGET_INFO, BUDGET_CASES)} == {None}


EURO = MILLIONTHS
SHEET = Sheet(
    "EUR",
    {"cpu": Price(Decimal(30), ""), "memory": Price(Decimal(4), "")},
    types={DATABASE: Rule(month=Decimal("20.50"))},
)
PRICER = Pricer(SHEET, estimators(), MachineTables())


def spent(*things: PlannedResource, unsaid: dict[str, int] | None = None) -> tuple[str, int]:
    lines = counting(Holding("shop@dev", held(*things)), unsaid=unsaid, pricer=PRICER, cost=1).standing().lines
    return lines[0].shown(lines[0].used), lines[0].unsaid


def test_what_a_team_spends() -> None:
    web = thing("web", replicas=2, cpu_millis=500, memory_mb=1024)
    assert spent(web, thing("db", DATABASE)) == ("58.50 EUR", 0)
    assert spent(thing("files", "s3:Bucket"), thing("db", DATABASE)) == ("20.50 EUR", 1)
    assert spent(thing("files", "s3:Bucket"), unsaid={"cost": 15 * EURO}) == ("15.00 EUR", 0)


def test_a_budget_advises_near_it_and_refuses_beyond() -> None:
    other = Holding("other@dev", held(thing("db", DATABASE, stack="other@dev"), thing("b", "s3:Bucket")))
    one = counting(other, pricer=PRICER, cost=50 * EURO, replicas=0)
    assert said(one, held(thing("a", DATABASE))) == [
        (
            "advisory",
            "budget of payments in dev: 20.50 EUR spent, 20.50 EUR more asked for, 50.00 EUR allowed by the month "
            "(82% of it then); what 1 resource more costs is not known, and not in it",
        )
    ]
    assert said(one, held(thing("a", DATABASE), thing("c", DATABASE)))[0][0] == "mandatory"
    assert said(one, held(thing("web", replicas=99))) == []


def test_where_there_are_no_prices_what_changes_is_refused_with_the_place() -> None:
    problem = InvalidInput("prices.cpu.price is no number", hint="write one", file="prices.yaml", line=9)
    verdict = unpriced(counting(cost=1), thing("a", DATABASE), "mandatory", problem)
    assert verdict.refuses
    assert verdict.message == "the budget of payments in dev can't be judged: prices.cpu.price is no number"
    assert (str(verdict.broken), str(verdict.source), verdict.remedy) == (
        "prices.yaml:9",
        "roadbed.yaml:4",
        "write one",
    )


things = st.tuples(
    st.integers(0, 6),
    st.sampled_from([SERVICE, REDIS, DATABASE, VOLUME]),
    st.integers(0, 9),
    st.none() | st.integers(1, 2000),
)
stacks = st.dictionaries(st.sampled_from(["a@dev", "b@dev", "c@dev"]), st.lists(things, max_size=6), max_size=3)


def holding(stack: str, found: list[tuple[int, str, int, int | None]]) -> Holding:
    return Holding(stack, made(stack, found))


def made(stack: str, found: list[tuple[int, str, int, int | None]]) -> dict[str, PlannedResource]:
    return held(
        *(
            thing(f"r{number}", kind, stack, replicas=replicas, memory_mb=memory, size="1Gi")
            for number, kind, replicas, memory in found
        )
    )


def used(*holdings: Holding) -> dict[str, int]:
    lines = counting(*holdings, replicas=1, cpu=1, memory=1, storage=1, postgres__Database=1).standing().lines
    return {line.of: line.used for line in lines}


@settings(max_examples=40)
@given(stacks)
def test_a_team_takes_what_its_stacks_take_in_whatever_order(given_stacks: dict[str, Any]) -> None:
    holdings = [holding(stack, found) for stack, found in given_stacks.items()]
    whole = used(*holdings)
    parts = [used(one) for one in holdings]
    assert whole == {of: sum(part[of] for part in parts) for of in (*MEASURES, DATABASE)}
    assert whole == used(*reversed(holdings))
    shuffled = [Holding(one.stack, dict(reversed([*one.now.items()]))) for one in holdings]
    assert whole == used(*shuffled)


@settings(max_examples=40)
@given(stacks, st.lists(things, max_size=6))
def test_what_is_asked_for_is_the_difference_and_is_not_counted_twice(
    given_stacks: dict[str, Any], wanted: list[tuple[int, str, int, int | None]]
) -> None:
    holdings = [holding(stack, found) for stack, found in given_stacks.items()]
    after = made("a@dev", wanted)
    one = counting(*holdings, replicas=1, cpu=1, memory=1, storage=1, postgres__Database=1)
    others = [each for each in holdings if each.stack != "a@dev"]
    then = used(*others, Holding("a@dev", after))
    now = used(*holdings)
    asked = {ask.limit.of: ask.more for ask in one.asks("a@dev", after)}
    assert asked == {of: then[of] - now[of] for of in then if then[of] > now[of]}
    assert one.asks("a@dev", next((each.now for each in holdings if each.stack == "a@dev"), {})) == []


@settings(max_examples=40)
@given(stacks)
def test_giving_all_back_leaves_nothing(given_stacks: dict[str, Any]) -> None:
    holdings = [holding(stack, found) for stack, found in given_stacks.items()]
    one = counting(*holdings, replicas=0, postgres__Database=0)
    assert one.asks("a@dev", {}) == []
    assert set(used(*(Holding(each.stack, {}) for each in holdings)).values()) <= {0}
