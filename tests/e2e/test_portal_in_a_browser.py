"""The portal in a real browser, over a platform in memory: what only scripts do, and that they keep to the policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import browser
from browser import complaints, find, texts, until
from fakes.portal import CODE, World, serving

pytestmark = [pytest.mark.slow, *browser.needed]

PAGES = (
    "/",
    "/applications/orders",
    "/applications/orders/logs",
    "/applications/orders/resources",
    "/golden-paths/python-api",
    "/operations/op_running",
    "/catalog",
    "/resource-types",
    "/costs",
    "/policies",
    "/policies/enough-replicas",
    "/resource-types/postgres:Server",
    "/resource-types/acme:Gate",
    "/platform",
    "/audit",
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(pace=0.05)


@pytest.fixture(scope="module")
def base(world: World) -> Iterator[str]:
    with serving(world) as address:
        yield address


@pytest.fixture(scope="module")
def driver(base: str) -> Iterator[Chrome]:
    """A browser that is logged in."""
    with browser.chromium() as driver:
        browser.resize(driver, 1280, 900)
        browser.log_in(driver, f"{base}/login/once?code={CODE}")
        yield driver


@pytest.fixture(autouse=True)
def wide(driver: Chrome) -> None:
    browser.resize(driver, 1280, 900)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_runs_without_complaints_and_fits(driver: Chrome, base: str, path: str, width: int) -> None:
    """No error in the console, nothing that the content security policy refused, no scrolling sideways."""
    complaints(driver)
    browser.resize(driver, width, 900)
    driver.get(base + path)
    if path.endswith("/resources"):
        until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, ".graph-canvas canvas"))
    assert complaints(driver) == []
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_theme_is_set_at_once_and_stays(driver: Chrome, base: str) -> None:
    driver.get(base)
    theme = "return document.documentElement.dataset.theme ?? null"
    for value, expected in (("dark", "dark"), ("light", "light"), ("system", None)):
        find(driver, f'.sidebar [data-theme-form] button[value="{value}"]').click()
        assert driver.execute_script(theme) == expected
        driver.refresh()
        assert driver.execute_script(theme) == expected


def test_a_form_says_what_is_wrong_beside_the_field_before_it_is_sent(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/golden-paths/python-api")
    send = find(driver, 'form[data-check] button[type="submit"]')
    send.click()
    problem = find(driver, "#p-name-problem")
    assert problem.text == "This is needed."
    assert driver.switch_to.active_element.get_attribute("name") == "p.name"
    find(driver, "#p-name").send_keys("Not A Name")
    assert "lower-case letters" in problem.text
    find(driver, "#p-name").send_keys(Keys.CONTROL, "a")
    find(driver, "#p-name").send_keys("parcels")
    assert not problem.is_displayed()
    assert driver.current_url.endswith("/golden-paths/python-api")


def test_a_golden_path_is_run_and_its_steps_tick_without_reloading(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/golden-paths/python-api")
    find(driver, "#p-name").send_keys("parcels")
    find(driver, 'form[data-check] button[type="submit"]').click()
    until(driver, lambda: driver.current_url.endswith("/operations/op_run"))
    driver.execute_script("window.sameDocument = true")
    until(driver, lambda: "Go to parcels" in find(driver, ".actions").text)
    until(driver, lambda: texts(driver, ".log-text")[-1:] == ["line 4 of the run"])
    assert driver.execute_script("return window.sameDocument")
    find(driver, ".actions .button-primary").click()
    until(driver, lambda: texts(driver, "h1") == ["parcels"])


def test_a_log_follows_filters_and_pauses(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/applications/orders/logs")
    until(driver, lambda: len(texts(driver, ".log-line")) > 62)
    find(driver, ".log-filter").send_keys("POST")
    shown = texts(driver, ".log-line:not([data-hidden]) .log-text")
    assert shown
    assert all("POST" in line for line in shown)
    find(driver, ".log-filter").clear()
    find(driver, '[data-log-button="pause"]').click()
    paused = len(texts(driver, ".log-line"))
    find(driver, '[data-log-button="pause"]').click()
    until(driver, lambda: len(texts(driver, ".log-line")) > paused + 2)


def test_a_reader_who_scrolls_back_is_left_where_they_are(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/applications/orders/logs")
    follow = '[data-log-button="follow"]'
    until(driver, lambda: texts(driver, ".log-state") == ["Live"] and len(texts(driver, ".log-line")) > 60)
    driver.execute_script("document.querySelector('.log-lines').scrollTop = 0")
    until(driver, lambda: find(driver, follow).get_attribute("aria-pressed") == "false")
    seen = len(texts(driver, ".log-line"))
    until(driver, lambda: len(texts(driver, ".log-line")) > seen)
    assert driver.execute_script("return document.querySelector('.log-lines').scrollTop") == 0
    find(driver, follow).click()
    box = "const box = document.querySelector('.log-lines');"
    until(
        driver, lambda: driver.execute_script(f"{box} return box.scrollHeight - box.scrollTop - box.clientHeight") < 40
    )


def test_the_palette_leads_by_keyboard_alone(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/audit")
    find(driver, "body").send_keys(Keys.CONTROL, "k")
    until(driver, lambda: driver.switch_to.active_element.get_attribute("class") == "palette-input")
    driver.switch_to.active_element.send_keys("invo")
    until(driver, lambda: texts(driver, '.palette-item[aria-selected="true"] .truncate') == ["invoices"])
    until(driver, lambda: len(texts(driver, ".palette-item")) == 1)
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    until(driver, lambda: "/applications/invoices" in driver.current_url)


def test_the_palette_leads_to_stacks_and_resource_types(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/audit")
    find(driver, "body").send_keys(Keys.CONTROL, "k")
    until(driver, lambda: driver.switch_to.active_element.get_attribute("class") == "palette-input")
    driver.switch_to.active_element.send_keys("network@")
    until(driver, lambda: texts(driver, ".palette-item .truncate") == ["network@dev"])
    find(driver, ".palette-input").clear()
    find(driver, ".palette-input").send_keys("tls:Priv")
    until(driver, lambda: texts(driver, ".palette-item .truncate") == ["tls:PrivateKey"])
    find(driver, ".palette-input").send_keys(Keys.ENTER)
    until(driver, lambda: texts(driver, "h1") == ["tls:PrivateKey"])


def test_a_form_writes_the_declaration_as_it_is_filled_in(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/resource-types/postgres:Server")
    complaints(driver)
    driver.execute_script("window.sameDocument = true")
    for question, answer in (("resource-name", "db"), ("host", "=network.host"), ("username", "admin")):
        find(driver, f"#p-{question}").send_keys(answer)
    find(driver, "#p-password").send_keys("DB_PASSWORD")
    until(driver, lambda: 'password=secret("DB_PASSWORD")' in texts(driver, ".code-box")[0])
    assert "host=network.host" in texts(driver, ".code-box")[0]
    assert texts(driver, ".code-note") == ["Put it into roadbed.py."]
    assert driver.execute_script("return window.sameDocument")
    assert complaints(driver) == []


def test_what_the_engine_refuses_is_said_beside_the_field(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/resource-types/postgres:Server")
    port, problem = find(driver, "#p-port"), "#p-port-problem"
    port.send_keys("70000")
    said = ["70000 is greater than the maximum of 65535."]
    until(driver, lambda: texts(driver, f"{problem}:not([hidden])") == said)
    until(driver, lambda: port.get_attribute("aria-invalid") == "true")
    assert texts(driver, "#p-host-problem:not([hidden])") == [], "what is still missing is no mistake yet"
    assert driver.switch_to.active_element.get_attribute("id") == "p-port"
    port.send_keys(Keys.BACKSPACE)
    until(driver, lambda: texts(driver, f"{problem}:not([hidden])") == [])
    until(driver, lambda: port.get_attribute("aria-invalid") == "false")
    assert port.get_attribute("value") == "7000"


def test_the_declaration_is_copied(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/resource-types/random:Pet")
    grant = {"origin": base, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    find(driver, "#p-resource-name").send_keys("pet")
    until(driver, lambda: 'random.Pet("pet")' in texts(driver, ".code-box")[0])
    driver.execute_script("document.querySelector('.code-foot [data-copy]').click()")  # it is drawn anew at any time
    until(driver, lambda: "Copied" in texts(driver, "#toasts > *"))
    read = "navigator.clipboard.readText().then(arguments[0])"
    offered = "return document.querySelector('.code-foot [data-copy]').dataset.copy"
    assert driver.execute_async_script(read) == driver.execute_script(offered)


def test_a_search_narrows_the_page_down_as_one_types(driver: Chrome, base: str) -> None:
    driver.get(base)
    find(driver, '.search input[name="q"]').send_keys("mail")
    until(driver, lambda: texts(driver, ".app-name") == ["mailer"])
    assert "q=mail" in driver.current_url


def test_a_dangerous_action_asks_for_the_name(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/applications/orders")
    find(driver, "details summary.card-head").click()
    find(driver, '[popovertarget="destroy"].button-danger').click()
    find(driver, "#confirm").send_keys("order")
    find(driver, '#destroy button[type="submit"]').click()
    assert find(driver, "#confirm-problem").text == "This is not its name."
    assert not world.done
    find(driver, "#confirm").send_keys("s")
    find(driver, '#destroy button[type="submit"]').click()
    until(driver, lambda: "/operations/" in driver.current_url)
    assert world.done == [("destroy", "orders")]


def test_two_tabs_share_one_event_stream(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/operations")
    until(driver, lambda: len(world.listeners) == 1)
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(f"{base}/catalog")
    until(driver, lambda: driver.execute_script("return document.readyState") == "complete")
    assert len(world.listeners) == 1
    driver.close()
    driver.switch_to.window(first)
