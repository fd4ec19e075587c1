"""Adding a resource in the portal: what is offered, the form, what it would do, and that it is done."""

from __future__ import annotations

import httpx
import pytest

from fakes.portal import CSRF, World
from fakes.portal_resources import BLOCKS
from page_reader import read
from roadbed.delivery.resource_changes import ResourceChange
from roadbed.portal.components.resource_form import command, form
from roadbed.portal.components.resource_form import read as read_form

BASE = "/applications/orders/resources/add"
FORM = {"csrf": CSRF, "environment": "dev", "p.name": "more", "p.class": "default", "p.param.size": "20"}
POSTGRES = next(block for block in BLOCKS if block.type == "postgres")


async def test_what_is_not_offered_here_can_not_be_chosen(reader: httpx.AsyncClient) -> None:
    text = (await reader.get(BASE)).text
    assert f"{BASE}/postgres?environment=dev" in text
    assert f"{BASE}/kafka-topic" not in text
    assert "Not offered in dev" in text
    assert "about 4.10 USD a month" in text


async def test_the_form_is_made_of_what_the_block_takes(reader: httpx.AsyncClient) -> None:
    page = read((await reader.get(f"{BASE}/postgres")).text)
    names = {element.attributes.get("name") for element in page}
    assert {"p.name", "p.class", "p.prefix", "p.param.size", "p.param.version", "p.workload.web"} <= names


async def test_a_plan_is_shown_with_the_edit_of_the_file(reader: httpx.AsyncClient, world: World) -> None:
    answer = await reader.post(f"{BASE}/postgres", data=FORM)
    assert answer.status_code == 200
    assert "<ins>  more:</ins>" in answer.text
    assert "Add more" in answer.text
    assert not world.done


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"p.param.size": ""}, "This is needed."),
        ({"p.param.size": "lots"}, "This must be of the type integer."),
        ({"p.param.extensions": "[a"}, "1 answer needs"),
        ({"p.name": "db"}, "has a resource"),
    ],
)
async def test_what_is_wrong_stands_in_the_form(reader: httpx.AsyncClient, typed: dict[str, str], said: str) -> None:
    answer = await reader.post(f"{BASE}/postgres", data={**FORM, **typed})
    assert answer.status_code == 422
    assert said in answer.text


async def test_it_is_done_and_followed(ada: httpx.AsyncClient, world: World) -> None:
    answer = await ada.post(f"{BASE}/postgres/apply", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/operations/op_queued")
    assert world.done == [("resource", "Add more (postgres) {'size': 20}")]


def test_typed_answers_become_a_change() -> None:
    typed = {
        "name": "more",
        "class": "large",
        "param.size": "20",
        "param.extensions": "[postgis]",
        "workload.web": "true",
    }
    change, wrong = read_form(POSTGRES, "dev", ["web", "worker"], typed)
    assert not wrong
    assert change.workloads == ("web",)
    assert change.resource_class == "large"
    assert change.params == {"size": 20, "extensions": ["postgis"]}


def test_all_workloads_are_chosen_at_first() -> None:
    fields = {field.name: field for section in form(POSTGRES, "dev", ["web", "worker"]) for field in section.fields}
    assert fields["workload.web"].checked
    assert fields["name"].value == "db"
    assert [value for value, _ in fields["class"].options] == ["default", "large"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (ResourceChange("add", type="postgres"), "roadbed resource add postgres -a orders"),
        (ResourceChange("add", name="db", type="postgres"), "roadbed resource add postgres -a orders"),
        (
            ResourceChange("add", name="more", type="postgres", resource_class="large", prefix="MORE"),
            "roadbed resource add postgres --name more --class large --prefix MORE -a orders",
        ),
        (
            ResourceChange("add", type="s3", workloads=("web",), params={"versioned": True, "tags": {"a": 1}}),
            "roadbed resource add s3 --set versioned=true --set 'tags={\"a\": 1}' --workload web -a orders",
        ),
    ],
)
def test_what_was_typed_is_told_as_a_command(change: ResourceChange, told: str) -> None:
    assert command("orders", "dev", change) == told
    assert command("orders", "prod", change) == f"{told} -e prod"
