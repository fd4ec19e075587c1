"""A newcomer in the portal of a real platform: from the link that logs them in to a service whose log they watch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

import browser
from browser import complaints, find, texts, until
from live_platform import OWNER, LivePlatform, call

pytestmark = [pytest.mark.slow, *browser.needed]

PATIENCE = 180
"""Seconds in which a service is made at the latest; its first build downloads packages."""


@pytest.fixture(scope="module")
def driver(platform: LivePlatform) -> Iterator[Chrome]:
    """A browser that came by the one-time link, and clicked."""
    link = platform.json("portal", "--no-browser")["url"]
    with browser.chromium() as driver:
        browser.resize(driver, 1280, 900)
        browser.log_in(driver, link)
        yield driver


@pytest.fixture(scope="module")
def base(platform: LivePlatform) -> str:
    return platform.login["url"]


@dataclass(frozen=True, slots=True)
class Made:
    """A service that was made by the golden path's form; `run` is the address of the page that showed its steps."""

    name: str
    url: str
    run: str


@pytest.fixture(scope="module")
def made(driver: Chrome, base: str, platform: LivePlatform) -> Iterator[Made]:
    """Watched to the end, on the page that the form leads to."""
    name = f"waybills-{uuid4().hex[:6]}"  # what was destroyed keeps its repository, and so its name
    complaints(driver)
    driver.get(f"{base}/golden-paths/python-api")
    find(driver, "#p-name").send_keys(name)
    owner = find(driver, "#p-owner")
    if owner.tag_name == "select":
        Select(owner).select_by_value(OWNER)
    else:
        owner.clear()
        owner.send_keys(OWNER)
    find(driver, 'form[data-check] button[type="submit"]').click()
    until(driver, lambda: "/operations/" in driver.current_url)
    driver.execute_script("window.sameDocument = true")
    until(driver, lambda: f"Go to {name}" in find(driver, ".actions").text, PATIENCE)
    assert driver.execute_script("return window.sameDocument"), "the steps tick without reloading"
    assert complaints(driver) == []
    yield Made(name, platform.json("status", name)["url"], driver.current_url)
    platform.roadbed("destroy", name, "--yes")


def test_a_service_is_made_by_the_form(driver: Chrome, made: Made) -> None:
    assert call(made.url).json["message"] == f"Hello from {made.name}."
    driver.get(made.run)
    states = {step.get_attribute("data-state") for step in driver.find_elements(By.CSS_SELECTOR, ".road-step")}
    assert states == {"succeeded"}
    assert any(f"{made.name} is live" in text for text in texts(driver, ".notice-title"))
    find(driver, ".actions .button-primary").click()
    until(driver, lambda: texts(driver, "h1") == [made.name])
    assert complaints(driver) == []


def test_its_log_is_followed_live(driver: Chrome, base: str, made: Made) -> None:
    driver.get(f"{base}/applications/{made.name}/logs")
    until(driver, lambda: texts(driver, ".log-text"))
    driver.execute_script("window.sameDocument = true")
    assert not any("/seen-at-once" in text for text in texts(driver, ".log-text"))
    call(f"{made.url}seen-at-once")
    until(driver, lambda: any("/seen-at-once" in text for text in texts(driver, ".log-text")))
    assert driver.execute_script("return window.sameDocument")
    assert complaints(driver) == []


def test_the_application_page_changes_by_itself_when_it_is_scaled(
    driver: Chrome, base: str, made: Made, platform: LivePlatform
) -> None:
    driver.get(f"{base}/applications/{made.name}")
    driver.execute_script("window.sameDocument = true")
    platform.roadbed("scale", made.name, "web=3")
    until(driver, lambda: "3/3" in re.sub(r"\s", "", find(driver, "main").text))
    assert driver.execute_script("return window.sameDocument")
    assert complaints(driver) == []


PAGES = ("", "/golden-paths", "/stacks", "/operations", "/catalog", "/environments", "/platform", "/audit")
TABS = ("", "/logs", "/releases", "/resources", "/plan", "/config")
STACK_TABS = ("", "/drift", "/outputs", "/history", "/plan")


@pytest.mark.parametrize(
    "path", [*PAGES, *(f"/applications/NAME{tab}" for tab in TABS), *(f"/stacks/NAME@dev{tab}" for tab in STACK_TABS)]
)
def test_a_page_of_the_real_platform_draws_no_complaint(driver: Chrome, base: str, made: Made, path: str) -> None:
    complaints(driver)
    driver.get(base + path.replace("NAME", made.name))
    until(driver, lambda: driver.execute_script("return document.readyState") == "complete")
    assert texts(driver, "h1")
    assert complaints(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 1280
