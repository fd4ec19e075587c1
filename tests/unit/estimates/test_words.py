"""Estimates as people read them, on the command line and in the portal."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.cli.plan_cost import cost_line, cost_table, step_figures
from roadbed.cli.style import PLAIN
from roadbed.client.models import Plan
from roadbed.estimates import words
from roadbed.estimates.document import plan_cost_document
from roadbed.estimates.domain import PlanCost, ResourceCost
from roadbed.estimates.totals import totals
from unit.estimates.sheets import pricer

DATA = "orders@dev/data#core:Data"
WEB, DB, FILES = (f"orders@dev/{name}" for name in ("web#runtime:Service", "web/db#redis:Database", "files#s3:Bucket"))
SMALL, LARGE = {"memory_mb": 512, "cpu_millis": 250}, {"memory_mb": 1024, "cpu_millis": 250}
PRICER = pricer()


def figure(low: float | None, high: float | None = None, *unknown: str) -> dict[str, Any]:
    return {"low": low, "high": low if high is None else high, "unknown": list(unknown)}


def one(urn: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> ResourceCost:
    type_ = urn.partition("#")[2]
    was = None if before is None else PRICER.estimate(type_, before)
    return ResourceCost(urn, was, None if after is None else PRICER.estimate(type_, after))


def plan(*resources: ResourceCost, problem: str = "") -> Plan:
    cost = PlanCost("" if problem else "EUR", {} if problem else totals(resources), resources, problem=problem)
    shown: Any = plan_cost_document(cost)
    return Plan(number=1, stack="orders@dev", summary={}, steps=[], cost=shown)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (figure(4.1), "4.10"),
        (figure(1234.5), "1,234.50"),
        (figure(4.1, 12.3), "4.10 to 12.30"),
        (figure(4.1, None, "no cpu"), "at least 4.10"),
        (figure(None, None, "no cpu"), "not known"),
        (figure(0.001), "less than 0.01"),
        (figure(0), "0.00"),
    ],
)
def test_an_amount(given: dict[str, Any], said: str) -> None:
    assert words.amount(given) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [(figure(1.96), "+1.96"), (figure(-0.4), "-0.40"), (figure(0.001), "0.00"), (figure(None), "not known")],
)
def test_a_change(given: dict[str, Any], said: str) -> None:
    assert words.change(given) == said


def test_a_change_with_its_currency() -> None:
    assert words.change_in(figure(1.96), "EUR") == "+1.96 EUR"
    assert words.change_in(figure(1.96, None, "x"), "EUR") == "+1.96 EUR and what is not known"
    assert words.change_in(figure(None, None, "x"), "EUR") == "not known"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(one(WEB, None, SMALL)), "Costs about 4.50 EUR a month and 0.16 kg of CO2e."),
        (
            plan(one(WEB, SMALL, LARGE)),
            "Costs about 6.50 EUR a month and 0.22 kg of CO2e: +2.00, +0.05 kg by this plan.",
        ),
        (plan(one(WEB, SMALL, SMALL)), "Costs about 4.50 EUR a month and 0.16 kg of CO2e, as before."),
        (plan(one(WEB, SMALL, None)), "Nothing is left that costs: -4.50 EUR a month, -0.16 kg of CO2e."),
        (
            plan(one(WEB, SMALL, SMALL), one(FILES, None, {})),
            "Costs at least 4.50 EUR a month and 0.16 kg of CO2e, without files, whose cost is not known.",
        ),
        (
            plan(one(WEB, SMALL, LARGE), one(FILES, {}, {})),
            "Costs at least 6.50 EUR a month and 0.22 kg of CO2e: +2.00, +0.05 kg by this plan, without files, whose "
            "cost is not known.",
        ),
        (
            plan(one(WEB, SMALL, SMALL), one(FILES, {}, None)),
            "Costs about 4.50 EUR a month and 0.16 kg of CO2e; what was paid for files is not known.",
        ),
        (plan(one(FILES, None, {})), "What files costs is not known: how much it will hold is not known before."),
        (plan(one(FILES, {}, {})), "What files costs is not known: how much it will hold is not known before."),
        (plan(one(FILES, {}, None)), "Nothing is left that costs; what was paid for files is not known."),
        (
            plan(one(WEB, None, {}), one(FILES, None, {})),
            "What web and files cost is not known.",
        ),
        (plan(one(DATA, None, {})), None),
        (
            plan(one(WEB, SMALL, None), one(DATA, {}, {})),
            "Nothing is left that costs: -4.50 EUR a month, -0.16 kg of CO2e.",
        ),
        (plan(problem="prices.yaml:3:1: no"), "What it costs is not known: prices.yaml:3:1: no"),
    ],
)
def test_a_plan_in_a_sentence(made: Plan, said: str) -> None:
    assert cost_line(made) == said


def test_steps_say_what_they_add() -> None:
    found = plan(one(WEB, SMALL, LARGE), one(DB, {}, None), one(FILES, None, {}))
    assert step_figures(found) == {WEB: "+2.00", DB: "-0.51"}


def test_the_table_says_how_it_comes_to_that() -> None:
    text = cost_table(plan(one(WEB, None, SMALL), one(FILES, None, {})), PLAIN)
    assert (
        "web        runtime:Service   –            4.50        +4.50        0.25 cores × 10 = 2.5; 0.5 GiB × 4 = 2"
        in text
    )
    assert (
        "files      s3:Bucket         –            not known   not known    how much it will hold is not known" in text
    )
    assert "kWh: 0.00 → at least 0.82 (+0.82)" in text


def test_a_plan_of_an_earlier_version_says_nothing() -> None:
    old = Plan(number=1, stack="orders@dev", summary={}, steps=[])
    assert cost_line(old) is None
    assert cost_table(old, PLAIN) == "This plan was made before there were estimates."


def test_what_a_block_costs() -> None:
    assert words.about(figure(4.1), "EUR") == "about 4.10 EUR a month"
    assert words.about(figure(4.1, None, "x"), "EUR") == "at least 4.10 EUR a month"
    assert words.about(figure(None, None, "x"), "EUR") == "cost not known"
    assert words.about(figure(0), "EUR") == "costs nothing by itself"
