"""A headless Chromium: Debian's, driven by Selenium, with a profile of its own that goes with it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from roadbed.portal.assets import DIST

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


def found() -> bool:
    """Whether this machine has a browser to drive."""
    return CHROMIUM is not None and DRIVER is not None


_REQUIRED = os.environ.get("ROADBED_TESTS_REQUIRE_BROWSER") == "1"
"""Set where a browser that is missing is an error: the tests then run, and fail."""

needed = [
    pytest.mark.browser,
    pytest.mark.skipif(not found() and not _REQUIRED, reason="this machine has no chromium and chromedriver"),
    pytest.mark.skipif(
        not (DIST / "manifest.json").exists() and not _REQUIRED, reason="the portal is not bundled: run `make assets`"
    ),
]
"""What a module that drives a browser is marked with."""


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser whose console is kept (`driver.get_log("browser")`). Quits at the end."""
    profile = Path(tempfile.mkdtemp(prefix="roadbed-browser-"))
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER or ""))
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def console(driver: Chrome) -> list[dict[str, Any]]:
    """What was written to the console since it was last asked for. (Selenium's own method for it has no types.)"""
    return list(driver.execute("getLog", {"type": "browser"})["value"])


def complaints(driver: Chrome) -> list[str]:
    """What the browser said against the pages since it was last asked."""
    return [entry["message"] for entry in console(driver) if entry["level"] in ("SEVERE", "WARNING")]


def find(driver: Chrome, selector: str) -> WebElement:
    """The first of these, once it is there. What stands on the page instead is told."""
    try:
        found: list[WebElement] = until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, selector), patience=20)
    except TimeoutException:
        shown = driver.find_element(By.TAG_NAME, "body").text
        raise AssertionError(f"{selector} is not on {driver.current_url}:\n{shown}") from None
    return found[0]


def log_in(driver: Chrome, link: str) -> None:
    """By a one-time link, whose page wants a click."""
    driver.get(link)
    find(driver, ".door-form button").click()
    until(driver, lambda: driver.find_elements(By.CLASS_NAME, "shell"))


def texts(driver: Chrome, selector: str) -> list[str]:
    """What stands in these elements, hidden or not."""
    script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent.trim())"
    return list(driver.execute_script(script, selector))


def until(driver: Chrome, condition: Callable[[], Any], patience: float = 60) -> Any:
    """The first true answer. `patience`, in seconds, only ends a test that hangs."""
    return WebDriverWait(driver, patience, poll_frequency=0.05).until(lambda _: condition())


def resize(driver: Chrome, width: int, height: int) -> None:
    """The size of the page, in CSS pixels; narrower than a window can be, too."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(driver: Chrome, scheme: str) -> None:
    """`light` or `dark`, as the system's preference."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
