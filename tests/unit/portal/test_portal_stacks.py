"""Stacks in the portal: what is shown of them, and what one may do to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from fakes import portal_stacks
from fakes.portal import CSRF, World
from fakes.portal_stacks import NETWORK
from page_reader import having, read
from roadbed.engine.domain import Change, Note, Source
from roadbed.portal.components.graph import stack_picture
from roadbed.portal.components.resource_panel import resource_panel
from roadbed.portal.components.resource_tree import resource_groups, rows_of
from roadbed.portal.components.schema_form import sections
from roadbed.portal.components.tones import tone
from roadbed.portal.pages.golden_paths import new_command
from roadbed.portal.pages.stack_actions import plan_command
from roadbed.stacks.domain import Wish

PLAN = f"/stacks/{NETWORK}/plans/12"


async def command_of(client: httpx.AsyncClient, path: str) -> str:
    return having(read((await client.get(path)).text), "code")[-1].text


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("/stacks", "roadbed stack list"),
        ("/stacks?environment=prod", "roadbed stack list -e prod"),
        (f"/stacks/{NETWORK}", f"roadbed stack show {NETWORK}"),
        (f"/stacks/{NETWORK}/plans", f"roadbed stack plans {NETWORK}"),
        (f"/stacks/{NETWORK}/drift", f"roadbed stack drift {NETWORK}"),
        (f"/stacks/{NETWORK}/outputs", f"roadbed stack outputs {NETWORK}"),
        (f"/stacks/{NETWORK}/secrets", f"roadbed stack secrets {NETWORK}"),
        (f"/stacks/{NETWORK}/history", f"roadbed stack history {NETWORK}"),
        (f"/stacks/{NETWORK}/plan?target=main/vpc", f"roadbed plan {NETWORK} --target main/vpc"),
        (PLAN, f"roadbed apply {NETWORK} --plan 12"),
        (f"/stacks/{NETWORK}/plans/9", f"roadbed plan {NETWORK} --target 'main/*' --target-dependents"),
        ("/golden-paths/python-api", "roadbed new python-api NAME --owner group:default/payments"),
    ],
)
async def test_a_page_says_the_command_that_does_the_same(reader: httpx.AsyncClient, path: str, command: str) -> None:
    assert await command_of(reader, path) == command


def test_the_command_of_a_wish_holds_all_of_it() -> None:
    wish = Wish(("web/db", "subnets/*"), target_dependents=True, replace=("x y",), refresh=True, destroy=True)
    assert plan_command("a@dev", wish) == (
        "roadbed plan a@dev --target web/db --target 'subnets/*' --target-dependents --replace 'x y'"
        " --refresh --destroy"
    )


def test_the_command_of_a_golden_path_holds_what_is_not_as_it_would_be_anyway() -> None:
    names = ("name", "owner", "size", "environment", "public", "notes")
    properties: dict[str, dict[str, Any]] = {name: {"type": "string"} for name in names}
    properties["size"]["default"] = "small"
    properties["public"] = {"type": "boolean", "default": True}
    typed = {"name": "orders", "owner": "group:default/a", "size": "small", "environment": "prod", "notes": "it's"}
    form = sections([{"properties": properties}], {}, typed=typed)
    assert new_command("api", form) == (
        "roadbed new api orders --owner group:default/a -e prod -p public=false -p 'notes=it'\"'\"'s'"
    )


async def test_a_plan_is_made_as_it_was_asked_for(ada: httpx.AsyncClient, world: World) -> None:
    form = {"csrf": CSRF, "targets": "main/vpc\r\n  subnets/* ", "target_dependents": "true", "refresh": "true"}
    answer = await ada.post(f"/stacks/{NETWORK}/plan", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, PLAN)
    assert world.wishes == [Wish(("main/vpc", "subnets/*"), target_dependents=True, refresh=True)]


async def test_a_selector_that_selects_nothing_brings_the_form_back(ada: httpx.AsyncClient, world: World) -> None:
    answer = await ada.post(f"/stacks/{NETWORK}/plan", data={"csrf": CSRF, "targets": "nothing", "refresh": "true"})
    elements = read(answer.text)
    assert answer.status_code == 422
    assert "Did you mean main/vpc?" in answer.text
    assert having(elements, "textarea", id="targets")[0].text == "nothing"
    assert "checked" in having(elements, "input", name="refresh")[0].attributes


@pytest.mark.parametrize(
    ("path", "done", "leads"),
    [
        ("plans/12/apply", ("apply", f"{NETWORK} 12"), PLAN),
        ("plans/12/discard", ("discard", f"{NETWORK} 12"), PLAN),
        ("scan", ("scan", NETWORK), "/operations/op_queued"),
        ("refresh", ("refresh", NETWORK), "/operations/op_queued"),
    ],
)
async def test_what_one_may_do_to_a_stack(
    ada: httpx.AsyncClient, world: World, path: str, done: tuple[str, str], leads: str
) -> None:
    without = await ada.post(f"/stacks/{NETWORK}/{path}")
    assert (without.status_code, world.done) == (403, [])
    answer = await ada.post(f"/stacks/{NETWORK}/{path}", data={"csrf": CSRF})
    assert (answer.status_code, answer.headers["location"]) == (303, leads)
    assert world.done == [done]
    for task in list(world.tasks):
        await task


async def test_the_end_of_a_stack_asks_for_its_name_and_says_how_much_goes(
    ada: httpx.AsyncClient, world: World
) -> None:
    destroy = f"/stacks/{NETWORK}/plans/15"
    page = (await ada.get(destroy)).text
    (dialog,) = having(read(page), "div", id="apply")
    assert f"Delete all of {NETWORK}?" in dialog.text
    assert f"This deletes 2 resources of {NETWORK} with all they hold. It can't be undone." in dialog.text
    assert f"Type {NETWORK} to confirm" in dialog.text
    for typed in ({}, {"confirm": "network"}):
        answer = await ada.post(f"{destroy}/apply", data={"csrf": CSRF, **typed})
        assert (answer.status_code, world.done) == (422, [])
        assert f"Type {NETWORK} to delete all of it" in answer.text
    answer = await ada.post(f"{destroy}/apply", data={"csrf": CSRF, "confirm": NETWORK})
    assert (answer.status_code, world.done) == (303, [("apply", f"{NETWORK} 15")])
    for task in list(world.tasks):
        await task


async def test_any_plan_that_deletes_says_how_much(reader: httpx.AsyncClient) -> None:
    (dialog,) = having(read((await reader.get(PLAN)).text), "div", id="apply")
    assert "This deletes 2 resources" in dialog.text
    assert "1 resource will be let go and not deleted." in dialog.text
    assert "to confirm" not in dialog.text


async def test_what_a_failure_left_unfinished_is_said_beside_the_drift(reader: httpx.AsyncClient) -> None:
    for tab in ("", "/plans", "/drift"):
        (head,) = having(read((await reader.get(f"/stacks/{NETWORK}{tab}")).text), "div", class_="page-head")
        assert "1 failed" in head.text
        assert "3 drifted" in head.text
    (head,) = having(read((await reader.get("/stacks/orders@dev")).text), "div", class_="page-head")
    assert "No drift" in head.text
    assert "failed" not in head.text


async def test_drift_is_taken_back_by_the_plan_there_is_or_by_a_new_one(
    ada: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = having(read((await ada.get(f"/stacks/{NETWORK}/drift")).text), "a", href=PLAN)
    assert any("Take it back: plan 12" in link.text for link in links)
    found = portal_stacks.drift(NETWORK)
    monkeypatch.setattr(portal_stacks, "drift", lambda _: replace(found, plan=None))
    page = (await ada.get(f"/stacks/{NETWORK}/drift")).text
    (form,) = [one for one in having(read(page), "form") if "Take it back" in one.text]
    assert form.attributes["action"] == f"/stacks/{NETWORK}/plan"
    answer = await ada.post(f"/stacks/{NETWORK}/plan", data={"csrf": CSRF, "refresh": "true"})
    assert (answer.headers["location"], world.wishes) == (PLAN, [Wish(refresh=True)])


async def test_work_that_outlived_its_server_says_so(reader: httpx.AsyncClient) -> None:
    told = "taken up again after the server ended"
    assert told in (await reader.get("/operations/op_running")).text
    assert told not in (await reader.get("/operations/op_failed")).text


async def test_who_may_not_apply_is_told_so(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/stacks/hidden@dev/plans/1/apply", data={"csrf": CSRF})
    assert answer.status_code == 403
    assert "may not apply plans of hidden@dev" in answer.text


@pytest.mark.parametrize(
    ("number", "offers"),
    [(12, "Apply"), (13, "Plan anew"), (10, "Plan anew"), (9, "Plan anew"), (11, "Plan anew"), (14, ""), (8, "")],
)
async def test_only_an_open_plan_can_be_applied(reader: httpx.AsyncClient, number: int, offers: str) -> None:
    elements = read((await reader.get(f"/stacks/{NETWORK}/plans/{number}")).text)
    (head,) = having(elements, "div", class_="page-head")
    assert {word for word in ("Apply", "Plan anew") if word in head.text} == ({offers} if offers else set())


async def test_a_cancel_leads_back_to_where_it_was_asked_from(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/operations/op_running/cancel", data={"csrf": CSRF, "next": PLAN})
    assert answer.headers["location"] == PLAN
    answer = await ada.post("/operations/op_running/cancel", data={"csrf": CSRF, "next": "//elsewhere.example"})
    assert answer.headers["location"] == "/"


async def test_what_was_asked_to_stop_says_so_while_it_runs(ada: httpx.AsyncClient, world: World) -> None:
    await ada.post(f"{PLAN}/apply", data={"csrf": CSRF})
    pages = (PLAN, "/operations/op_apply")
    for page in pages:
        assert "It was asked to stop" not in (await ada.get(page)).text
    await ada.post("/operations/op_apply/cancel", data={"csrf": CSRF})
    for page in pages:
        assert "It was asked to stop" in (await ada.get(page)).text
    for task in list(world.tasks):
        await task
    for page in pages:
        assert "It was asked to stop" not in (await ada.get(page)).text


async def test_the_journal_is_read_on(ada: httpx.AsyncClient, world: World) -> None:
    await ada.post(f"{PLAN}/apply", data={"csrf": CSRF})
    for task in list(world.tasks):
        await task
    whole = (await ada.get(f"{PLAN}/progress")).json()
    failed = [one for one in whole["entries"] if one["event"] == "failed"]
    assert [(one["key"], one["error"][:18]) for one in failed] == [(portal_stacks.STEPS[3].key, "the provider cloud")]
    assert (await ada.get(f"{PLAN}/progress?after={whole['after']}")).json() == {"entries": [], "after": whole["after"]}
    keys = {one["key"] for one in whole["entries"]}
    assert portal_stacks.STEPS[7].key in keys  # what an earlier replacement left has a key of its own


async def test_an_applications_plan_is_the_page_of_its_stacks_plan(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/applications/orders/plan?release=v12")
    assert answer.headers["location"] == "/stacks/orders@dev/plans/31"
    assert (await reader.get("/applications/new-thing/plan")).headers["location"] == "/stacks/new-thing@dev"
    assert having(
        read((await reader.get("/applications/orders/releases")).text), "a", href="/stacks/orders@dev/plans/31"
    )


async def test_a_large_plan_is_a_small_page(reader: httpx.AsyncClient) -> None:
    page = await reader.get("/stacks/runners@dev/plans/3")
    assert len(page.content) < 60_000
    assert "too many for a picture" in page.text
    rows = await reader.get(
        "/stacks/runners@dev/plans/3/steps",
        params={"group": "runners@dev", "type": "command:Run", "action": "create"},
        headers={"HX-Request": "true"},
    )
    assert rows.text.count("data-step=") == 100
    assert "start=100" in rows.text


def test_a_large_stack_is_shown_by_groups() -> None:
    found = portal_stacks.resources(portal_stacks.RUNNERS)
    (group,) = resource_groups(found, portal_stacks.RUNNERS, {})
    assert [(chunk.type, chunk.count) for chunk in group.chunks] == [("command:Run", 5_000)]
    rows, after = rows_of(found, portal_stacks.RUNNERS, {}, portal_stacks.RUNNERS, "command:Run", 4_900)
    assert (len(rows), rows[0].name, after) == (100, "host-4900", None)


def test_what_an_update_that_failed_left_unknown_is_said_so() -> None:
    every = portal_stacks.resources(NETWORK)
    vpc = next(one for one in every if one.name == "vpc")
    unsure = replace(vpc, properties={"tags": {"team": {"$unknown": "an update failed"}}})
    failed = replace(portal_stacks.VERSIONS[0], changes=(Change("range", "a", {"$unknown": "an update failed"}),))
    panel = resource_panel(unsure, every, None, (failed,))
    assert panel.state == "update-failed"
    assert "(not known since a change failed)" in panel.properties[0].value.text
    after = panel.events[0].differences[0].after
    assert after is not None
    assert after.text == "(not known since a change failed)"
    assert resource_panel(vpc, every, None, ()).state == "created"
    (group,) = resource_groups([unsure], NETWORK, {unsure.urn: "changed"})
    assert [row.state for row in group.rows] == ["update-failed"]
    assert tone("update-failed").label == "Update failed"
    assert '"state": "bad"' in stack_picture([unsure], {unsure.urn: "changed"}).data


def test_a_resources_panel_names_its_secrets_and_shows_none() -> None:
    every = portal_stacks.resources(NETWORK)
    server = next(one for one in every if one.name == "server")
    panel = resource_panel(server, every, None, ())
    assert {fact.name: fact.value.text for fact in panel.outputs if fact.secret} == {"password": "••••••"}
    assert [fact.name for fact in panel.properties if fact.secret] == ["password"]
    assert [other.path for other in panel.used_by] == ["databases/backup"]
    vpc = resource_panel(next(one for one in every if one.name == "vpc"), every, None, portal_stacks.VERSIONS)
    assert vpc.options == (
        ("protect", "yes"), ("ignore changes", "tags.owner, tags.cost"), ("timeouts", '{\n  "create": 600\n}'),
    )  # fmt: skip
    assert [(event.what, event.plan, event.error) for event in vpc.events] == [
        ("Updated", 11, "the range is used by sub-11"), ("Updated", 8, None), ("Created", 1, None),
    ]  # fmt: skip


async def test_secret_outputs_are_masked(reader: httpx.AsyncClient) -> None:
    rows = having(read((await reader.get(f"/stacks/{NETWORK}/outputs")).text), "tr")
    (secret,) = [row.text for row in rows if "database_password" in row.text]
    assert "••••••" in secret
    assert "orders@dev" in secret


async def test_secrets_of_a_module_are_named_and_not_shown(reader: httpx.AsyncClient) -> None:
    page = (await reader.get(f"/stacks/{NETWORK}/secrets")).text
    rows = [row.text for row in having(read(page), "tr")]
    assert all("••••••" in row for row in rows[1:])
    assert [name for name in ("API_KEY", "TOKEN") if any(name in row for row in rows)] == ["API_KEY", "TOKEN"]
    assert "rb1.sealed" not in page
    assert f"roadbed stack secrets {NETWORK} set NAME" in page
    told = [row.text for row in having(read((await reader.get(f"/stacks/{NETWORK}/history")).text), "tr")]
    assert any("Secrets" in row and "set TOKEN" in row for row in told)


async def test_an_application_s_stack_has_no_secrets_of_its_own(reader: httpx.AsyncClient) -> None:
    links = {link.attributes.get("href") for link in having(read((await reader.get("/stacks/orders@dev")).text), "a")}
    assert "/stacks/orders@dev/outputs" in links
    assert "/stacks/orders@dev/secrets" not in links


async def test_the_history_says_why_an_apply_failed(reader: httpx.AsyncClient) -> None:
    rows = having(read((await reader.get(f"/stacks/{NETWORK}/history")).text), "tr")
    (failed,) = [row.text for row in rows if "Apply plan 11" in row.text]
    assert "the rule is used" in failed
    assert "2 created" in failed
    assert "apply_failed" not in failed


async def test_the_plans_of_a_stack_say_what_became_of_them(reader: httpx.AsyncClient) -> None:
    rows = having(read((await reader.get(f"/stacks/{NETWORK}/plans")).text), "tr")
    words = {number: next(row.text for row in rows if f"Plan {number}" in row.text) for number in (15, 11, 10, 9)}
    assert "Ready to apply" in words[15]
    assert "Deletes all" in words[15]
    assert "Failed" in words[11]
    assert "Stale" in words[10]
    assert "Only main/*" in words[9]


async def test_drift_of_an_earlier_state_is_no_drift(reader: httpx.AsyncClient) -> None:
    rows = having(read((await reader.get("/stacks")).text), "tr")
    (runners,) = [row.text for row in rows if "runners@dev" in row.text]
    assert "Not looked at since" in runners
    page = (await reader.get("/stacks/runners@dev/drift")).text
    assert "Nobody has looked since the last change" in page
    assert "Accept into the state" not in page


async def test_a_plan_says_what_is_declared_and_not_in_force(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note("jobs is not in force here yet", Source("roadbed.yaml", 9))
    plan = replace(portal_stacks.PLANS[NETWORK, 12], notes=(note,))
    monkeypatch.setitem(portal_stacks.PLANS, (NETWORK, 12), plan)
    page = (await reader.get(PLAN)).text
    assert "jobs is not in force here yet" in page
    assert "roadbed.yaml:9" in page
