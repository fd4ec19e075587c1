"""A newcomer in the portal of a real platform: from the link that logs them in to a service whose log they watch."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
        driver.get(link)
        find(driver, ".door-form button").click()
        until(driver, lambda: driver.find_elements(By.CLASS_NAME, "shell"))
        yield driver


@pytest.fixture(scope="module")
def base(platform: LivePlatform) -> str:
    return platform.login["url"]


@pytest.fixture(scope="module")
def waybills(driver: Chrome, base: str, platform: LivePlatform) -> Iterator[str]:
    """The URL of a service made by the golden path's form, which was watched to the end."""
    complaints(driver)
    driver.get(f"{base}/golden-paths/python-api")
    find(driver, "#p-name").send_keys("waybills")
    owner = find(driver, "#p-owner")
    if owner.tag_name == "select":
        Select(owner).select_by_value(OWNER)
    else:
        owner.clear()
        owner.send_keys(OWNER)
    find(driver, 'form[data-check] button[type="submit"]').click()
    until(driver, lambda: "/operations/" in driver.current_url)
    driver.execute_script("window.sameDocument = true")
    until(driver, lambda: "Go to waybills" in find(driver, ".actions").text, PATIENCE)
    assert driver.execute_script("return window.sameDocument"), "the steps tick without reloading"
    yield platform.json("status", "waybills")["url"]
    platform.roadbed("destroy", "waybills", "--yes")


def test_a_service_is_made_by_the_form_and_its_steps_tick(driver: Chrome, base: str, waybills: str) -> None:
    states = {step.get_attribute("data-state") for step in driver.find_elements(By.CSS_SELECTOR, ".road-step")}
    assert states == {"succeeded"}
    assert any("waybills is live" in text for text in texts(driver, ".notice-title"))
    assert call(waybills).json["message"] == "Hello from waybills."
    find(driver, ".actions .button-primary").click()
    until(driver, lambda: texts(driver, "h1") == ["waybills"])
    assert "2/2" in re.sub(r"\s", "", find(driver, "main").text)
    assert complaints(driver) == []


def test_its_log_is_followed_live(driver: Chrome, base: str, waybills: str) -> None:
    driver.get(f"{base}/applications/waybills/logs")
    until(driver, lambda: texts(driver, ".log-text"))
    driver.execute_script("window.sameDocument = true")
    assert not any("/seen-at-once" in text for text in texts(driver, ".log-text"))
    call(f"{waybills}seen-at-once")
    until(driver, lambda: any("/seen-at-once" in text for text in texts(driver, ".log-text")))
    assert driver.execute_script("return window.sameDocument")
    assert complaints(driver) == []


def test_the_application_page_changes_by_itself_when_it_is_scaled(
    driver: Chrome, base: str, waybills: str, platform: LivePlatform
) -> None:
    driver.get(f"{base}/applications/waybills")
    driver.execute_script("window.sameDocument = true")
    platform.roadbed("scale", "waybills", "web=3")
    until(driver, lambda: "3/3" in re.sub(r"\s", "", find(driver, "main").text))
    assert driver.execute_script("return window.sameDocument")
    assert complaints(driver) == []


PAGES = ("", "/golden-paths", "/operations", "/catalog", "/environments", "/platform", "/audit")
TABS = ("", "/logs", "/releases", "/resources", "/plan", "/config")


@pytest.mark.parametrize("path", [*PAGES, *(f"/applications/waybills{tab}" for tab in TABS)])
def test_a_page_of_the_real_platform_draws_no_complaint(driver: Chrome, base: str, waybills: str, path: str) -> None:
    complaints(driver)
    driver.get(base + path)
    until(driver, lambda: driver.execute_script("return document.readyState") == "complete")
    assert texts(driver, "h1")
    assert complaints(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= 1280
