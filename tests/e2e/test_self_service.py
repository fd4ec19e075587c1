"""Self-service with guardrails, as four people play it on one platform, by command and in a real browser.

A platform engineer offers a building block and writes policies; a developer asks for the block, is refused with a
remedy, mends it, and meets a waiver and an approval on her way to production; an operator decides; an auditor reads it
all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

import browser
from browser import complaints, find, until
from live_platform import LivePlatform, StartPlatform, wait_for

pytestmark = [pytest.mark.slow, *browser.needed]

PASSWORD = "correct horse battery staple"
REFUSED, AWAITING = 3, 6
ENVIRONMENTS = """\
apiVersion: roadbed.dev/v1
kind: Environments
environments:
  dev: {kind: development}
  prod: {kind: production, approvals: {count: 1, role: operator}}
"""
BLOCK = '''\
"""Somewhere to keep sessions."""

from roadbed.sdk import Param, Request, provisioner
from roadbed.sdk.provisioners import Example
from roadbed.sdk.types import redis


@provisioner(
    "session-store",
    title="Session store",
    owner="group:default/platform",
    version="1.0.0",
    maturity="stable",
    params={"memory_mb": Param(int, default=64, help="How much it may hold, in MB.")},
    outputs={"address": "Host and port.", "password": "A secret."},
    examples={"plain": Example(), "large": Example({"memory_mb": 256})},
)
def session_store(request: Request) -> dict[str, object]:
    """A Valkey server that forgets."""
    store = redis.Database(request.name, max_memory_mb=request.params["memory_mb"], persistent=False)
    return {"address": f"{store.host}:{store.port}", "password": store.password}
'''
POLICIES = """\
from roadbed.sdk import policy
from roadbed.sdk.policies import Example


@policy(
    "small-stores",
    level="mandatory",
    types="redis:Database",
    reason="Memory is shared by all teams.",
    remedy="ask for at most 128 MB: memory_mb",
    config={"most": 128},
    refuses=Example("redis:Database", {"max_memory_mb": 512}),
    passes=Example("redis:Database", {"max_memory_mb": 64}),
)
def small_stores(resource, context):
    asked = resource.properties.get("max_memory_mb") or 0
    if asked > context.config["most"]:
        yield f"{resource.name} asks for {asked} MB"


@policy(
    "kept-in-production",
    level="mandatory",
    types="redis:Database",
    reason="Customers must not be logged out by a restart.",
    remedy="keep what it holds: persistent",
    refuses=Example("redis:Database", {"persistent": False}, kind="production"),
    passes=[Example("redis:Database"), Example("redis:Database", {"persistent": False}, kind="test")],
)
def kept_in_production(resource, context):
    if context.kind == "production" and resource.properties.get("persistent") is False:
        yield f"{resource.name} forgets what it holds"
"""
SHOP = {
    "requirements.txt": "",
    "serve.py": """\
import http.server, os

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
""",
    "Procfile": "web: python serve.py\n",
    "roadbed.yaml": """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: shop, owner: group:default/payments}
