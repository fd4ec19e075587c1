"""The reference of the SDK and the schema of the graph document are what the code says."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

import roadbed
from roadbed import sdk
from roadbed.platform import graph_schema
from roadbed.sdk import Component, Resource, contracts_reference, deferred, export, secret
from roadbed.sdk.program import Program, running
from roadbed.sdk.reference import reference

REFERENCE = Path(roadbed.__file__).parents[2] / "docs" / "reference"


def test_the_reference_of_the_sdk_is_up_to_date() -> None:
    """`python -m roadbed.sdk.reference` writes it."""
    page = (REFERENCE / "sdk.md").read_text(encoding="utf-8")
    assert page == reference()
    for name in sdk.__all__:
        assert f"### {name}\n" in page or name == "deferred"


def test_the_contracts_of_scores_types_are_up_to_date() -> None:
    """`python -m roadbed.sdk.contracts_reference` writes them."""
    assert (REFERENCE / "score-types.md").read_text(encoding="utf-8") == contracts_reference.page()


def test_the_schema_of_the_graph_document_is_up_to_date() -> None:
    """`python -m roadbed.platform.graph_schema` writes it."""
    assert (REFERENCE / "graph.schema.json").read_text(encoding="utf-8") == graph_schema.text()


def _document() -> dict[str, Any]:
    with running(Program("orders@dev")) as program:
        with Component("acme:Data", "data") as data:
            db = Resource("postgres:Database", "db", protect=True, import_="x", timeouts={"create": 3.5})
            content = deferred.json([secret("KEY"), f"{db.host}:"])
            Resource("file:File", "file", {"$x": 1}, depends_on=[db], content=content)
            data.outputs(host=db.host)
        export("host", data.host)
    return program.document()


def test_what_the_sdk_emits_keeps_to_the_schema() -> None:
    validator = Draft202012Validator(json.loads(graph_schema.text()))
    validator.validate(_document())


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"stack": 3},
        {"resources": [{"urn": "a"}]},
        {"exports": {"a": {"$ref": ["one"]}}},
        {"exports": {"a": {"$other": 1}}},
        {"resources": [{"urn": "a", "type": "t", "name": "n", "properties": {}, "kind": "other"}]},
    ],
)
def test_what_breaks_the_schema_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator(json.loads(graph_schema.text())).validate({**_document(), **wrong})


def test_everything_of_the_sdk_says_what_it_is() -> None:
    for name in sdk.__all__:
        assert inspect.getdoc(getattr(sdk, name)), name
