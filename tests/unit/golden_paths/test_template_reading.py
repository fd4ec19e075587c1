"""Templates and forms: what is read, and how what is wrong is said."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from roadbed.golden_paths.forms import Picker, fill, pickers
from roadbed.golden_paths.reader import read_template
from roadbed.kit.errors import InvalidInput

ACTIONS = {"fetch:template": "Render the template", "debug:log": "Write to the log"}


def text(**spec: Any) -> str:
    whole = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "api", "title": "An API", "tags": ["python"]},
        "spec": {"type": "service", "owner": "platform", "steps": [], **spec},
    }
    return yaml.safe_dump(whole, sort_keys=False)


def step(**fields: Any) -> list[dict[str, Any]]:
    return [{"action": "debug:log", **fields}]


def test_a_template_is_read() -> None:
    template = read_template(
        text(
            parameters={"properties": {"name": {"type": "string"}}},
            steps=[
                {"id": "a", "action": "debug:log", "if": "${{ x }}", "each": [1], "input": {"message": "hi"}},
                {"action": "fetch:template", "name": "Fetch", "input": {"url": "."}},
            ],
            output={"links": [{"url": "x"}], "other": 1},
        ),
        "templates/api/template.yaml",
        ACTIONS,
    )
    assert (template.name, template.title, template.owner) == ("api", "An API", "group:default/platform")
    assert [(found.id, found.name) for found in template.steps] == [("a", "Write to the log"), ("step-2", "Fetch")]
    assert (template.steps[0].condition, template.steps[0].each, template.steps[1].each) == ("${{ x }}", [1], None)
    assert template.pages == ({"properties": {"name": {"type": "string"}}},)
    assert template.output == {"links": [{"url": "x"}], "other": 1}


def test_a_form_may_be_one_page_or_several_or_none() -> None:
    page: dict[str, Any] = {"properties": {}}
    assert read_template(text(), "t", ACTIONS).pages == ()
    assert read_template(text(parameters=[page, page]), "t", ACTIONS).pages == (page, page)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"steps": step(action="debug:lgo")}, "did you mean 'debug:log'"),
        ({"steps": [{"id": "a"}]}, "spec.steps[0].action is missing"),
        ({"steps": step(id="a") * 2}, "two steps with the id 'a'"),
        ({"steps": step(id="a b")}, "id has the wrong form"),
        ({"steps": step(inputs={})}, "inputs is not a known field"),
        ({"steps": step(input={"message": "${{ a. }}"})}, "cannot be evaluated"),
        ({"steps": step(**{"if": "${{ | }}"})}, "cannot be evaluated"),
        ({"steps": "none"}, "spec.steps must be a list"),
        ({"parameters": {"properties": {"a": {"type": "strng"}}}}, "is no JSON Schema"),
        ({"parameters": ["a"]}, "spec.parameters[0] must be a mapping"),
        ({"secrets": {"schema": {}}}, "spec.secrets is not supported"),
        ({"output": {"links": ["a"]}}, "spec.output.links[0] must be a mapping"),
    ],
)
def test_what_is_wrong_is_said(spec: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_template(text(**spec), "templates/api/template.yaml", ACTIONS)
    everything = [caught.value.problem, *caught.value.problems]
    assert said in "\n".join(f"{problem} {problem.hint}" for problem in everything)
    assert caught.value.problem.file == "templates/api/template.yaml"


KEYS = st.sampled_from(["action", "id", "input", "if", "properties", "type", "links"])
SPECS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["parameters", "steps", "output"]), SPECS))
def test_nothing_gives_anything_but_a_template_or_invalid_input(spec: dict[str, Any]) -> None:
    try:
        template = read_template(text(**spec), "t", ACTIONS)
        pickers(template.pages)
        fill(template.pages, {"name": "x"})
    except InvalidInput:
        pass


PAGES: list[dict[str, Any]] = [
    {
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "description": "What it is called."},
            "size": {"type": "integer", "default": 2},
            "public": {"type": "boolean"},
        },
    },
    {"properties": {"kind": {"enum": ["a", "b"]}, "deep": {"type": "object", "properties": {"x": {"default": 1}}}}},
]


@pytest.mark.parametrize(
    ("given_", "filled"),
    [
        ({"name": "a"}, {"name": "a", "size": 2}),
        ({"name": "a", "size": "3", "public": "true"}, {"name": "a", "size": 3, "public": True}),
        ({"name": "a", "kind": "", "public": None}, {"name": "a", "size": 2}),
        ({"name": "a", "deep": {}}, {"name": "a", "size": 2, "deep": {"x": 1}}),
    ],
)
def test_a_form_is_filled(given_: dict[str, Any], filled: dict[str, Any]) -> None:
    assert fill(PAGES, given_) == filled


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "name is missing"),
        ({"name": ""}, "name is missing"),
        ({"name": "A"}, "name: 'A' has the wrong form"),
        ({"name": "a", "size": "many"}, "size: 'many' is not of type 'integer'"),
        ({"name": "a", "kind": "c"}, "kind: 'c' is not among the choices"),
        ({"name": "a", "naem": "b"}, "naem is no parameter"),
    ],
)
def test_an_error_names_the_field(given_: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fill(PAGES, given_)
    assert said in caught.value.message
    assert caught.value.hint or "size" in said


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        fill([{"required": ["a", "b"], "properties": {"a": {}, "b": {}}}], {})
    assert [problem.message for problem in caught.value.problems] == ["a is missing", "b is missing"]


def test_deep_parameters_are_refused() -> None:
    value: Any = 1
    for _ in range(1000):
        value = {"x": value}
    with pytest.raises(InvalidInput, match="nested"):
        fill(PAGES, {"name": "a", "deep": value})


def test_pickers_say_which_kinds_they_take() -> None:
    page = {
        "properties": {
            "owner": {"ui:field": "OwnerPicker"},
            "team": {"ui:field": "OwnerPicker", "ui:options": {"catalogFilter": {"kind": "Group"}}},
            "system": {"ui:field": "EntityPicker", "ui:options": {"catalogFilter": [{"kind": ["System", "Domain"]}]}},
            "plain": {"type": "string"},
        }
    }
    assert pickers([page]) == [
        Picker("owner", ("group", "user")),
        Picker("team", ("group",)),
        Picker("system", ("system", "domain")),
    ]
