"""What building blocks cost, beside what they are."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.cli.block_cost import cost_line, plain_cost, priced
from roadbed.cli.resource_view import blocks_listed
from roadbed.cli.style import PLAIN


def cost(type_: str, class_: str, low: float | None, *unknown: str) -> Any:
    figure = {"low": low, "high": low, "unknown": list(unknown)}
    return {"type": type_, "class": class_, "currency": "USD", "total": {"cost": figure}, "problem": ""}


def block(type_: str, *costs: Any) -> Any:
    return {"type": type_, "description": "What it is.", "environments": ["dev"], "costs": list(costs)}


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ([cost("x", "small", 3.0), cost("x", "default", 1.96)], "1.96 USD"),
        ([cost("x", "*", 1.0, "files")], "at least 1.00 USD"),
        ([cost("x", "*", None, "files")], "not known"),
        ([cost("x", "*", 0.0)], "free"),
        ([{**cost("x", "*", 0.0), "total": None}], "not known"),
        ([], ""),
    ],
)
def test_a_block_costs_what_the_class_does_that_is_asked_for_where_none_is(costs: list[Any], said: str) -> None:
    assert plain_cost(block("x", *costs)) == said


def test_each_block_has_its_own() -> None:
    found = [block("x"), block("y")]
    priced(found, [cost("y", "*", 2.0)])
    listing: Any = {"items": found, "next": None}
    assert blocks_listed(listing, PLAIN, "prod").splitlines() == [
        "TYPE   WHAT          OFFERED IN   A MONTH IN PROD",
        "x      What it is.   dev          –",
        "y      What it is.   dev          2.00 USD",
    ]


def test_a_block_that_nobody_can_price_says_why() -> None:
    assert cost_line(cost("x", "*", 2.0)) == "about 2.00 USD a month"
    unknown = {**cost("x", "*", 0.0), "total": None, "problem": "prices.yaml:3:1: no"}
    assert cost_line(unknown) == "what it costs is not known: prices.yaml:3:1: no"  # type: ignore[arg-type]  # what is looked at
