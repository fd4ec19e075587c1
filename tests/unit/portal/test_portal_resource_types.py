"""Resource types in the portal: the form that writes a declaration, and what it says of a wrong answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fakes.portal import CSRF, providers
from page_reader import having, read
from roadbed.portal.components.schema_form import Field
from roadbed.portal.components.type_form import NAME, form, properties
from roadbed.portal.pages.palette import MOST
from roadbed.providers.driver import Property, ResourceType
from roadbed.resource_types.domain import TypeView, type_view
from roadbed.resource_types.typed import typed_classes

SERVER = "/resource-types/postgres:Server"
ANSWERS = {"csrf": CSRF, f"p.{NAME}": "db", "p.host": "db.example.com", "p.username": "=admin.username"}


def view(type_: str) -> TypeView:
    return type_view(providers()[type_].types[type_], None, "")


def asked(of: TypeView) -> dict[str, Field]:
    return {field.name: field for section in form(of) for field in section.fields}


def one(schema: dict[str, Any], **more: Any) -> TypeView:
    return type_view(ResourceType("acme:Thing", "A thing.", {"it": Property(schema, **more)}), None, "")


def test_each_property_is_asked_for_in_its_own_way() -> None:
    command = asked(view("command:Command"))
    assert list(command)[:2] == [NAME, "create"]
    kinds = {name: field.kind for name, field in command.items()}
    assert kinds == {
        NAME: "text", "create": "paragraph", "update": "paragraph", "delete": "paragraph", "environment": "paragraph",
        "files": "paragraph", "stdin": "text", "network": "flag", "timeout_s": "text", "outputs": "choice",
        "sensitive": "flag", "triggers": "paragraph",
    }  # fmt: skip
    assert command["network"].checked
    assert command["timeout_s"].placeholder == "300"
    assert command["outputs"].unchosen == "text (default)"
    assert command["triggers"].badges == ("a change replaces it",)
    assert asked(view("file:File"))["content"].kind == "paragraph"
    assert asked(view("postgres:Server"))["password"].badges == ("secret",)


@pytest.mark.parametrize(
    ("schema", "typed", "value"),
    [
        ({"type": "string"}, " a ", "a"),
        ({"type": "string"}, "=db.host", {"$python": "db.host"}),
        ({"type": "string"}, "==x", "=x"),
        ({"type": "string", "maxLength": 5_000}, "a\r\n  b\n", "a\r\n  b\n"),
        ({"type": "string", "writeOnly": True}, "KEY", {"$secret": "KEY"}),
        ({"type": "string", "writeOnly": True}, "=key.private_key_pem", {"$python": "key.private_key_pem"}),
        ({"type": "integer"}, "7", 7),
        ({"type": "number"}, "7.5", 7.5),
        ({"type": "number"}, "7", 7),
        ({"type": ["number", "null"]}, "1e3", 1000),
        ({"type": "number"}, "inf", "inf"),
        ({"type": "integer"}, "seven", "seven"),
        ({"type": "integer"}, "=db.port", {"$python": "db.port"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "8080", 8080),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "http", "http"),
        ({"enum": [2048, 4096]}, "4096", 4096),
        ({"enum": ["a"]}, "b", "b"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "", None),
        ({"type": "boolean", "default": True}, "", False),
        ({"type": "boolean", "default": True}, "true", None),
        ({"type": "array", "items": {"type": "string"}}, "a b\n\n=c\n", ["a b", {"$python": "c"}]),
        ({"type": "array", "items": {"type": "integer"}}, "200\n204", [200, 204]),
        ({"type": "array"}, "- 1\n- no\n- =x", [1, "no", {"$python": "x"}]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "A: b c\nB=1\nURL: =db.url",
         {"A": "b c", "B": "1", "URL": {"$python": "db.url"}}),
        ({"type": "object"}, "http: {port: 80}", {"http": {"port": 80}}),
        ({}, "{a: [1, 2]}", {"a": [1, 2]}),
        ({}, "   ", None),
    ],
)  # fmt: skip
def test_an_answer_becomes_a_value(schema: dict[str, Any], typed: str, value: Any) -> None:
    given, problems = properties(one(schema), {"it": typed})
    assert not problems
    assert given == ({} if value is None else {"it": value})


@pytest.mark.parametrize(
    ("schema", "typed", "says"),
    [
        ({"type": "object", "additionalProperties": {"type": "string"}}, "A", "write NAME: value"),
        ({"type": "object"}, "a: [", "not valid YAML"),
        ({}, "&a [*a]", "inside itself"),
    ],
)
def test_what_cant_be_read_is_said(schema: dict[str, Any], typed: str, says: str) -> None:
    given, problems = properties(one(schema), {"it": typed})
    assert not given
    assert says.casefold() in problems["it"].casefold()


async def test_types_are_found_by_name_and_purpose(reader: httpx.AsyncClient) -> None:
    everything = having(read((await reader.get("/resource-types")).text), "h2")
    assert [one.text for one in everything][:4] == ["acme", "backups", "catalog", "command"]
    found = having(read((await reader.get("/resource-types?q=certificate+signed")).text), "a", class_="row-title")
    assert [one.text for one in found] == ["CertRequest", "LocallySignedCert", "SelfSignedCert"]


async def test_a_page_begins_with_the_least_that_declares_it(reader: httpx.AsyncClient) -> None:
    elements = read((await reader.get(SERVER)).text)
    (code,) = having(elements, "pre", class_="code-box")
    assert "host=...,\n" in code.text
    assert having(elements, "p", class_="code-note")[0].text == "Still needed: name, host, username, password."
    assert not [one for one in having(elements, "p", class_="problem") if "hidden" not in one.attributes]


async def test_the_form_writes_python(ada: httpx.AsyncClient) -> None:
    answer = await ada.post(SERVER, data={**ANSWERS, "p.password": "DB_PASSWORD", "p.port": "5433"})
    (code,) = having(read(answer.text), "pre", class_="code-box")
    assert code.text.splitlines() == [
        "from roadbed.sdk import secret",
        "from roadbed.sdk.types import postgres",
        "",
        "db = postgres.Server(",
        '    "db",',
        '    host="db.example.com",',
        "    port=5433,",
        "    username=admin.username,",
        '    password=secret("DB_PASSWORD"),',
        ")",
    ]
    assert "Put it into roadbed.py." in " ".join(one.text for one in having(read(answer.text), "p"))


async def test_what_is_wrong_stands_beside_its_field(ada: httpx.AsyncClient) -> None:
    """Sent as a whole, what is missing is wrong as well."""
    elements = read((await ada.post(SERVER, data={**ANSWERS, "p.port": "70000", "p.password": "hunter 2"})).text)
    problems = {one.attributes["id"]: one.text for one in having(elements, "p", class_="problem") if one.text.strip()}
    assert problems == {
        "p-port-problem": "70000 is greater than the maximum of 65535.",
        "p-password-problem": problems["p-password-problem"],
    }
    assert problems["p-password-problem"].startswith("This can't be the name of a secret.")
    assert having(elements, "input", id="p-port")[0].attributes["aria-invalid"] == "true"
    lacking = read((await ada.post(SERVER, data={"csrf": CSRF})).text)
    assert having(lacking, "p", id="p-host-problem")[0].text == "This is needed."


async def test_while_one_writes_only_the_code_and_the_mistakes_come_back(ada: httpx.AsyncClient) -> None:
    headers = {"HX-Request": "true", "HX-Target": "declaration", "X-CSRF-Token": CSRF}
    answer = await ada.post(SERVER, data={"p.port": "x"}, headers=headers)
    elements = read(answer.text)
    assert not having(elements, "html")
    shown = [one for one in having(elements, "p", class_="problem") if "hidden" not in one.attributes]
    assert [(one.attributes["id"], one.attributes["hx-swap-oob"]) for one in shown] == [("p-port-problem", "true")]


async def test_a_form_without_its_token_is_refused(ada: httpx.AsyncClient) -> None:
    assert (await ada.post(SERVER, data={"p.host": "x"})).status_code == 403


async def test_an_unknown_type_is_no_page(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/resource-types/postgres:Databse")
    assert (answer.status_code, "postgres:Database" in answer.text) == (404, True)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("network", "/stacks/network@dev"),
        ("server resource", "/resource-types/postgres:Server"),
        ("resource types", "/resource-types"),
    ],
)
async def test_the_palette_leads_to_stacks_and_types(reader: httpx.AsyncClient, text: str, first: str) -> None:
    items = having(read((await reader.get("/palette", params={"q": text})).text), "a")
    assert items[0].attributes["href"] == first
    assert len(items) <= MOST


def test_every_type_has_a_form() -> None:
    for name in providers():
        assert {field for field in asked(view(name)) if field != NAME} == {one.name for one in view(name).properties}
    assert typed_classes()
