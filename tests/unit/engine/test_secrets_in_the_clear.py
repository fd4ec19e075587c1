"""A secret isn't planned into a property that would show it."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.planning import schema
from roadbed.engine.planning.graph import read
from roadbed.kit.errors import InvalidInput
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.random.provider import RandomProvider

TYPES = {**CoreProvider.types, **RandomProvider.types}
PASSWORD, DATA = "shop@dev/pw#random:Password", "shop@dev/data#core:Data"
RESULT = {"$ref": [PASSWORD, "result"]}


def check(value: Any) -> None:
    source = {"file": "roadbed.py", "line": 7}
    resources = [
        {"urn": PASSWORD, "type": "random:Password", "name": "pw", "properties": {"length": 20}},
        {"urn": DATA, "type": "core:Data", "name": "data", "properties": {"input": value}, "source": source},
    ]
    schema.check(read({"version": 1, "stack": "shop@dev", "resources": resources}), TYPES)


@pytest.mark.parametrize(
    "value", [RESULT, [1, RESULT], {"a": {"$join": ["pw=", RESULT]}}, {"$call": ["sha256", RESULT]}, {"$secret": "KEY"}]
)
def test_it_is_refused_where_it_is_declared(value: Any) -> None:
    with pytest.raises(InvalidInput, match="is secret, and may not be") as refused:
        check(value)
    problem = (refused.value.problems or (refused.value.problem,))[0]
    assert (problem.file, problem.line, problem.hint) == ("roadbed.py", 7, "carry it in a core:Secret")


@pytest.mark.parametrize("value", ["plain", {"$literal": {"$secret": "a key that is called so"}}, None, [1, {"a": 2}]])
def test_what_is_plain_is_not(value: Any) -> None:
    check(value)
