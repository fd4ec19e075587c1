"""Waivers and approvals, by two people on a platform that runs: as the guide says, through a killed server, and in a
real browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

import browser
from browser import complaints, find, texts, until
from guide_runner import Reader
from live_platform import LivePlatform, StartPlatform, wait_for

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery staple"
ENVIRONMENTS = """\
apiVersion: roadbed.dev/v1
kind: Environments
environments:
  dev: {kind: development}
  prod: {kind: production, approvals: {count: 1, role: operator}}
"""
FILES = {
    "requirements.txt": "",
    "serve.py": """\
import http.server, os

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()
""",
    "score.yaml": """\
apiVersion: score.dev/v1b1
metadata: {name: shop}
service: {ports: {http: {port: 80, targetPort: 8080}}}
containers: {main: {image: ., command: [python, serve.py]}}
""",
}
LEAFLET = (
    'from roadbed.sdk import Resource\nResource("file:File", "one", path="leaflets/one.txt", content="ask -- Ada")\n'
)
AWAITING = 6


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    made = start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")
    made.api("POST", "/users", {"name": "bob", "password": PASSWORD})
    made.api("POST", "/grants", {"subject": "user:bob", "role": "operator", "scope": "*"})
    made.settings["BOB"] = made.api("POST", "/login", {"username": "bob", "password": PASSWORD}).json["token"]
    return made


@pytest.fixture
def source(platform: LivePlatform, tmp_path: Path) -> Path:
    (platform.home / "platform" / "environments.yaml").write_text(ENVIRONMENTS)
    for file, text in FILES.items():
        (tmp_path / file).write_text(text)
    return tmp_path


@pytest.fixture
def driver() -> Iterator[Chrome]:
    with browser.chromium() as driver:
        browser.resize(driver, 1280, 900)
        yield driver


def ended(platform: LivePlatform, operation: str) -> Any:
    def look() -> Any:
        found = platform.api("GET", f"/operations/{operation}").json
        return found if found["state"] in ("succeeded", "failed", "cancelled") else None

    return wait_for(look, f"the end of {operation}")


def test_the_guide_is_so(platform: LivePlatform) -> None:
    Reader(platform, platform.home / "platform").follow("waivers-and-approvals")


def test_a_deploy_waits_through_a_killed_server_and_a_refused_one_leaves_what_runs(
    platform: LivePlatform, source: Path
) -> None:
    left = platform.roadbed("deploy", "-e", "prod", "-o", "json", cwd=source, ok=False)
    assert left.code == AWAITING
    assert left.json["status"] == "waiting"
    platform.kill_server()
    platform.roadbed("up", "--detach")
    assert platform.api("GET", f"/operations/{left.json['operation']}").json["state"] == "waiting"
    bob = {"ROADBED_TOKEN": platform.settings["BOB"]}
    own = platform.roadbed("approval", "approve", left.json["approval"], ok=False)
    assert (own.code, "asked for" in own.stderr) == (3, True)
    platform.roadbed("approval", "approve", "shop@prod", environment=bob)
    assert ended(platform, left.json["operation"])["result"]["release"] == "v1"

    (source / "new.txt").write_text("another release")
    second = platform.roadbed("deploy", "-e", "prod", "-o", "json", cwd=source, ok=False)
    platform.roadbed("approval", "refuse", "shop@prod", "-m", "not on a Friday", environment=bob)
    assert "not on a Friday" in ended(platform, second.json["operation"])["error"]["detail"]
    (release,) = platform.items("releases", "shop", "-e", "prod")
    assert (release["release"], release["status"]) == ("v1", "active")
    gone = platform.roadbed("destroy", "shop", "-e", "prod", "--yes", "-o", "json", ok=False)
    assert gone.code == AWAITING
    platform.roadbed("ops", "cancel", gone.json["operation"])
    assert ended(platform, gone.json["operation"])["state"] == "cancelled"
    assert platform.items("approval", "list") == []


@pytest.mark.skipif(not browser.found(), reason="there is no Chromium")
@pytest.mark.browser
def test_two_people_in_the_portal(platform: LivePlatform, source: Path, driver: Chrome) -> None:
    repo, url = platform.home / "platform", platform.login["url"]
    (repo / "modules" / "leaflets").mkdir(parents=True, exist_ok=True)
    (repo / "modules" / "leaflets" / "roadbed.py").write_text(LEAFLET)
    plan = platform.api("POST", "/stacks/leaflets@prod/plans", {}).json["number"]
    policy = "stack-has-owner"
    log_in(platform, driver, platform.login["token"])
    driver.get(f"{url}/waivers/new?policy={policy}&for=leaflets@prod")
    find(driver, "#why").send_keys("nobody has taken it over yet")
    find(driver, "form[action='/waivers'] button").click()
    until(driver, lambda: "/waivers/wv_" in driver.current_url)
    assert "To be decided" in find(driver, "main").text
    assert not driver.find_elements(By.CSS_SELECTOR, "button[formaction$='/approve']"), "it is her own"
    waiver = driver.current_url
    asked = platform.api("POST", f"/stacks/leaflets@prod/plans/{plan}/apply").json["operation"]["id"]
    wait_for(lambda: platform.items("approval", "list"), "the question")

    log_in(platform, driver, platform.settings["BOB"])
    driver.get(url)
    assert {"Apply plan 1 to leaflets@prod", f"Waiver from {policy} for leaflets@prod"} <= set(
        texts(driver, "#live td a")
    )
    driver.get(waiver)
    find(driver, "#comment").send_keys("until somebody does")
    find(driver, "button[formaction$='/approve']").click()
    until(driver, lambda: "until somebody does" in find(driver, "main").text)
    driver.get(f"{url}/approvals")
    assert "Yours to decide" in find(driver, "main").text
    find(driver, "a.row-title").click()
    find(driver, "#comment").send_keys("go")
    assert "waived until" in find(driver, "main").text
    find(driver, "button[formaction$='/approve']").click()
    assert ended(platform, asked)["state"] == "succeeded"
    until(driver, lambda: "Approved" in find(driver, "main").text)
    assert not complaints(driver)


def log_in(platform: LivePlatform, driver: Chrome, token: str) -> None:
    code = platform.api("POST", "/login/codes", token=token).json
    driver.delete_all_cookies()
    browser.log_in(driver, platform.login["url"] + code["path"])
    complaints(driver)
