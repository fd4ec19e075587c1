"""Takes a picture of every page of the portal: light, dark and narrow.

    PYTHONPATH=tests python tests/e2e/screenshots.py [URL] [--application NAME] [--to FOLDER] [--only PART]

Without a URL it serves a platform in memory that holds each state a page can be in. With the one-time URL that
`roadbed portal --no-browser` prints, it looks at a real one, and follows what it finds there: the first operation, the
first golden path, the application's entity.
"""

from __future__ import annotations

import argparse
import base64
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser import CHROMIUM, chromium, found, prefer, resize
from fakes.portal import CODE, World, serving

WIDTH, HEIGHT, TALLEST = 1440, 900, 2600
NARROW, NARROW_HEIGHT = 390, 844
PATIENCE = 20


@dataclass(frozen=True)
class View:
    name: str
    scheme: str
    width: int
    height: int


VIEWS = (
    View("light", "light", WIDTH, HEIGHT),
    View("dark", "dark", WIDTH, HEIGHT),
    View("narrow", "light", NARROW, NARROW_HEIGHT),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="a one-time login URL; without it, a platform in memory is served")
    parser.add_argument("--application", default="orders")
    parser.add_argument("--to", type=Path, default=Path("docs/screenshots/out"))
    parser.add_argument("--only", default="", help="take only the pages whose name holds this")
    options = parser.parse_args()
    if not found():
        sys.exit("there is no Chromium on this machine: apt-get install chromium chromium-driver")
    options.to.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        url = options.url or f"{stack.enter_context(serving(World()))}/login/once?code={CODE}"
        driver = stack.enter_context(chromium())
        pages = _log_in(driver, url, options.application)
        base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        for name, path in pages.items():
            if options.only in name:
                _take(driver, base + path, name, options.to)
    print(f"pictures by {CHROMIUM} are in {options.to}")


def _log_in(driver: Chrome, url: str, application: str) -> dict[str, str]:
    """Logs in by the one-time URL; returns the paths of the pages by their names."""
    resize(driver, WIDTH, HEIGHT)
    base = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    driver.get(url)
    driver.find_element(By.CSS_SELECTOR, ".door-form button").click()
    WebDriverWait(driver, PATIENCE).until(lambda page: page.find_elements(By.CLASS_NAME, "shell"))
    app = f"/applications/{application}"
    pages = {"home": "/", "application": app}
    pages |= {f"application-{tab}": f"{app}/{tab}" for tab in ("logs", "releases", "resources", "jobs", "config")}
    pages |= {"application-job": f"{app}/jobs/report"}
    pages |= {"add-resource": f"{app}/resources/add", "add-resource-form": f"{app}/resources/add/postgres"}
    pages |= {"golden-paths": "/golden-paths", "golden-path": _first(driver, f"{base}/golden-paths", ".cover")}
    pages |= {"operations": "/operations", "operation": _first(driver, f"{base}/operations", ".row-title")}
    pages |= _stacks(driver, base, application)
    pages |= {"resource-types": "/resource-types", "resource-type": "/resource-types/postgres:Server"}
    pages |= {"building-blocks": "/building-blocks", "building-block": "/building-blocks/mysql"}
    pages |= {"costs": "/costs"}
    pages |= {"policies": "/policies", "policy": "/policies/enough-replicas"}
    pages |= {"resource-type-long": "/resource-types/command:Command"}
    pages |= {"catalog": "/catalog", "entity": f"/catalog/component/default/{application}"}
    pages |= {"environments": "/environments", "platform": "/platform", "audit": "/audit", "not-found": "/no-such-page"}
    return {name: path for name, path in pages.items() if path}


def _stacks(driver: Chrome, base: str, application: str) -> dict[str, str]:
    """The pages of one stack: the first of the list, a module's if there is one."""
    stack = _first(driver, f"{base}/stacks", ".row-title") or f"/stacks/{application}@dev"
    pages = {"stacks": "/stacks", "stack": stack, "stack-plan-form": f"{stack}/plan"}
    pages |= {f"stack-{tab}": f"{stack}/{tab}" for tab in ("plans", "drift", "outputs", "secrets", "history")}
    pages |= {"stack-resource": _first(driver, base + stack, ".resource-row")}
    return pages | {"stack-plan": _first(driver, base + stack, ".notice[href]")}


def _first(driver: Chrome, url: str, selector: str) -> str:
    """The path that the first such link on a page leads to, empty if there is none."""
    driver.get(url)
    links = driver.find_elements(By.CSS_SELECTOR, selector)
    parts = urlsplit(links[0].get_attribute("href") or "") if links else urlsplit("")
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _take(driver: Chrome, url: str, name: str, folder: Path) -> None:
    for view in VIEWS:
        prefer(driver, view.scheme)
        resize(driver, view.width, view.height)
        driver.get(url)
        _settle(driver)
        tall = int(driver.execute_script("return document.documentElement.scrollHeight"))
        if tall > view.height:
            resize(driver, view.width, min(tall, TALLEST))
            _settle(driver)
        answer = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        (folder / f"{name}-{view.name}.png").write_bytes(base64.b64decode(answer["data"]))


_SETTLED = """
const done = arguments[arguments.length - 1];
document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
"""


def _settle(driver: Chrome) -> None:
    """Fonts are there, scripts have run, and two frames have been drawn."""
    WebDriverWait(driver, PATIENCE).until(_drawn)
    driver.execute_async_script(_SETTLED)


def _drawn(driver: Chrome) -> bool:
    """A graph has its canvas, a log that follows has its first line."""
    waiting = "[data-graph] .graph-canvas:empty, [data-stream][data-log]:not([data-ends]) .log-state .dot:not(.dot-ok)"
    return not driver.find_elements(By.CSS_SELECTOR, waiting)


if __name__ == "__main__":
    main()