""",
}


@pytest.fixture
def driver() -> Iterator[Chrome]:
    with browser.chromium() as driver:
        browser.resize(driver, 1280, 1000)
        yield driver


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for file, text in SHOP.items():
        (tmp_path / file).write_text(text)
    return tmp_path


def test_from_a_block_and_a_policy_to_production(start_platform: StartPlatform, shop: Path, driver: Chrome) -> None:
    platform = start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")
    dora = person(platform, "dora", developer="group:default/payments", operator="group:default/payments")
    bob, eve = person(platform, "bob", operator="*"), person(platform, "eve", auditor="*")

    an_engineer_offers_a_block_and_writes_policies(platform)
    platform.roadbed("deploy", cwd=shop, environment=dora)
    a_developer_is_refused_with_the_remedy_and_mends_it(platform, driver, dora)

    (shop / "roadbed.yaml").write_text(f"{SHOP['roadbed.yaml']}resources:\n  sessions: {{type: session-store}}\n")
    in_production_the_rest_takes_a_waiver(platform, shop, dora, bob)
    operation = the_deployment_waits(platform, shop, dora)
    somebody_else_approves_it_in_the_portal(platform, driver, bob, operation)
    an_auditor_reads_all_of_it(platform, eve)


def person(platform: LivePlatform, name: str, **roles: str) -> Mapping[str, str]:
    """What she has in her shell: her token. `roles` are scopes by role."""
    platform.api("POST", "/users", {"name": name, "password": PASSWORD})
    for role, scope in roles.items():
        platform.api("POST", "/grants", {"subject": f"user:{name}", "role": role, "scope": scope})
    return {"ROADBED_TOKEN": platform.api("POST", "/login", {"username": name, "password": PASSWORD}).json["token"]}


def an_engineer_offers_a_block_and_writes_policies(platform: LivePlatform) -> None:
    repo = platform.home / "platform"
    (repo / "environments.yaml").write_text(ENVIRONMENTS)
    (repo / "policies" / "stores.py").write_text(POLICIES)
    (repo / "provisioners" / "session-store").mkdir()
    (repo / "provisioners" / "session-store" / "block.py").write_text(BLOCK)
    tried = platform.roadbed("policy", "test", "policies", cwd=repo).stdout
    assert "✓ kept-in-production (local)  refuses 1, passes 2" in tried
    platform.roadbed("platform", "test", "session-store", "--update", cwd=repo)
    platform.roadbed("platform", "publish", "session-store", "-m", "the first", "--yes", cwd=repo)
    platform.roadbed("platform", "publish", "session-store", "--to", "prod", "--yes", cwd=repo)


def a_developer_is_refused_with_the_remedy_and_mends_it(
    platform: LivePlatform, driver: Chrome, dora: Mapping[str, str]
) -> None:
    refused = platform.roadbed(
        "resource", "add", "session-store", "--name", "sessions", "--set", "memory_mb=512", "-a", "shop", "--yes",
        ok=False, environment=dora,
    )  # fmt: skip
    assert refused.code == REFUSED
    assert "ask for at most 128 MB: memory_mb" in refused.stdout + refused.stderr

    log_in(platform, driver, dora)
    driver.get(f"{platform.login['url']}/applications/shop/resources")
    find(driver, "a[href*='/resources/add']").click()
    find(driver, "a[href*='/resources/add/session-store?']").click()
    fill(driver, name="sessions", memory_mb=512)
    shown = find(driver, "main").text
    assert "essions asks for 512 MB" in shown
    assert "sk for at most 128 MB: memory_mb" in shown
    fill(driver, name="sessions", memory_mb=128)
    assert "asks for" not in find(driver, "main").text
    find(driver, "form[action$='/apply'] button").click()
    until(driver, lambda: "/operations/" in driver.current_url)
    wait_for(lambda: [one["state"] for one in asked_for(platform)] == ["created"], "the store")


def fill(driver: Chrome, *, name: str, memory_mb: int) -> None:
    """Fills in the form for the block, and has its plan shown."""
    for field, value in (("p-name", name), ("p-param.memory_mb", str(memory_mb))):
        element = find(driver, f"[id='{field}']")
        element.clear()
        element.send_keys(value)
    driver.execute_script("document.body.dataset.before = ''")
    find(driver, "form[data-check] button[type=submit]").click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "body:not([data-before]) #plan"))


def asked_for(platform: LivePlatform) -> list[Any]:
    return [one for one in platform.items("resource", "list", "-a", "shop") if one["name"] == "sessions"]


def in_production_the_rest_takes_a_waiver(
    platform: LivePlatform, shop: Path, dora: Mapping[str, str], bob: Mapping[str, str]
) -> None:
    refused = platform.roadbed("deploy", "-e", "prod", cwd=shop, environment=dora, ok=False)
    assert "sessions forgets what it holds" in refused.stdout + refused.stderr
    assert "keep what it holds: persistent" in refused.stdout + refused.stderr
    for endless in ((), ("--days", "0")):
        asked = ("waiver", "request", "kept-in-production", "--for", "shop@prod", "--why", "it can be logged in again")
        assert platform.roadbed(*asked, *endless, environment=dora, ok=False).code == 2
    platform.roadbed(*asked, "--days", "30", environment=dora)
    own = platform.roadbed("waiver", "approve", "shop@prod", environment=dora, ok=False)
    assert (own.code, "another person decides" in own.stderr) == (3, True)
    platform.roadbed("waiver", "approve", "shop@prod", "-m", "for a month", environment=bob)


def the_deployment_waits(platform: LivePlatform, shop: Path, dora: Mapping[str, str]) -> str:
    left = platform.roadbed("deploy", "-e", "prod", "-o", "json", cwd=shop, environment=dora, ok=False)
    assert left.code == AWAITING, left.stderr
    assert platform.roadbed("approval", "approve", left.json["approval"], environment=dora, ok=False).code == 3
    operation: str = left.json["operation"]
    return operation


def somebody_else_approves_it_in_the_portal(
    platform: LivePlatform, driver: Chrome, bob: Mapping[str, str], operation: str
) -> None:
    log_in(platform, driver, bob)
    driver.get(f"{platform.login['url']}/approvals")
    find(driver, "a.row-title").click()
    assert "waived until" in find(driver, "main").text
    find(driver, "#comment").send_keys("looks right")
    find(driver, "button[formaction$='/approve']").click()
    wait_for(lambda: platform.api("GET", f"/operations/{operation}").json["state"] == "succeeded", "the release")
    assert not complaints(driver)


def an_auditor_reads_all_of_it(platform: LivePlatform, eve: Mapping[str, str]) -> None:
    noted = platform.json("audit", "-n", "200", environment=eve)["items"]
    done = {(one["action"], one["principal"].removeprefix("user:"), one["outcome"]) for one in noted}
    assert {
        ("platform.manage", "admin", "done"),
        ("resource.change", "dora", "done"),
        ("waiver.request", "dora", "done"),
        ("waiver.decide", "bob", "done"),
        ("approval.decide", "bob", "done"),
    } <= done, sorted(done)
    (decided,) = [one for one in noted if one["action"] == "waiver.decide" and one["outcome"] == "done"]
    assert "for a month" in str(decided["detail"])
    published = [one["detail"] for one in noted if one["action"] == "platform.manage"]
    assert [one["environments"] for one in published if one.get("block") == "session-store"] == [["prod"], ["dev"]]


def log_in(platform: LivePlatform, driver: Chrome, who: Mapping[str, str]) -> None:
    code = platform.api("POST", "/login/codes", token=who["ROADBED_TOKEN"]).json
    driver.delete_all_cookies()
    browser.log_in(driver, platform.login["url"] + code["path"])
    complaints(driver)
