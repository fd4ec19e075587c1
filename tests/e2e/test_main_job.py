"""What each surface tells of `orders`, from the golden path to its end, and each command's words for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from live_platform import OWNER, LivePlatform, call, wait_for
from small_service import SmallService

pytestmark = pytest.mark.slow

URN = "orders@dev/web/db#postgres:Database"


def detail(platform: LivePlatform, application: str = "orders") -> Any:
    return platform.json("status", application)


def test_it_answers_from_a_database_of_its_own(platform: LivePlatform, orders: str) -> None:
    made = call(f"{orders}items", "POST", {"name": "first"})
    assert (made.status, made.json["name"]) == (201, "first")
    assert "first" in [item["name"] for item in call(f"{orders}items").json["items"]]
    [outputs] = [one["outputs"] for one in detail(platform)["resources"] if one["urn"] == URN]
    assert outputs["name"].startswith("orders_dev_")
    assert "password" not in outputs


def test_both_replicas_answer(platform: LivePlatform, orders: str) -> None:
    def states() -> list[str]:
        return [replica["state"] for replica in platform.items("ps", "orders")]

    wait_for(lambda: states() == ["ready"] * 2, "two replicas that are ready, and none of the release before")
    seen: set[str] = set()

    def all_seen() -> bool:
        seen.add(call(orders).json["instance"])
        return len(seen) == 2

    wait_for(all_seen, "an answer of each replica")


def test_the_list_of_applications(platform: LivePlatform, orders: str) -> None:
    [found] = [one for one in platform.items("apps") if one["application"] == "orders"]
    assert found.pop("updated_at").endswith("Z")
    assert re.fullmatch(r"v\d+", found.pop("release"))
    assert found == {
        "application": "orders",
        "environment": "dev",
        "url": orders,
        "health": "healthy",
        "owner": OWNER,
        "replicas": {"ready": 2, "desired": 2},
    }


def test_the_catalog_has_it_owned_by_its_team(platform: LivePlatform, orders: str) -> None:
    assert detail(platform)["entity_ref"] == "component:default/orders"
    entity = platform.api("GET", "/catalog/entities/component/default/orders").json
    assert {"type": "ownedBy", "targetRef": OWNER} in [
        {"type": one["type"], "targetRef": one["targetRef"]} for one in entity["relations"]
    ]
    team = platform.api("GET", "/catalog/entities/group/default/payments").json
    owned = [one["targetRef"] for one in team["relations"] if one["type"] == "ownerOf"]
    assert "component:default/orders" in owned


def test_the_portal_lists_it_to_who_logs_in_by_a_one_time_link(platform: LivePlatform, orders: str) -> None:
    link = platform.json("portal")["url"]
    with visitor(platform) as nobody:
        assert nobody.get("/").headers["location"].startswith("/login")
    with visitor(platform) as somebody:
        assert log_in(somebody, link) == 303
        assert "orders" in somebody.get("/").text
    with visitor(platform) as late:
        assert log_in(late, link) >= 400
        assert late.get("/").status_code == 303


def test_lists_are_items(platform: LivePlatform, orders: str) -> None:
    for command in ("apps", "ps orders", "releases orders", "config orders", "logs orders -n 5", "ops", "audit"):
        assert isinstance(platform.items(*command.split()), list), command


def test_a_plan_shows_what_would_change_and_changes_nothing(platform: LivePlatform, orders: str) -> None:
    platform.roadbed("deploy", platform.folder / "orders")  # a rollback keeps jobs as the release after it had them
    before = platform.items("releases", "orders")
    plan = platform.json("plan", "orders", "--detail")
    assert set(plan["summary"]) >= {"create", "update", "replace", "delete", "none"}
    assert plan["summary"]["none"] == len(plan["steps"])
    assert plan["stack"] == "orders@dev"
    score = platform.folder / "orders" / "score.yaml"
    text = score.read_text()
    try:
        score.write_text(text.replace("/healthz", "/readyz"))
        changed = platform.json("plan", platform.folder / "orders")
        tree = platform.roadbed("plan", platform.folder / "orders").stdout
    finally:
        score.write_text(text)
    [step] = [one for one in changed["steps"] if one["type"] == "runtime:Service"]
    assert step["action"] == "update"
    assert any("liveness" in change["path"] for change in step["changes"])
    assert "/readyz" in tree
    assert platform.items("releases", "orders") == before


@pytest.fixture
def two_replicas(platform: LivePlatform, orders: str) -> Iterator[None]:
    yield
    platform.roadbed("scale", "orders", "web=2")


@pytest.mark.usefixtures("two_replicas")
def test_scaling_up_and_to_nothing(platform: LivePlatform, orders: str) -> None:
    scaled = platform.json("scale", "orders", "web=3")
    assert (scaled["status"], scaled["application"], scaled["environment"]) == ("succeeded", "orders", "dev")
    assert detail(platform)["replicas"] == {"ready": 3, "desired": 3}
    platform.roadbed("scale", "orders", "web=0")
    wait_for(lambda: platform.replicas("orders") == [], "the end of the last replica")
    assert call(orders).status == 503
    platform.roadbed("scale", "orders", "web=1")
    assert call(orders).status == 200


def test_a_restart_replaces_each_replica(platform: LivePlatform, orders: str) -> None:
    before = {replica["name"] for replica in platform.replicas("orders")}
    platform.roadbed("restart", "orders")

    def all_new() -> bool:
        after = {one["name"] for one in platform.replicas("orders") if one["state"] == "ready"}
        return len(after) == 2 and not after & before

    wait_for(all_new, "two replicas, both new")


def test_variables_and_secrets(platform: LivePlatform, orders: str) -> None:
    secret = "hunter2-and-more"
    platform.roadbed("config", "orders", "set", "COLOUR=teal")
    platform.roadbed("config", "orders", "set", "--secret", f"KEY={secret}")
    listed = {one["name"]: one for one in platform.items("config", "orders")}
    assert (listed["COLOUR"]["value"], listed["COLOUR"]["secret"]) == ("teal", False)
    assert (listed["KEY"]["value"], listed["KEY"]["secret"]) == (None, True)
    assert platform.json("config", "orders", "set", "COLOUR=teal")["status"] == "unchanged"
    for command in ("plan orders", "releases orders", "audit", "ops", "status orders", "logs orders"):
        assert secret not in platform.roadbed(*command.split(), "-o", "json").stdout, command
    assert secret not in platform.log
    platform.roadbed("config", "orders", "unset", "COLOUR", "KEY")
    assert platform.items("config", "orders") == []


def test_releases_and_rollback(platform: LivePlatform, orders: str) -> None:
    call(f"{orders}items", "POST", {"name": "kept"})
    active = platform.json("config", "orders", "set", "GONE_AFTER_THE_ROLLBACK=yes")["release"]
    back = platform.json("rollback", "orders", "v1")
    newest, *earlier = platform.items("releases", "orders")
    assert (newest["release"], newest["status"], newest["rollback_of"]) == (back["release"], "active", "v1")
    assert next(one for one in earlier if one["release"] == active)["status"] == "superseded"
    assert "GONE_AFTER_THE_ROLLBACK" not in [item["name"] for item in platform.items("config", "orders")]
    assert "kept" in [item["name"] for item in call(f"{orders}items").json["items"]]


def test_a_deploy_that_changes_nothing(platform: LivePlatform, orders: str) -> None:
    platform.roadbed("deploy", platform.folder / "orders")
    before = detail(platform)["release"]
    again = platform.json("deploy", platform.folder / "orders")
    assert (again["status"], again["release"]) == ("unchanged", before)


def test_the_log_tells_who_asked_for_what(platform: LivePlatform, orders: str) -> None:
    call(f"{orders}no-such-path")
    wait_for(
        lambda: "/no-such-path" in platform.roadbed("logs", "orders", "-n", "20").stdout, "the line of the request"
    )
    line = platform.items("logs", "orders", "-n", "1")[0]
    assert set(line) == {"at", "replica", "workload", "stream", "text"}


def test_operations_and_audit(platform: LivePlatform, orders: str) -> None:
    newest = platform.items("ops")[0]
    assert {"id", "kind", "title", "target", "state", "requested_by", "steps"} <= newest.keys()
    assert platform.json("ops", "show", newest["id"])["id"] == newest["id"]
    actions = {record["action"] for record in platform.items("audit", "-n", "200")}
    assert {"application.deploy", "template.run", "gateway.route.set"} <= actions


def test_each_page_of_the_portal_answers(platform: LivePlatform, orders: str) -> None:
    operation = platform.items("ops")[0]["id"]
    tabs = ("", "/logs", "/releases", "/resources", "/config")
    pages = ["/", "/golden-paths", "/golden-paths/python-api", "/operations", f"/operations/{operation}", "/catalog"]
    pages += ["/catalog/component/default/orders", "/environments", "/platform", "/audit"]
    pages += ["/stacks", *(f"/stacks/orders@dev{tab}" for tab in ("", "/drift", "/outputs", "/history", "/plan"))]
    with visitor(platform) as somebody:
        log_in(somebody, platform.json("portal")["url"])
        for path in [*pages, *(f"/applications/orders{tab}" for tab in tabs)]:
            assert somebody.get(path).status_code == 200, path


def test_destroying_leaves_nothing(platform: LivePlatform) -> None:
    made = platform.json("new", "python-api", "short-lived", "--owner", OWNER)
    call(f"{made['url']}items", "POST", {"name": "first"})
    urn = "short-lived@dev/web/db#postgres:Database"
    old = next(one for one in detail(platform, "short-lived")["resources"] if one["urn"] == urn)
    gone = platform.json("destroy", "short-lived", "--yes")
    assert gone["status"] == "destroyed"
    assert "short-lived" not in [one["application"] for one in platform.items("apps")]
    assert call(made["url"]).status == 404
    assert platform.roadbed("status", "short-lived", ok=False).code == 4
    assert platform.api("GET", "/stacks/short-lived@dev/resources").status == 404
    # Its source stays in its repository, and so does what that declares; deployed again it begins anew.
    entity = platform.api("GET", "/catalog/entities/component/default/short-lived").json
    assert entity["status"]["deployments"] == []
    platform.roadbed("deploy", platform.folder / "short-lived")
    assert call(f"{made['url']}items").json["items"] == []
    new = next(one for one in detail(platform, "short-lived")["resources"] if one["urn"] == urn)
    assert new["outputs"]["name"] != old["outputs"]["name"]  # a database is its creation's own
    platform.roadbed("destroy", "short-lived", "--yes")


def test_what_no_file_declares_leaves_the_catalog_with_its_last_deployment(platform: LivePlatform) -> None:
    service = SmallService("bare", platform.folder / "bare")
    service.write()
    platform.roadbed("deploy", service.folder)
    path = "/catalog/entities/component/default/bare"
    assert platform.api("GET", path).json["spec"]["owner"] == OWNER
    platform.roadbed("destroy", "bare", "--yes")
    assert platform.api("GET", path).status == 404


def visitor(platform: LivePlatform) -> httpx.Client:
    """A browser without scripts: it keeps cookies."""
    return httpx.Client(base_url=platform.login["url"], headers={"Accept": "text/html"}, timeout=30)


def log_in(visitor: httpx.Client, link: str) -> int:
    """Clicks the button of the page that a one-time link shows; gives the answer's status."""
    page = visitor.get(link)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    origin = str(visitor.base_url).rstrip("/")
    return visitor.post("/login/once", data=fields, headers={"Origin": origin}).status_code
