"""A secret isn't planned into a property that would show it."""

from __future__ import annotations

from typing import Any

import pytest

from roadbed.engine.expressions.values import Secret
from roadbed.engine.planning import schema, secrecy
from roadbed.engine.planning.graph import read
from roadbed.kit.errors import InvalidInput
from roadbed.providers.core.provider import CoreProvider
from roadbed.providers.random.provider import RandomProvider
from unit.engine.building import Known

TYPES = {**CoreProvider.types, **RandomProvider.types}
PASSWORD, DATA, HOLDER = "shop@dev/pw#random:Password", "shop@dev/data#core:Data", "shop@dev/holder#acme:Holder"
OTHER = "shop@dev/other#core:Data"
RESULT = {"$ref": [PASSWORD, "result"]}
IMPORTED = {"$import": ["sec@dev", "key"]}


class Importing(Known):
    """Another stack exports `key`, which is secret, `address`, which is not, and nothing else."""

    def imported(self, stack: str, name: str) -> Any:
        if name not in ("key", "address"):
            raise InvalidInput(f"{stack} exports no {name!r}")
        return Secret("hunter2") if name == "key" else "10.0.0.1"


def check(value: Any, exports: dict[str, Any] | None = None) -> None:
    source = {"file": "roadbed.py", "line": 7}
    outputs = {"whole": RESULT, "deep": {"of": [RESULT]}, "imported": IMPORTED, "plain": "plain"}
    holder = {
        "urn": HOLDER,
        "type": "acme:Holder",
        "name": "holder",
        "kind": "component",
        "properties": {"outputs": outputs},
    }
    resources = [
        {"urn": DATA, "type": "core:Data", "name": "data", "properties": {"input": value}, "source": source},
        holder,
        {"urn": OTHER, "type": "core:Data", "name": "other", "properties": {"input": "known after apply"}},
        {"urn": PASSWORD, "type": "random:Password", "name": "pw", "properties": {"length": 20}},
    ]
    graph = read({"version": 1, "stack": "shop@dev", "resources": resources, "exports": exports or {}})
    schema.check(graph, TYPES)
    secrecy.check(graph, TYPES, Importing())


SECRET = [
    RESULT,
    [1, RESULT],
    {"a": {"$join": ["pw=", RESULT]}},
    {"$call": ["sha256", RESULT]},
    {"$secret": "KEY"},
    IMPORTED,
    {"$call": ["json", {"a": IMPORTED}]},
    {"$join": [{"$ref": [OTHER, "output"]}, IMPORTED]},
    {"$ref": [HOLDER, "whole"]},
    {"$ref": [HOLDER, "deep"]},
    [{"$ref": [HOLDER, "imported"]}],
]


@pytest.mark.parametrize("value", SECRET, ids=str)
def test_it_is_refused_where_it_is_declared(value: Any) -> None:
    with pytest.raises(InvalidInput, match="is secret, and may not be") as refused:
        check(value)
    problem = (refused.value.problems or (refused.value.problem,))[0]
    assert (problem.file, problem.line, problem.hint) == ("roadbed.py", 7, "carry it in a core:Secret")


PLAIN = [
    "plain",
    {"$literal": {"$secret": "a key that is called so"}},
    None,
    [1, {"a": 2}],
    {"$import": ["sec@dev", "address"]},
    {"$import": ["sec@dev", "none"]},
    {"$ref": [HOLDER, "plain"]},
]


@pytest.mark.parametrize("value", PLAIN, ids=str)
def test_what_is_plain_is_not(value: Any) -> None:
    check(value)


@pytest.mark.parametrize(("urn", "output"), [(PASSWORD, "result.0"), (HOLDER, "deep.of"), (HOLDER, "imported.0")])
def test_a_part_of_a_secret_is_refused(urn: str, output: str) -> None:
    part, name = {"$ref": [urn, output]}, output.partition(".")[0]
    says = f"asks for {output!r} of {urn}, and {name!r} is one secret text"
    with pytest.raises(InvalidInput) as refused:
        check("plain", exports={"x": part})
    assert (refused.value.message, refused.value.hint) == (f"the export 'x' {says}", f"use {name!r} as a whole")
    with pytest.raises(InvalidInput) as refused:
        check(part)
    assert f"roadbed.py:7: {DATA} {says}" in [str(problem) for problem in refused.value.problems]
