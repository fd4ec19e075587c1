"""A database is added in the portal, in a real browser, to an application that runs; and the file takes it over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

import browser
from browser import complaints, find, until
from live_platform import LivePlatform, StartPlatform, wait_for

pytestmark = [pytest.mark.slow, *browser.needed]

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
resources: {dns: {type: dns}, route: {type: route, params: {host: "${resources.dns.host}", port: http}}}
""",
}


@pytest.fixture
def driver() -> Iterator[Chrome]:
    with browser.chromium() as driver:
        browser.resize(driver, 1280, 900)
        yield driver


def test_a_database_is_added_in_the_portal(start_platform: StartPlatform, tmp_path: Path, driver: Chrome) -> None:
    platform = start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")
    for file, text in FILES.items():
        (tmp_path / file).write_text(text)
    platform.roadbed("deploy", cwd=tmp_path)
    _log_in(platform, driver)

    driver.get(f"{platform.login['url']}/applications/shop/resources")
    find(driver, "a[href*='/resources/add']").click()
    find(driver, "a[href*='/resources/add/s3']")
    find(driver, "a[href*='/resources/add/postgres?']").click()
    name = find(driver, "#p-name")
    assert name.get_attribute("value") == "db"
    name.clear()
    name.send_keys("route")
    find(driver, "form[data-check] button[type=submit]").click()
    assert "has a resource 'route' already: score.yaml:5" in find(driver, ".notice-bad").text
    complaints(driver)  # the browser's own word on a form that is refused

    name = find(driver, "#p-name")
    name.clear()
    name.send_keys("orders-db")
    find(driver, "form[data-check] button[type=submit]").click()
    assert "orders-db:" in find(driver, "#edit").text
    assert "postgres:Database" in find(driver, "#plan").text
    find(driver, "form[action$='/apply'] button").click()
    until(driver, lambda: "/operations/" in driver.current_url)

    wait_for(lambda: _resource(platform) == ("created", "admin"), "the database")
    driver.get(f"{platform.login['url']}/applications/shop/resources")
    assert "set by admin" in find(driver, "main").text
    assert not complaints(driver)

    lines = "apiVersion: roadbed.dev/v1\nkind: Application\nresources:\n  orders-db:\n    type: postgres\n"
    (tmp_path / "roadbed.yaml").write_text(lines)
    platform.roadbed("deploy", cwd=tmp_path)
    assert _resource(platform) == ("created", None)


def _log_in(platform: LivePlatform, driver: Chrome) -> None:
    browser.log_in(driver, platform.json("portal", "--no-browser")["url"])
    complaints(driver)


def _resource(platform: LivePlatform) -> tuple[str, str | None]:
    found = {one["name"]: one for one in platform.items("resource", "list", "-a", "shop")}
    one = found.get("orders-db")
    return (one["state"], one["set_by"]) if one else ("none", None)
