"""Building blocks: who offers what where, and what is said of a request that nobody can satisfy."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.kit.errors import InvalidInput
from roadbed.platform.blocks import Block, check_request, read_blocks

ENVIRONMENTS = ["dev", "staging", "prod"]


def offer(type: str, **said: Any) -> dict[str, Any]:
    whole = {
        "environments": ["*"],
        "class": "*",
        "id": "*",
        "params": {},
        "outputs": [],
        "description": "",
        "notes": "",
    }
    told = dict.fromkeys(("title", "owner", "docs", "version", "maturity", "successor"))
    return {"type": type, "file": "provisioners/p.py", "line": 7, **whole, **told, **said}


SIZE = {"types": ["integer"], "help": "In gigabytes.", "choices": [10, 20]}
BLOCKS = read_blocks(
    [
        offer("postgres", params={"size": SIZE, "name": {"types": ["string"]}}, outputs=["host"]),
        offer("postgres", environments=["prod"], **{"class": "large"}, params=None, title="A database"),
        offer("kafka-topic", environments=["prod"], owner="group:default/streams", notes="A topic.\n\nOf a broker."),
        offer("redis", **{"class": "small"}, params={"user": {"types": ["string", "integer"], "required": True}}),
        offer("secret", id="shared.key"),
    ],
    ENVIRONMENTS,
)


def block(type: str) -> Block:
    return next(one for one in BLOCKS if one.type == type)


def test_blocks_are_the_types_that_anybody_may_ask_for() -> None:
    assert [one.type for one in BLOCKS] == ["kafka-topic", "postgres", "redis"]
    assert block("kafka-topic").description == "A topic."
    assert block("kafka-topic").environments == ("prod",)
    assert block("postgres").title == "A database"
    assert block("postgres").environments == ("dev", "staging", "prod")


def test_a_class_that_is_named_goes_before_one_for_all() -> None:
    assert check_request(BLOCKS, "postgres", "large", {"any": 1}, "prod").resource_class == "large"
    assert check_request(BLOCKS, "postgres", "default", {}, "prod").resource_class == "*"


@pytest.mark.parametrize(
    ("type", "class_", "params", "environment", "message", "hint"),
    [
        ("postgrs", "default", {}, "dev", "nobody offers a resource of type 'postgrs'", "did you mean 'postgres'?"),
        (
            "kafka-topic",
            "default",
            {},
            "dev",
            "kafka-topic is not offered in dev",
            "it is offered in: prod; group:default/streams can help (provisioners/p.py:7)",
        ),
        ("redis", "smal", {"user": 1}, "dev", "redis has no class 'smal' in dev", "did you mean 'small'?"),
        ("postgres", "larg", {}, "prod", "postgres has no class 'larg' in prod", "did you mean 'large'?"),
        ("postgres", "default", {"sice": 1}, "dev", "postgres has no param 'sice'", "did you mean 'size'?"),
        ("postgres", "default", {"size": "10"}, "dev", "size must be a whole number", "In gigabytes."),
        ("postgres", "default", {"size": True}, "dev", "size must be a whole number", "In gigabytes."),
        ("postgres", "default", {"size": 15}, "dev", "size must be one of 10, 20", "In gigabytes."),
        ("redis", "small", {}, "dev", "redis needs the param 'user'", None),
    ],
)
def test_a_request_that_nobody_can_satisfy_is_refused(
    type: str, class_: str, params: dict[str, Any], environment: str, message: str, hint: str | None
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_request(BLOCKS, type, class_, params, environment)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_request(BLOCKS, "postgres", "default", {"sice": 1, "size": "x", "name": 3}, "dev")
    assert [each.message for each in caught.value.problems] == [
        "postgres has no param 'sice'",
        "size must be a whole number",
        "name must be text",
    ]


@pytest.mark.parametrize("value", [10, 20, None, "${resources.other.size}"])
def test_what_fits_or_is_known_later_is_let_pass(value: Any) -> None:
    check_request(BLOCKS, "postgres", "default", {"size": value}, "dev")
