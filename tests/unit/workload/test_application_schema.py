"""The published JSON Schema and the reader say the same of every file, because both go by one description."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from roadbed.workload import forms
from roadbed.workload.application_form import APPLICATION
from roadbed.workload.application_reference import PAGE, SCHEMA, page_text, schema_text
from roadbed.workload.parsing import parse_document
from roadbed.workload.reader import Reader

VALIDATOR = Draft202012Validator(json.loads(schema_text()))

TEXTS = [
    *("web", "a", "Web", "group:default/payments", "Europe/Madrid", "UTC", "0 3 * * *", "@daily", "0 3 * *", "30s"),
    *(
        "5 minutes",
        "orders.example.com",
        "a_b.example",
        "score.yaml",
        "../score.yaml",
        "a/../b",
        "a..b/c",
        "/etc/passwd",
    ),
    *("s3", "shared.db", "Shared.DB", "NPM_TOKEN", "npm run build", "canary", "rolling", "", "two words", "a=b"),
]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 150),
    st.sampled_from(TEXTS),
    st.lists(st.sampled_from(TEXTS), max_size=2),
    st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(TEXTS), max_size=2),
)


def near(form: forms.Form) -> st.SearchStrategy[Any]:
    """What the form asks for, more often than not."""
    return st.one_of(right(form), right(form), right(form), JUNK)


def right(form: forms.Form) -> st.SearchStrategy[Any]:
    match form:
        case forms.Section():
            return st.fixed_dictionaries(
                {name: near(each.form) for name, each in form.fields.items() if each.required},
                optional={name: near(each.form) for name, each in form.fields.items() if not each.required}
                | {"colour": JUNK},
            )
        case forms.Removable():
            return st.none() | right(form.form)
        case forms.Table():
            return st.dictionaries(st.sampled_from(TEXTS), near(form.value), max_size=2)
        case forms.Listed():
            return st.lists(near(form.item), max_size=2)
        case forms.CommandLine():
            return st.lists(st.sampled_from(TEXTS), max_size=2)
        case forms.Integer():
            return st.integers(form.low - 1, form.high + 1)
        case forms.Choice():
            return st.sampled_from(form.choices)
        case _:
            return st.sampled_from(TEXTS)


def reader_takes(document: Any) -> bool:
    reader = Reader()
    APPLICATION.check(reader, parse_document(json.dumps(document), "roadbed.yaml"), "")
    return not reader.findings.problems


@settings(max_examples=150, deadline=None)
@given(near(APPLICATION))
def test_schema_and_reader_take_the_same_files(document: Any) -> None:
    assert reader_takes(document) == VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({}, True),
        ({"build": {"commands": ["npm ci", ["npm", "run", "build"]], "secrets": ["NPM_TOKEN"]}}, True),
        ({"build": {"commands": [""]}}, False),
        ({"build": {"commands": [[]]}}, False),
        ({"build": {"secrets": ["npm token"]}}, False),
        ({"build": {"variables": {"VITE_API": "/api", "DEBUG": "0"}}}, True),
        ({"build": {"variables": {"A=B": "/api"}}}, False),
        ({"environments": {"prod": {"resources": {"db": {"params": {"size": "large"}}}}}}, True),
        ({"environments": {"prod": {"build": {}}}}, False),
        ({"resources": {"db": {"params": {}}}}, False),
        ({"workloads": {"web": {"score": "a/../../b.yaml"}}}, False),
        ({"workloads": {"web": {"score": "a/..b.yaml"}}}, True),
    ],
)
def test_what_each_takes(said: dict[str, Any], taken: bool) -> None:
    document = {"apiVersion": "roadbed.dev/v1", "kind": "Application", **said}
    assert (reader_takes(document), VALIDATOR.is_valid(document)) == (taken, taken)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_published_schema_and_page_are_current() -> None:
    hint = "run: python -m roadbed.workload.application_reference"
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), hint
    assert PAGE.read_text(encoding="utf-8") == page_text(), hint
