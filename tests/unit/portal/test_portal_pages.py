"""Every page: that it answers, what it says, and what it never does."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from fakes import portal_data
from fakes.portal import CSRF, World, app
from page_reader import having, read

PAGES = (
    "/",
    "/?environment=prod",
    "/?q=nothing-like-it",
    "/applications/orders",
    "/applications/orders/logs",
    "/applications/orders/releases",
    "/applications/orders/resources",
    "/applications/orders/resources/add",
    "/applications/orders/resources/add?environment=prod",
    "/applications/orders/resources/add/postgres",
    "/applications/orders/resources/add/kafka-topic",
    "/applications/orders/config",
    "/applications/orders/jobs",
    "/applications/orders/jobs/report",
    "/applications/orders/jobs/report?run=41",
    "/applications/orders/jobs/weekly",
    "/applications/new-thing",
    "/applications/new-thing/jobs",
    "/applications/new-thing/releases",
    "/applications/new-thing/resources",
    "/applications/new-thing/config",
    "/applications/search",
    f"/applications/{portal_data.LONG_NAME}",
    "/golden-paths",
    "/golden-paths/python-api",
    "/operations",
    "/operations?state=failed&target=mailer@dev",
    "/operations/op_running",
    "/operations/op_queued",
    "/operations/op_done",
    "/operations/op_failed",
    "/operations/op_cancelled",
    "/catalog",
    "/catalog?kind=group&q=pay",
    "/catalog/component/default/orders",
    "/catalog/system/default/checkout",
    "/stacks",
    "/stacks?environment=prod",
    "/stacks?q=nothing-like-it",
    "/stacks/network@dev",
    "/stacks/network@dev/drift",
    "/stacks/network@dev/plans",
    "/stacks/network@dev/outputs",
    "/stacks/network@dev/secrets",
    "/stacks/network@dev/history",
    "/stacks/network@dev/plan",
    "/stacks/network@dev/plan?target=main/vpc",
    "/stacks/network@dev/resource?urn=network@dev/main/vpc%23cloud:Network",
    "/stacks/network@dev/resource?urn=network@dev/databases/server%23postgres:Server",
    *(f"/stacks/network@dev/plans/{number}" for number in range(8, 16)),
    "/stacks/orders@dev",
    "/stacks/orders@dev/drift",
    "/stacks/orders@dev/plans/31",
    "/stacks/runners@dev",
    "/stacks/runners@dev/resources?group=runners@dev&type=command:Run&start=100",
    "/stacks/runners@dev/plans/3",
    "/stacks/runners@dev/plans/3/steps?group=runners@dev&type=command:Run&action=create&start=4900",
    "/stacks/warehouse@prod",
    "/stacks/warehouse@prod/plans",
    "/stacks/warehouse@prod/outputs",
    "/stacks/warehouse@prod/secrets",
    "/stacks/warehouse@prod/history",
    "/stacks/warehouse@prod/drift",
    "/resource-types",
    "/resource-types?q=certificate",
    "/resource-types?q=nothing-like-it",
    "/resource-types/postgres:Server",
    "/resource-types/random:Uuid",
    "/resource-types/acme:Gate",
    "/building-blocks",
    "/building-blocks/mysql",
    "/building-blocks/mongodb",
    "/costs",
    "/policies",
    "/policies/enough-replicas",
    "/policies/no-public-buckets",
    "/waivers",
    "/waivers?place=orders",
    "/waivers/new?policy=no-public&for=orders@prod",
    "/waivers/wv_1",
    "/waivers/wv_2",
    "/waivers/wv_3",
    "/approvals",
    "/approvals?show=all",
    "/approvals/apr_1",
    "/environments",
    "/platform",
    "/audit",
    "/audit?action=user.login",
)
FIRST_DAY = (
    "/",
    "/golden-paths",
    "/stacks",
    "/operations",
    "/catalog",
    "/building-blocks",
    "/costs",
    "/policies",
    "/waivers",
    "/approvals",
    "/environments",
    "/platform",
    "/audit",
)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_whole(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(path)
    elements = read(answer.text)
    assert answer.status_code == 200
    assert len(having(elements, "h1")) == 1
    assert len(having(elements, "main", id="main")) == 1
    assert having(elements, "nav", **{"aria-label": "Main"})
    ids = [element.attributes["id"] for element in elements if element.attributes.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_keeps_to_its_own_content_security_policy(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(path)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for element in read(answer.text):
        handlers = [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert not handlers, f"{element.tag} has {handlers}"
        if element.tag == "script":
            assert element.attributes.get("type") == "application/json" or element.attributes.get("src")
        assert element.tag != "style"


@pytest.mark.parametrize("path", PAGES)
async def test_every_control_has_a_name_for_those_who_can_not_see_it(reader: httpx.AsyncClient, path: str) -> None:
    elements = read((await reader.get(path)).text)
    labelled = {label.attributes.get("for") for label in having(elements, "label")}
    for element in elements:
        attributes = element.attributes
        if element.tag in ("input", "select", "textarea") and attributes.get("type") not in ("hidden", "checkbox"):
            assert "aria-label" in attributes or attributes.get("id") in labelled, attributes
        if element.tag == "button":
            assert element.text.strip() or attributes.get("aria-label"), attributes


@pytest.mark.parametrize("path", PAGES)
async def test_every_form_that_changes_something_carries_the_token(reader: httpx.AsyncClient, path: str) -> None:
    for chunk in re.findall(r'<form[^>]*method="post".*?</form>', (await reader.get(path)).text, re.S):
        assert 'action="/theme"' in chunk or f'name="csrf" value="{CSRF}"' in chunk


@pytest.mark.parametrize("path", FIRST_DAY)
async def test_the_first_day_has_pages_of_its_own(first_day: httpx.AsyncClient, path: str) -> None:
    assert (await first_day.get(path)).status_code == 200


async def test_the_first_day_leads_to_the_golden_paths(first_day: httpx.AsyncClient) -> None:
    elements = read((await first_day.get("/")).text)
    assert any("Your first application" in heading.text for heading in having(elements, "h2"))
    assert having(elements, "a", href="/golden-paths")


async def test_what_came_from_outside_is_escaped(reader: httpx.AsyncClient) -> None:
    for path in ("/applications/search", "/catalog", "/catalog/system/default/checkout"):
        text = (await reader.get(path)).text
        assert portal_data.HOSTILE not in text
        assert "&lt;script&gt;" in text


async def test_the_resources_graph_can_not_end_its_script_element(reader: httpx.AsyncClient) -> None:
    elements = read((await reader.get("/applications/orders/resources")).text)
    assert "<" not in having(elements, "script", id="graph-data")[0].text


async def test_what_is_in_trouble_stands_first(reader: httpx.AsyncClient) -> None:
    elements = read((await reader.get("/")).text)
    names = [link.text for link in having(elements, "a", class_="cover")]
    assert names[:3] == ["mailer", "search", "invoices"]


async def test_a_replica_of_several_containers_shows_how_each_is(reader: httpx.AsyncClient) -> None:
    assert "sidecar running, 2 restarts: exit code 1" in (await reader.get("/applications/orders")).text


async def test_what_a_program_wrote_keeps_its_lines(reader: httpx.AsyncClient) -> None:
    elements = read((await reader.get("/operations/op_failed")).text)
    assert having(elements, "p", class_="notice-title")[0].text.startswith("The dependencies can't be installed")
    assert (
        having(elements, "span", class_="quoted-log")[0].text
        == "  no version satisfies\n    fastapi>=99\n           ^^^^"
    )


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/operations/op_running", "road"),
        ("/", "app-name"),
        ("/applications/orders", "page-head"),  # a page whose live part stands two templates above it
        ("/applications/orders/logs", "page-head"),
        ("/applications/orders/releases", "page-head"),
    ],
)
async def test_a_page_fetches_only_its_live_part_anew(reader: httpx.AsyncClient, path: str, part: str) -> None:
    answer = await reader.get(path, headers={"HX-Request": "true", "HX-Target": "live"})
    assert "<html" not in answer.text
    assert 'id="live"' not in answer.text
    assert part in answer.text


async def test_secrets_are_never_shown(reader: httpx.AsyncClient) -> None:
    text = (await reader.get("/applications/orders/config")).text
    assert "STRIPE_KEY" in text
    assert "••••••" in text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/applications/nothing", 404, "There is no application"),
        ("/applications/hidden", 403, "may not see application hidden"),
        ("/applications/orders?environment=Not%20A%20Name", 404, "There is no environment"),
        ("/no-such-page", 404, "No road leads here"),
        ("/operations/op_nothing", 404, "There is no operation"),
        ("/applications/orders/logs/stream?n=many", 422, "can&#39;t be read"),
    ],
)
async def test_an_error_is_a_page(reader: httpx.AsyncClient, path: str, status: int, words: str) -> None:
    answer = await reader.get(path)
    assert answer.status_code == status
    assert words in answer.text
    assert having(read(answer.text), "main", id="main")


async def test_an_unforeseen_error_tells_nothing_of_itself(
    reader: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await reader.get("/applications/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "a page failed" in caplog.text


async def test_without_assets_a_page_says_how_to_build_them(tmp_path: Path) -> None:
    transport = httpx.ASGITransport(app=app(World(), tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/login")
    assert answer.status_code == 503
    assert "make assets" in answer.text


async def test_assets_may_be_kept_for_ever(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/static/app-0123ABCD.css")
    assert "immutable" in answer.headers["cache-control"]
    assert (await reader.get("/static/..%2Fmanifest.json")).status_code == 404


async def test_the_palette_finds_by_words(reader: httpx.AsyncClient) -> None:
    links = having(read((await reader.get("/palette", params={"q": "ord prod"})).text), "a")
    assert [link.attributes["href"] for link in links] == [
        "/applications/orders?environment=prod",
        "/stacks/orders@prod",
    ]


async def test_the_operation_log_reads_on(reader: httpx.AsyncClient) -> None:
    body = (await reader.get("/operations/op_done/log", params={"after": 3})).json()
    assert [line["text"][:8] for line in body["lines"]] == [" + fasta", "compiled"]
    assert (body["after"], body["ended"]) == (5, True)


async def test_a_database_that_is_away_is_a_page_and_for_programs_a_problem(
    ada: httpx.AsyncClient, world: World
) -> None:
    world.away = True
    page = await ada.get("/stacks/network@dev")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "database can&#39;t be reached" in page.text
    assert having(read(page.text), "a", href="/stacks/network@dev")[0].text.strip() == "Try again"
    problem = await ada.get("/stacks/network@dev", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.json()["code"]) == (503, "unavailable")
