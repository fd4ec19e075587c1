"""What refers to large values many times over is refused before anything is made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.engine.expressions import functions
from roadbed.engine.expressions.sizes import is_larger, weight
from roadbed.engine.expressions.values import resolve
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.planner import draft
from roadbed.kit.errors import InvalidInput, TooLarge
from unit.engine.building import TYPES, Known, fingerprint, graph, recorded, ref, resource, state

LARGE = "x" * 900_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON, st.integers(0, 200))
def test_it_is_larger_if_its_json_is(value: Any, limit: int) -> None:
    assert is_larger(value, limit) == (len(msgspec.json.encode(value)) > limit)
    assert weight(value, 10**9) <= len(msgspec.json.encode(value))


def test_counting_ends_beyond_the_limit() -> None:
    doubled: Any = LARGE
    for _ in range(200):
        doubled = [doubled, doubled]
    assert 1_000_000 < weight(doubled, 1_000_000) < 3_000_000


HAD = state(replace(recorded("large"), outputs={"id": LARGE}))

TEXTS: list[Any] = [
    {"$join": [ref("large")] * 300},
    {"$call": ["join", ",", [ref("large")] * 300]},
    {"$call": ["join", ref("large"), ["", "", "", ""]]},
    {"$call": ["replace", ref("large"), "x", ref("large")]},
    {"$call": ["json", [ref("large")] * 300]},
    {"$join": ["", [[ref("large")] * 300]]},
]


@pytest.mark.parametrize("value", TEXTS, ids=str)
def test_text_that_would_be_too_long_is_never_made(value: Any) -> None:
    with pytest.raises(InvalidInput, match="over 2,000,000 characters"):
        resolve(value, Known(HAD))


def test_what_is_long_is_made() -> None:
    assert functions.call("replace", [LARGE, "x", "yy"]) == "yy" * 900_000
    assert functions.call("replace", [LARGE, "x", ""]) == ""


def test_a_plan_of_many_that_each_refer_to_much() -> None:
    many = [resource(f"r{index}", {"value": [ref("large")] * 2}) for index in range(40)]
    facts = Facts(HAD, TYPES, Known(HAD), fingerprint)
    with pytest.raises(TooLarge, match="the plan of shop@dev is over 64,000,000 bytes"):
        draft(graph(resource("large"), *many), facts)
