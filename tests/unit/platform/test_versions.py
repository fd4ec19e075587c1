"""Versions of building blocks: what breaks whoever asks for one, and which number that must raise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.platform.versions import Difference, differences, ordered, raised_enough, step

ENVIRONMENTS = ["dev", "staging", "prod"]


def param(*types: str, **said: Any) -> dict[str, Any]:
    return {"types": list(types or ("string",)), "default": None, "choices": [], "required": False, "help": "", **said}


def offer(**said: Any) -> dict[str, Any]:
    plain = {"type": "mysql", "class": "*", "id": "*", "environments": ["*"], "params": {}, "outputs": ["host"]}
    return {**plain, **said}


def changed(before: Any, after: Any) -> list[tuple[str, str]]:
    olds, news = ([one] if isinstance(one, dict) else one for one in (before, after))
    return [(one.level, one.message) for one in differences(olds, news, ENVIRONMENTS)]


def with_param(**said: Any) -> dict[str, Any]:
    return offer(params={"size": param(**said)})


TABLE: list[tuple[str, Any, Any, list[tuple[str, str]]]] = [
    ("the same", offer(), offer(), []),
    ("a param more", offer(), with_param(), [("minor", "the param 'size' is new")]),
    (
        "a param more that must be given",
        offer(),
        with_param(required=True),
        [("major", "the param 'size' is new and must be given")],
    ),
    ("a param less", with_param(), offer(), [("major", "the param 'size' is gone")]),
    ("must be given", with_param(), with_param(required=True), [("major", "the param 'size' must be given")]),
    ("may be left out", with_param(required=True), with_param(), [("minor", "the param 'size' may be left out")]),
    (
        "a narrower type",
        offer(params={"size": param("string", "integer")}),
        offer(params={"size": param("integer")}),
        [("major", "the param 'size' may not be text any more")],
    ),
    (
        "a wider type",
        offer(params={"size": param("integer")}),
        offer(params={"size": param("integer", "string")}),
        [("minor", "the param 'size' may be a whole number or text")],
    ),
    (
        "a number where a whole one was",
        offer(params={"size": param("integer")}),
        offer(params={"size": param("number")}),
        [("minor", "the param 'size' may be a number")],
    ),
    (
        "a whole number where any was",
        offer(params={"size": param("number")}),
        offer(params={"size": param("integer")}),
        [("major", "the param 'size' may not be a number any more")],
    ),
    (
        "choices where there were none",
        with_param(),
        with_param(choices=["a", "b"]),
        [("major", "the param 'size' may be nothing but a, b")],
    ),
    (
        "a choice less and one more",
        with_param(choices=["a", "b"]),
        with_param(choices=["b", "c"]),
        [("major", "the param 'size' may not be a any more")],
    ),
    (
        "a choice more",
        with_param(choices=["a"]),
        with_param(choices=["a", "b"]),
        [("minor", "the param 'size' may be b")],
    ),
    ("no choices", with_param(choices=["a"]), with_param(), [("minor", "the param 'size' may be anything")]),
    (
        "another default",
        with_param(default="a"),
        with_param(default="b"),
        [("minor", "the param 'size' is 'b' where it was 'a'")],
    ),
    (
        "params where any were taken",
        offer(params=None),
        offer(),
        [("major", "it took any param, and takes those that it names")],
    ),
    ("any params", offer(), offer(params=None), []),
    ("an output less", offer(), offer(outputs=[]), [("major", "the output 'host' is gone")]),
    ("an output more", offer(), offer(outputs=["host", "port"]), [("minor", "the output 'port' is new")]),
    (
        "not in production",
        offer(),
        offer(environments=["dev", "staging"]),
        [("major", "mysql is not offered in prod any more")],
    ),
    (
        "in production, too",
        offer(environments=["dev"]),
        offer(environments=["dev", "prod"]),
        [("minor", "mysql is offered in prod")],
    ),
    ("the same environments, said otherwise", offer(environments=["dev", "staging", "prod"]), offer(), []),
    (
        "a class less",
        [offer(), offer(**{"class": "large"})],
        offer(),
        [("major", f"mysql of class large is not offered in {name} any more") for name in ENVIRONMENTS],
    ),
    (
        "split by environment, and other in one",
        offer(),
        [offer(environments=["dev"]), offer(environments=["*"], outputs=["host", "port"])],
        [("minor", "the output 'port' is new")],
    ),
    (
        "what breaks comes first",
        with_param(),
        offer(outputs=["host", "port"]),
        [("major", "the param 'size' is gone"), ("minor", "the output 'port' is new")],
    ),
]


@pytest.mark.parametrize(("before", "after", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_a_version_changes(before: Any, after: Any, told: Any) -> None:
    assert changed(before, after) == told


@pytest.mark.parametrize(
    ("before", "after", "raised"),
    [
        ("1.2.3", "1.2.3", None),
        ("1.2.3", "1.2.2", None),
        ("1.2.3", "1.2.4", "patch"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "2.0.0", "major"),
        ("1.9.0", "1.10.0", "minor"),
        ("0.1.0", "0.1.1", "minor"),
        ("0.1.0", "0.2.0", "major"),
        ("0.9.0", "1.0.0", "major"),
        ("1.0.0", "0.9.0", None),
    ],
)
def test_which_number_was_raised(before: str, after: str, raised: str | None) -> None:
    assert step(before, after) == raised
    assert raised_enough(before, after, [Difference("major", "x")]) is (raised == "major")
    assert raised_enough(before, after, [Difference("minor", "x")])


VERSIONS = st.tuples(*[st.integers(0, 30)] * 3).map(lambda parts: ".".join(map(str, parts)))


@given(VERSIONS, VERSIONS)
def test_of_two_versions_one_comes_first(one: str, other: str) -> None:
    assert (step(one, other) is not None) == (ordered(other) > ordered(one))
    assert step(one, other) is None or step(other, one) is None


PARAMS = st.builds(
    param,
    st.sampled_from(["string", "integer", "number", "boolean"]),
    required=st.booleans(),
    choices=st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3),
)
OFFERS = st.builds(
    offer,
    params=st.none() | st.dictionaries(st.sampled_from(["size", "host", "plan"]), PARAMS),
    outputs=st.lists(st.sampled_from(["host", "port", "password"]), unique=True),
    environments=st.lists(st.sampled_from(["*", "dev", "prod", "sta*"]), min_size=1, unique=True),
)


@given(OFFERS)
def test_what_stays_as_it_is_breaks_nothing(one: Any) -> None:
    assert changed(one, one) == []


@given(OFFERS, OFFERS)
def test_what_is_added_one_way_breaks_the_other(one: Any, other: Any) -> None:
    """Whatever a version newly gives or takes, the way back takes away: so no break goes unnoticed both ways."""
    if changed(one, other) and one["params"] is not None and other["params"] is not None:
        both = [*changed(one, other), *changed(other, one)]
        assert any(level == "major" for level, _ in both)
