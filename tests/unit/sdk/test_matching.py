"""Which provisioner satisfies a request: the most specific one by id, class and environment, in this order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.sdk.provisioners import Provisioner, Request, best


def offer(**patterns: Any) -> Provisioner:
    return Provisioner("postgres", lambda request: {}, **patterns)


def asked(**more: Any) -> Request:
    return Request("postgres", "db", "web", "orders", **{"environment": "dev-1", "kind": "development", **more})


EVERYWHERE, DEV, DEV_1 = offer(), offer(environments="dev-*"), offer(environments="dev-1")
ANY_CLASS, LARGE = offer(resource_class="l*"), offer(resource_class="large")
ANY_ID, MAIN = offer(id="?*"), offer(id="main")
LARGE_IN_DEV = offer(resource_class="large", environments="dev-*")

TABLE = [
    ("nobody offers it", [], asked(), []),
    ("the only one", [EVERYWHERE], asked(), [EVERYWHERE]),
    ("for another environment", [DEV], asked(environment="prod"), []),
    ("a pattern over any", [EVERYWHERE, DEV], asked(), [DEV]),
    ("a name over a pattern", [DEV, DEV_1, EVERYWHERE], asked(), [DEV_1]),
    ("a class over an environment", [DEV_1, LARGE], asked(resource_class="large"), [LARGE]),
    ("a class by name over one by pattern", [ANY_CLASS, LARGE], asked(resource_class="large"), [LARGE]),
    ("class and environment over class", [LARGE, LARGE_IN_DEV], asked(resource_class="large"), [LARGE_IN_DEV]),
    ("another class", [EVERYWHERE, LARGE], asked(resource_class="small"), [EVERYWHERE]),
    ("an id over a class", [LARGE_IN_DEV, MAIN], asked(resource_class="large", id="main"), [MAIN]),
    ("an id by name over any id", [ANY_ID, MAIN], asked(id="main"), [MAIN]),
    ("without an id", [EVERYWHERE, ANY_ID, MAIN], asked(), [EVERYWHERE]),
    ("equally right", [DEV, offer(environments="*-1")], asked(), [DEV, offer(environments="*-1")]),
    (
        "one of several environments",
        [offer(environments=("prod", "dev-*"))],
        asked(),
        [offer(environments=("prod", "dev-*"))],
    ),
    (
        "by the pattern that matches",
        [DEV, offer(environments=("x", "dev-1"))],
        asked(),
        [offer(environments=("x", "dev-1"))],
    ),
    ("a building block over what is none", [EVERYWHERE, offer(block="postgres")], asked(), [offer(block="postgres")]),
    ("what is more specific over a block", [DEV, offer(block="postgres")], asked(), [DEV]),
    ("case counts", [offer(environments="DEV-*")], asked(), []),
]


@pytest.mark.parametrize(("offered", "request_", "chosen"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_most_specific_that_matches(
    offered: list[Provisioner], request_: Request, chosen: list[Provisioner]
) -> None:
    assert [_patterns(one) for one in best(offered, request_)] == [_patterns(one) for one in chosen]


def test_another_type_never_matches() -> None:
    other = Provisioner("redis", lambda request: {})
    assert best([other], asked()) == []


WORDS = st.sampled_from(["*", "a*", "a", "ab", "b"])


@given(st.lists(st.builds(offer, environments=WORDS, resource_class=WORDS, id=WORDS), max_size=6), st.randoms())
def test_the_order_of_declaration_decides_nothing(offered: list[Provisioner], random: Any) -> None:
    wanted = asked(environment="ab", resource_class="a", id="ab")
    shuffled = list(offered)
    random.shuffle(shuffled)
    assert {id(one) for one in best(offered, wanted)} == {id(one) for one in best(shuffled, wanted)}


def _patterns(one: Provisioner) -> tuple[str, str, str]:
    return one.id, one.resource_class, str(one.environments)
