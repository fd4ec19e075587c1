"""Forms from JSON Schema: fields, values, and what is said beside a wrong answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fakes.portal import CSRF, World
from page_reader import having, read
from roadbed.portal.components.schema_form import sections, values

PAGE: dict[str, Any] = {
    "title": "The service",
    "required": ["name", "owner"],
    "ui:order": ["owner", "name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 10, "ui:help": "lower-case letters"},
        "owner": {"type": "string", "ui:field": "OwnerPicker"},
        "size": {"type": "string", "enum": ["small", "large"], "enumNames": ["Small", "Large"], "default": "small"},
        "replicas": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
        "public": {"type": "boolean", "default": True},
        "word": {"type": "string", "not": {"enum": ["new"]}},
        "notes": {"type": "string", "ui:widget": "textarea"},
    },
}
GOOD = {"name": "orders", "owner": "group:default/payments", "size": "large", "replicas": "3", "public": "true"}


def test_fields_are_what_the_schema_says() -> None:
    (section,) = sections([PAGE], {"owner": ["group:default/payments", "group:default/platform"]})
    fields = {field.name: field for field in section.fields}
    assert [field.name for field in section.fields][:2] == ["owner", "name"]
    assert {name: field.kind for name, field in fields.items()} == {
        "owner": "choice",
        "name": "text",
        "size": "choice",
        "replicas": "number",
        "public": "flag",
        "word": "text",
        "notes": "paragraph",
    }
    assert fields["owner"].value == "group:default/payments"
    assert fields["size"].options == (("small", "Small"), ("large", "Large"))
    assert (fields["replicas"].value, fields["replicas"].minimum, fields["replicas"].whole) == ("2", 1, True)
    assert fields["public"].checked
    assert fields["name"].required
    assert not fields["word"].required


def test_good_answers_become_values() -> None:
    answers, problems = values([PAGE], GOOD)
    assert not problems
    assert answers == {**GOOD, "replicas": 3, "public": True}


def test_a_format_that_the_platform_knows_is_told_of_in_its_words() -> None:
    page = {"properties": {"when": {"type": "string", "format": "cron"}}}
    assert values([page], {"when": "0 25 * * *"})[1] == {
        "when": "The hour of '0 25 * * *' is wrong: '25' is not within 0 to 23."
    }
    assert values([page], {"when": "0 3 * * *"})[1] == {}


def test_what_was_typed_in_stays() -> None:
    (section,) = sections([PAGE], {}, typed={"name": "Wrong!", "replicas": "0"}, problems={"name": "No."})
    fields = {field.name: field for field in section.fields}
    assert (fields["name"].value, fields["name"].problem) == ("Wrong!", "No.")
    assert (fields["replicas"].value, fields["size"].value) == ("0", "")
    assert not fields["public"].checked


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "This is needed."),
        ({"name": "Ä"}, "name", "lower-case letters"),
        ({"name": "abcdefghijklmno"}, "name", "Write at most 10 characters."),
        ({"size": "huge"}, "size", "Choose one of the options."),
        ({"replicas": "many"}, "replicas", "This must be of the type integer."),
        ({"replicas": "10"}, "replicas", "This must be 9 or less."),
        ({"word": "new"}, "word", "This can't be used here. Choose something else."),
    ],
)
def test_a_wrong_answer_is_said_in_words(typed: dict[str, str], field: str, sentence: str) -> None:
    _, problems = values([PAGE], {**GOOD, **typed})
    assert problems == {field: sentence}


def test_a_schema_makes_nobody_fetch_anything() -> None:
    page = {"properties": {"name": {"$ref": "http://127.0.0.1:9/schema.json"}}}
    with pytest.raises(Exception, match=r"127\.0\.0\.1:9"):
        values([page], {"name": "x"})


async def test_the_form_offers_the_callers_own_team_first(ada: httpx.AsyncClient) -> None:
    elements = read((await ada.get("/golden-paths/python-api")).text)
    chosen = [option.attributes["value"] for option in having(elements, "option") if "selected" in option.attributes]
    assert chosen == ["group:default/payments", "dev"]
    name = having(elements, "input", name="p.name")[0].attributes
    assert "required" in name
    assert "autofocus" in name


async def test_a_wrong_form_comes_back_as_it_was_filled_in(ada: httpx.AsyncClient, world: World) -> None:
    form = {"csrf": CSRF, "p.name": '"><b>Bad</b>', "p.owner": "group:default/payments"}
    answer = await ada.post("/golden-paths/python-api", data=form)
    elements = read(answer.text)
    name = having(elements, "input", name="p.name")[0].attributes
    assert answer.status_code == 422
    assert name["value"] == '"><b>Bad</b>'
    assert name["aria-invalid"] == "true"
    assert "lower-case letters" in having(elements, "p", id="p-name-problem")[0].text
    assert "op_run" not in world.operations


async def test_a_good_form_starts_the_run_and_shows_it(ada: httpx.AsyncClient, world: World) -> None:
    form = {"csrf": CSRF, "p.name": "parcels", "p.owner": "group:default/payments", "p.environment": "dev"}
    answer = await ada.post("/golden-paths/python-api", data=form)
    assert answer.headers["location"] == "/operations/op_run"
    page = read((await ada.get("/operations/op_run")).text)
    assert having(page, "h1")[0].text == "Create parcels"
    for task in list(world.tasks):
        await task
    page = read((await ada.get("/operations/op_run")).text)
    assert having(page, "a", href="/applications/parcels?environment=dev")


async def test_what_the_service_refuses_is_said_at_the_form(ada: httpx.AsyncClient) -> None:
    form = {"csrf": CSRF, "p.name": "taken", "p.owner": "group:default/payments"}
    answer = await ada.post("/golden-paths/python-api", data=form)
    assert answer.status_code == 422
    assert "There is an application named taken already" in answer.text
