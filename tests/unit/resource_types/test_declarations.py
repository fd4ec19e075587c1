"""Declarations in Python: that they say what was given, whatever that is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.providers.driver import Property, ResourceType
from roadbed.resource_types.checking import problems
from roadbed.resource_types.domain import DeclarationProblem, shape, type_view
from roadbed.resource_types.python import MISSING, declaration, is_expression
from roadbed.resource_types.typed import typed_classes
from roadbed.sdk.program import Program, running
from type_pages import every_type

TYPES = every_type()
THING = ResourceType("acme:Thing", "A thing.", {"size": Property({"type": "integer"})})


def declared(code: str) -> dict[str, Any]:
    """What the program declares."""
    with running(Program("orders@dev")) as program:
        exec(code, {})
    (resource,) = program.document()["resources"]
    return dict(resource)


def written(type_: str, properties: dict[str, Any], name: str = "one") -> str:
    return declaration(type_, typed_classes().get(type_), name, properties)


def test_a_typed_class_is_used_where_there_is_one() -> None:
    properties = {"host": "db.example.com", "username": "admin", "password": {"$secret": "DB_PASSWORD"}, "port": 5433}
    assert written("postgres:Server", properties, "db") == (
        "from roadbed.sdk import secret\n"
        "from roadbed.sdk.types import postgres\n"
        "\n"
        "db = postgres.Server(\n"
        '    "db",\n'
        '    host="db.example.com",\n'
        '    username="admin",\n'
        '    password=secret("DB_PASSWORD"),\n'
        "    port=5433,\n"
        ")\n"
    )


def test_any_other_type_is_a_plain_resource() -> None:
    assert written("acme:Thing", {"size": 3}) == (
        'from roadbed.sdk import Resource\n\none = Resource("acme:Thing", "one", size=3)\n'
    )


def test_what_is_missing_leaves_a_gap_that_no_program_accepts() -> None:
    code = written("postgres:Extension", {"name": "citext", "database": MISSING})
    assert 'extension("one", name_="citext", database=...)' in code.casefold()
    with pytest.raises(Exception, match="ellipsis"):
        declared(code)


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("web-1", "web_1"),
        ("1st", "_1st"),
        ("class", "class_"),
        ("postgres", "postgres_"),
        ("Größe", "gr_sse"),
        ("é", "resource"),
    ],
)
def test_a_resource_is_called_by_its_name(name: str, variable: str) -> None:
    code = written("postgres:Database", {}, name)
    assert f'\n{variable} = postgres.Database("{name}")' in code
    assert declared(code)["name"] == name


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab-'\"\n{}", min_size=1), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


PROPERTIES = st.dictionaries(
    st.sampled_from(["size", "a-b", "provider", "class", "properties"]), VALUES.filter(lambda one: one is not None)
)
NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/#~*?[]\\"), min_size=1, max_size=20)


@given(PROPERTIES)
def test_a_program_declares_what_was_given(properties: dict[str, Any]) -> None:
    assert declared(written("acme:Thing", properties))["properties"] == properties


@given(VALUES, NAMES)
def test_text_never_becomes_code(value: Any, name: str) -> None:
    """Also where a typed class is used, and in the name."""
    found = declared(written("core:Data", {"input": [value]}, name))
    assert (found["properties"]["input"], found["name"]) == ([value], name)


def test_expressions_stand_as_they_were_written() -> None:
    code = written("core:Data", {"input": {"a": {"$python": " db.host "}, "b": [{"$python": "secret('X')"}]}})
    assert '"a": db.host' in code
    assert "from roadbed.sdk import secret\n" in code


@pytest.mark.parametrize("text", ["", "a b", "x = 1", "import os", "a\nb", "(", "'" * 3, "(" * 900, "1" * 2_000])
def test_what_is_no_expression_stays_data(text: str) -> None:
    assert not is_expression(text)
    assert '"$python": ' in written("core:Data", {"input": {"$python": text}})


def found(type_: str, properties: dict[str, Any], name: str = "one") -> list[tuple[str | None, str, bool]]:
    return [(one.property, one.message, one.missing) for one in problems(TYPES[type_], name, properties)]


@pytest.mark.parametrize(
    ("type_", "properties", "expected"),
    [
        ("postgres:Database", {}, []),
        ("postgres:Extension", {"name": "citext", "database": {"$python": "db.name"}}, []),
        ("postgres:Extension", {"name": "x"}, [("database", "postgres:Extension needs the property 'database'", True)]),
        ("random:Id", {"byte_length": 0}, [("byte_length", "0 is less than the minimum of 1", False)]),
        ("random:Id", {"byte_length": {"$python": "a b"}}, [("byte_length", "this is no Python expression", False)]),
        ("random:Uuid", {"keepr": 1}, [("keepr", "random:Uuid has no property 'keepr'", False)]),
        ("core:Secret", {"input": "hunter2"}, [("input", "this is a secret", False)]),
        ("core:Secret", {"input": {"$python": "'hunter2'"}}, [("input", "this is a secret", False)]),
        ("core:Secret", {"input": {"$python": "key.private_key_pem"}}, []),
        ("core:Secret", {"input": {"$secret": "KEY"}}, []),
        ("core:Secret", {"input": {"$secret": "not a name"}}, [("input", "this can't be the name of a secret", False)]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_its_property(type_: str, properties: Any, expected: Any) -> None:
    assert found(type_, properties) == expected


def test_the_spot_in_a_property_is_named() -> None:
    (problem,) = problems(TYPES["command:Command"], "one", {"create": ["a", 1]})
    assert (problem.property, problem.place) == ("create", "create.1")


def test_a_resource_needs_a_name_that_can_stand_in_a_urn() -> None:
    assert next(problems(THING, "", {})) == DeclarationProblem(
        None, "", "a resource needs a name", "short, and its own in the stack", missing=True
    )
    assert "can't be the name" in next(problems(THING, "a/b", {})).message


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_default_keeps_to_its_own_schema_and_is_said_once(name: str) -> None:
    for one in type_view(TYPES[name], None, "").properties:
        if one.default is not None:
            assert found(name, {one.name: one.default}) == [
                other for other in found(name, {}) if other[0] != one.name
            ], one.name
            assert not one.description.endswith(f"; {one.default}.")
        last = one.description.rpartition("; ")[2].rstrip(".")
        assert last not in ("true", "false"), f"the schema of {one.name} says no default"
        assert not last.isdecimal(), f"the schema of {one.name} says no default"


def test_a_view_says_what_the_provider_says() -> None:
    view = type_view(TYPES["postgres:Server"], "roadbed.sdk.types.postgres.Server", "")
    by_name = {one.name: one for one in view.properties}
    assert [one.required for one in view.properties] == sorted((one.required for one in view.properties), reverse=True)
    assert by_name["password"].secret
    assert (by_name["port"].default, by_name["port"].replaces) == (5432, True)
    assert by_name["port"].description == "The port to connect to."
    secrets = {one.name for one in view.outputs if one.secret}
    assert secrets == {"password"}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": "string"}, "string"),
        ({"enum": ["GET"]}, "GET"),
        ({"enum": ["a", 2, "c"]}, "a, 2 or c"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "list or null of string"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "map of string"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "integer ≥ 1 and ≤ 9"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string or integer"),
    ],
)
def test_a_schema_in_words(schema: dict[str, Any], words: str) -> None:
    assert shape(schema) == words


def patterns(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that has a pattern."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema
        for part in schema.values():
            yield from patterns(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_whatever_has_a_form_says_it_in_words() -> None:
    """So that nobody is shown a regular expression: see `_in_words` of the engine's schema."""
    found = [
        (type_.name, name, each)
        for type_ in TYPES.values()
        for name, rule in type_.properties.items()
        for each in patterns(rule.schema)
    ]
    assert found
    assert [(type_, name) for type_, name, each in found if not (each.get("title") and each.get("description"))] == []
