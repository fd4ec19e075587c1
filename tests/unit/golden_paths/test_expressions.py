"""The semantics of `${{ }}`, a row a fact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.golden_paths.errors import ExpressionError
from roadbed.golden_paths.expressions import check_syntax, environment, is_true, render_text, render_value
from roadbed.kit.errors import InvalidInput

CONTEXT = {
    "parameters": {
        "n": 3,
        "half": 2.5,
        "flag": True,
        "off": False,
        "name": "orders",
        "list": ["a", "b"],
        "map": {"a": 1},
        "items": "data",
        "null": None,
        "html": "<a & b>",
        "evil": "${{ parameters.name }}",
        "repo": "github.com?owner=acme&repo=orders",
    }
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ parameters.n }}", 3),
        ("${{parameters.n}}", 3),
        ("${{- parameters.n -}}", 3),
        ("${{ parameters.half }}", 2.5),
        ("${{ parameters.flag }}", True),
        ("${{ parameters.list }}", ["a", "b"]),
        ("${{ parameters.map }}", {"a": 1}),
        ("${{ parameters.null }}", None),
        ("${{ parameters.n > 2 and parameters.flag }}", True),
        ("${{ parameters.n + 1 }}", 4),
        ("${{ [parameters.n, 1] }}", [3, 1]),
        ("${{ {'a': '}}'} }}", {"a": "}}"}),
        ("${{ parameters.n === 3 }}", True),
        ("${{ parameters.n !== 3 }}", False),
        ("${{ 'a === b' }}", "a === b"),
        ("a${{ parameters.n }}", "a3"),
        (" ${{ parameters.n }}", " 3"),
        ("${{ parameters.n }}${{ parameters.n }}", "33"),
        ("x ${{ parameters.list }}", "x a,b"),
        ("x ${{ parameters.off }}", "x false"),
        ("x ${{ parameters.gone }}", "x "),
        ("x ${{ parameters.gone.deeper.still }}", "x "),
        ("x ${{ parameters.null }}", "x "),
        ("x ${{ parameters.html }}", "x <a & b>"),
        ("{{ parameters.n }}", "{{ parameters.n }}"),
        ("{% if parameters.flag %}yes{% endif %}", "yes"),
        ("a{# nothing #}b", "ab"),
        ("${{ parameters.list | dump }}", '["a","b"]'),
        ("x${{ parameters.list | dump }}", 'x["a","b"]'),
        ("${{ parameters.list | join('-') }}", "a-b"),
        ("${{ [true, none, 1] | join('-') }}", "true--1"),
        ("${{ parameters.name | upper }}", "ORDERS"),
        ("${{ parameters.name.length }}", 6),
        ("${{ parameters.items }}", "data"),
        ("${{ 'a' + 3 }}", "a3"),
        ("${{ parameters.evil }}", "${{ parameters.name }}"),
        ("x ${{ parameters.evil }}", "x ${{ parameters.name }}"),
        ("${{ parameters.gone > 2 }}", False),
        ("${{ parameters.repo | parseRepoUrl }}", {"host": "github.com", "owner": "acme", "repo": "orders"}),
        ("${{ parameters.repo | parseRepoUrl | pick('owner') }}", "acme"),
        ("${{ (parameters.repo | parseRepoUrl).owner }}", "acme"),
        ("${{ parameters.repo | projectSlug }}", "acme/orders"),
        ("${{ 'a' | parseEntityRef({'defaultKind': 'Group'}) | pick('kind') }}", "group"),
        ("${{ 'user:x/ada' | parseEntityRef | pick('namespace') }}", "x"),
    ],
)
def test_a_text(text: str, value: Any) -> None:
    result = render_value(text, CONTEXT)
    assert result == value
    assert type(result) is type(value)


def test_entries_whose_result_is_empty_are_left_out() -> None:
    value = {"a": "${{ parameters.gone }}", "b": "", "c": "{% if false %}x{% endif %}", "d": ["${{ parameters.gone }}"]}
    assert render_value(value, CONTEXT) == {"d": [None]}


def test_values_that_are_no_text_stay_and_keys_are_not_rendered() -> None:
    value = {"n": 1, "f": False, "deep": {"${{ x }}": ["${{ parameters.n }}", None]}}
    assert render_value(value, CONTEXT) == {"n": 1, "f": False, "deep": {"${{ x }}": [3, None]}}


@pytest.mark.parametrize("value", [False, None, "", 0, []])
def test_what_is_false(value: Any) -> None:
    assert not is_true(value)


@pytest.mark.parametrize("value", [True, "false", {}, [0], 1])
def test_what_is_true(value: Any) -> None:
    assert is_true(value)


@pytest.mark.parametrize(
    "text",
    [
        "${{ parameters. }}",
        "${{ parameters.name | nofilter }}",
        "${{ ''.__class__.__mro__ }}x",
        "${{ parameters.name.__class__ }}",
        "${{ 1 / 0 }}",
        "${{ 'a' * 1000000 }}",
        "${{ 9 ** 9 ** 9 }}",
        "${{ range(1000000000) | list }}",
        "${{ 'orders' | parseRepoUrl }}",
        "${{ 'orders' | parseEntityRef }}",
        "${{ parameters.n() }}",
        "${{ parameters.name.upper }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}xxxxxxxxxxxx{% endfor %}{% endfor %}",
        "{% include 'x' %}",
        "${{ ",
    ],
)
def test_what_cannot_be_evaluated_is_the_templates_fault(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        render_value(text, CONTEXT, file="template.yaml")
    assert caught.value.exit_code == 2


def test_an_error_names_the_file_and_line() -> None:
    with pytest.raises(ExpressionError) as caught:
        render_text("a\nb\n${{ 1 / 0 }}\n", {}, file="skeleton/x.py")
    assert (caught.value.problem.file, caught.value.problem.line) == ("skeleton/x.py", 3)


def test_other_delimiters() -> None:
    text = render_text("{{ cookiecutter.a }} ${{ a }}", {"cookiecutter": {"a": 1}}, using=environment(start="{{"))
    assert text == "1 $"


@given(st.text(alphabet="${}{%}# ab.|'\"()[]=!*-1\n", max_size=40))
def test_no_text_gives_anything_but_a_value_or_invalid_input(text: str) -> None:
    try:
        check_syntax(text)
        render_value(text, {"a": 1})
        render_text(text, {"a": 1})
    except InvalidInput:
        pass
