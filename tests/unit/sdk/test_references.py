"""References go through text unharmed, and refuse what can't be deferred."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.sdk import Resource
from roadbed.sdk.errors import ProgramError
from roadbed.sdk.graph import encode
from roadbed.sdk.references import Reference
from roadbed.sdk.program import Program, inside, running
from roadbed.sdk.types import gateway, postgres

URN = "orders@dev/web/db#postgres:Database"
HOST = Reference(URN, "host")

plain_text = st.text().filter(lambda text: "rbref" not in text.lower() and "⟦" not in text)


@given(before=plain_text, after=plain_text)
def test_a_reference_in_text_becomes_a_join(before: str, after: str) -> None:
    parts = [part for part in (before, {"$ref": [URN, "host"]}, after) if part != ""]
    assert encode(f"{before}{HOST}{after}") == {"$join": parts}


@given(plain_text)
def test_text_without_references_stays_as_it_is(text: str) -> None:
    assert encode(text) == text


def test_a_reference_by_itself_keeps_its_type() -> None:
    assert encode({"port": HOST, "list": [HOST]}) == {
        "port": {"$ref": [URN, "host"]},
        "list": [{"$ref": [URN, "host"]}],
    }


def test_a_key_that_begins_with_a_dollar_is_taken_literally() -> None:
    assert encode({"$ref": ["a", "b"]}) == {"$literal": {"$ref": ["a", "b"]}}


REFUSED: dict[str, Callable[[Reference], Any]] = {
    "compared with text": lambda host: host == "localhost",
    "ordered": lambda host: host < "z",
    "tested": bool,
    "counted": len,
    "looped over": list,
    "sliced": lambda host: host[1:],
    "asked for a method": lambda host: host.upper(),
    "given a format": lambda host: f"{host:>20}",
}


@pytest.mark.parametrize("misuse", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_deferred_is_refused(misuse: Callable[[Reference], Any]) -> None:
    with pytest.raises(ProgramError, match="host"):
        misuse(HOST)


DAMAGED: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "cut at the end": lambda text: text[:-3],
    "cut at the start": lambda text: text[3:],
    "escaped as JSON": json.dumps,
    "another reference's number": lambda text: text.replace("rbref:", "rbref:9"),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_reference_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(ProgramError, match="cut, changed or encoded"):
        encode(f"postgres://{damage(str(HOST))}/app")


def test_resources_are_collected_with_their_place_in_the_users_file() -> None:
    with running(Program("orders@dev")) as program, inside("web"):
        database = postgres.Database("db")
        gateway.Route("route", host=f"{database.host}.example", workload="web", port="http")
    first, second = program.document()["resources"]
    assert first["urn"] == URN
    assert first["source"]["file"] == __file__
    assert second["properties"]["host"] == {"$join": [{"$ref": [URN, "host"]}, ".example"]}


def test_two_resources_of_one_name_are_refused_with_the_first_ones_place() -> None:
    with running(Program("orders@dev")):
        Resource("postgres:Database", "db")
        with pytest.raises(ProgramError, match="declared twice") as refused:
            Resource("postgres:Database", "db")
    assert __file__ in str(refused.value.hint)


def test_a_resource_outside_of_a_program_is_refused() -> None:
    with pytest.raises(ProgramError, match="outside of a program"):
        Resource("postgres:Database", "db")


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ProgramError, match="can't hold a bytes"):
        encode({"content": base64.b64encode(b"x")})
