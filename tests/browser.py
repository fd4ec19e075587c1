"""A headless Chromium: Debian's, driven by Selenium, with a profile of its own that goes with it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

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


def resize(driver: Chrome, width: int, height: int) -> None:
    """The size of the page, in CSS pixels; narrower than a window can be, too."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(driver: Chrome, scheme: str) -> None:
    """`light` or `dark`, as the system's preference."""
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
