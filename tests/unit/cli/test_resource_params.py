"""`--set k=v` → params."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.cli.resource_params import read_params, unnamed_class
from roadbed.client.models import BuildingBlock
from roadbed.kit.errors import InvalidInput

PARAM: Any = {"default": None, "help": "", "choices": [], "required": False}
OFFER: Any = {
    "environments": ["dev"], "class": "*", "place": "", "title": "", "description": "", "owner": None, "docs": None,
    "version": None, "maturity": None,
    "params": [{**PARAM, "name": "version", "types": ["string"]}, {**PARAM, "name": "size", "types": ["integer"]},
               {**PARAM, "name": "backups", "types": ["string", "object"]}],
}  # fmt: skip
BLOCK = BuildingBlock(type="postgres", title="", description="", outputs=[], environments=["dev"], offers=[OFFER])


@pytest.mark.parametrize(
    ("words", "params"),
    [
        ([], {}),
        (["size=10", "on=true", "text=no"], {"size": 10, "on": True, "text": "no"}),
        (["version=16"], {"version": "16"}),
        (["list=[a, b]", "map={a: 1}"], {"list": ["a", "b"], "map": {"a": 1}}),
        (["tags.team=payments", "tags.cost=7"], {"tags": {"team": "payments", "cost": 7}}),
        (["url=a=b"], {"url": "a=b"}),
        (["backups=@daily"], {"backups": "@daily"}),
        (["backups={keep: 3}"], {"backups": {"keep": 3}}),
    ],
)
def test_values_are_read_as_yaml_but_for_texts(words: list[str], params: dict[str, Any]) -> None:
    assert read_params(words, [BLOCK], "postgres") == params


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["size"], "'size' sets nothing"),
        (["backups={keep: 3"], "the value of --set backups can't be read"),
        (["size=@daily"], "the value of --set size can't be read"),
        (["=1"], "'=1' sets nothing"),
        (["a=1", "a=2"], "a is set twice"),
        (["a.b=1", "a=2"], "a is set twice"),
        (["a=1", "a.b=2"], "'a.b=2' goes into a param that was set to something else"),
        (["a=[1"], "the value of --set a can't be read"),
    ],
)
def test_what_sets_nothing_is_refused(words: list[str], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_params(words, [BLOCK], "postgres")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("type", "resource_class", "environment", "known"),
    [
        ("postgres", "default", "dev", True),
        ("postgres", "large", "dev", True),
        ("postgres", "size-3", "dev", True),
        ("postgres", "huge", "dev", False),
        ("postgres", "huge", "prod", True),  # it is refused there
        ("postgres", "larg", "dev", True),  # so is that
        ("redis", "huge", "dev", True),
    ],
)
def test_a_class_that_is_taken_only_because_any_is_is_told_of(
    type: str, resource_class: str, environment: str, known: bool
) -> None:
    offers = [OFFER, {**OFFER, "class": "large"}, {**OFFER, "class": "size-*", "environments": ["dev", "prod"]}]
    note = unnamed_class([BuildingBlock(**{**BLOCK, "offers": offers})], type, resource_class, environment)
    assert (note is None) is known
    assert note is None or note.endswith(
        "knows the class 'huge', and any is taken; those with a name are: large, size-*."
    )
