"""Pages of waivers and approvals: what they say, and what their forms do."""

from __future__ import annotations

import httpx
import pytest

from fakes.portal import CSRF, World


async def test_a_finding_leads_to_asking_for_a_waiver_for_just_that(ada: httpx.AsyncClient) -> None:
    page = (await ada.get("/policies")).text
    assert "/waivers/new?policy=" in page
    form = (await ada.get("/waivers/new?policy=closed&for=orders%40prod%2Fweb%23runtime%3AService")).text
    assert 'value="closed"' in form
    assert 'value="orders@prod/web#runtime:Service"' in form


async def test_a_waiver_is_asked_for(ada: httpx.AsyncClient, world: World) -> None:
    asked = {"policy": "closed", "for": "orders@prod", "why": "the licence ends in May", "until": "2099-01-01"}
    answer = await ada.post("/waivers", data={"csrf": CSRF, **asked})
    assert answer.headers["location"] == "/waivers/wv_1"
    assert world.done == [("waiver", "closed for orders@prod")]
    wrong = await ada.post("/waivers", data={"csrf": CSRF, **asked, "until": "soon"})
    assert wrong.status_code == 422
    assert "is no date" in wrong.text
    assert "the licence ends in May" in wrong.text
    assert 'value="orders@prod"' in wrong.text


async def test_the_first_page_says_what_waits_for_the_reader(ada: httpx.AsyncClient, world: World) -> None:
    page = (await ada.get("/")).text
    assert "Waits for you" in page
    for path in ("/approvals/apr_1", "/waivers/wv_1", "/waivers/wv_2"):
        assert path in page
    world.stacks.clear()
    assert "Waits for you" not in (await ada.get("/")).text


async def test_lists_mark_what_ends_soon_and_what_has_ended(ada: httpx.AsyncClient) -> None:
    page = (await ada.get("/waivers")).text
    for words in ("To be decided", "Ends soon", "Ended", "1 waiver ends soon"):
        assert words in page


@pytest.mark.parametrize("verb", ["approve", "refuse", "revoke"])
async def test_a_waiver_is_decided_on_with_a_comment(ada: httpx.AsyncClient, world: World, verb: str) -> None:
    answer = await ada.post(f"/waivers/wv_1/{verb}", data={"csrf": CSRF, "comment": "until May"})
    assert answer.headers["location"] == "/waivers/wv_1"
    assert world.done == [(verb, "wv_1: until May")]
    assert (await ada.post(f"/waivers/wv_1/{verb}")).status_code == 403


@pytest.mark.parametrize("verb", ["approve", "refuse"])
async def test_a_plan_is_decided_on_with_a_comment(ada: httpx.AsyncClient, world: World, verb: str) -> None:
    page = (await ada.get("/approvals/apr_1")).text
    assert "1 approval by an operator" in page
    assert "looks right" in page
    answer = await ada.post(f"/approvals/apr_1/{verb}", data={"csrf": CSRF, "comment": "go"})
    assert answer.headers["location"] == "/approvals/apr_1"
    assert world.done == [(verb, "apr_1: go")]


async def test_it_is_planned_again(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("/approvals/apr_1/again", data={"csrf": CSRF})
    assert answer.headers["location"] == "/operations/op_queued"


async def test_an_operation_says_what_it_waits_for(ada: httpx.AsyncClient) -> None:
    page = (await ada.get("/operations/op_queued")).text
    assert "It waits for approval" in page
    assert "/approvals/apr_1" in page


@pytest.mark.parametrize("path", ["/stacks/orders@dev", "/applications/orders"])
async def test_a_waiver_is_told_of_where_it_acts(ada: httpx.AsyncClient, path: str) -> None:
    page = (await ada.get(path)).text
    assert "is waived until" in page
    assert "/waivers/wv_2" in page
    assert "/waivers/wv_1" not in page, "nobody has decided on it"
