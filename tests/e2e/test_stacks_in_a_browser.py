"""The stacks' pages in a real browser, over a platform in memory: panels, large plans, and applies that one watches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import browser
from browser import complaints, find, texts, until
from fakes.portal import CODE, World, serving
from fakes.portal_stacks import NETWORK, PLANS, RUNNERS, wide_plan
from roadbed.stacks.domain import PlanState, Wish

pytestmark = [pytest.mark.slow, *browser.needed]

PAGES = (
    "/stacks",
    f"/stacks/{NETWORK}",
    f"/stacks/{NETWORK}/plans",
    f"/stacks/{NETWORK}/drift",
    f"/stacks/{NETWORK}/outputs",
    f"/stacks/{NETWORK}/secrets",
    f"/stacks/{NETWORK}/history",
    f"/stacks/{NETWORK}/plan",
    f"/stacks/{NETWORK}/resource?urn={NETWORK}/databases/server%23postgres:Server",
    *(f"/stacks/{NETWORK}/plans/{number}" for number in (8, 9, 10, 11, 13, 14, 15)),
    f"/stacks/{RUNNERS}",
    f"/stacks/{RUNNERS}/drift",
)

UNDRAWN = "[data-graph] .graph-canvas:empty"
GRAPH = "const graph = document.querySelector('.graph-canvas')._cyreg.cy; "
IN_SIGHT = """
const outside = (box, view) => box.x1 < view.x1 || box.y1 < view.y1 || box.x2 > view.x2 || box.y2 > view.y2;
const asked = graph.elements(arguments[0]);
return asked.nonempty() && !outside(asked.boundingBox(), graph.extent())
"""
RUNS = 'node[state = "running"]'


@pytest.fixture
def world() -> World:
    return World(pace=0.05)


@pytest.fixture
def base(world: World) -> Iterator[str]:
    with serving(world) as address:
        yield address


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    with browser.chromium() as driver:
        yield driver


@pytest.fixture
def driver(chrome: Chrome, base: str) -> Chrome:
    """A browser that is logged in, at a platform that no other test has touched."""
    browser.resize(chrome, 1280, 900)
    browser.log_in(chrome, f"{base}/login/once?code={CODE}")
    complaints(chrome)
    return chrome


def test_pages_run_without_complaints_and_fit(driver: Chrome, base: str) -> None:
    """No error in the console, nothing that the content security policy refused, no scrolling sideways."""
    for path in PAGES:
        for width in (1280, 390):
            browser.resize(driver, width, 900)
            driver.get(base + path)
            until(driver, lambda: not driver.find_elements(By.CSS_SELECTOR, UNDRAWN))
            assert complaints(driver) == [], path
            assert driver.execute_script("return document.documentElement.scrollWidth") <= width, path


def test_a_resource_opens_beside_the_others_by_keyboard_alone(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/stacks/{NETWORK}")
    rows = driver.find_elements(By.CSS_SELECTOR, ".resource-row")
    server = next(row for row in rows if "postgres:Server" in row.text)
    server.send_keys(Keys.ENTER)
    until(driver, lambda: texts(driver, "#panel-title") == ["databases/server"])
    until(driver, lambda: driver.execute_script("return document.activeElement.id") == "panel")
    assert server.get_attribute("aria-current") == "true"
    assert driver.current_url.endswith(f"/stacks/{NETWORK}")
    find(driver, "#panel-body .chip-link").click()
    until(driver, lambda: texts(driver, "#panel-title") == ["main/subnet-a"])
    driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    until(driver, lambda: not find(driver, "#panel").is_displayed())


def test_the_form_of_a_plan_says_its_command_as_it_is_filled_in(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/stacks/{NETWORK}/plan?target=main/vpc")
    find(driver, '[name="refresh"]').click()
    find(driver, "#targets").send_keys("\nsubnets/*")
    command = f"roadbed plan {NETWORK} --refresh --target main/vpc --target 'subnets/*'"
    assert texts(driver, ".foot-command code") == [command]
    find(driver, 'form[data-busy] button[type="submit"]').click()
    until(driver, lambda: driver.current_url.endswith("/plans/12"))
    assert world.wishes[-1].targets == ("main/vpc", "subnets/*")


def test_a_plan_is_applied_after_a_question_and_lights_up_as_it_goes(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/stacks/{NETWORK}/plans/12")
    assert not find(driver, "#progress").is_displayed()
    find(driver, '.actions [popovertarget="apply"]').click()
    assert world.done == []
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "[data-running]"))
    driver.execute_script("window.sameDocument = true")
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, '[data-step][data-state="running"]'))
    until(driver, lambda: texts(driver, ".page-head .badge") == ["Failed"])
    until(driver, lambda: texts(driver, '[data-count="succeeded"]') == ["11"])
    until(driver, lambda: texts(driver, "[data-left]") == ["not done"])
    assert driver.execute_script("return window.sameDocument")
    assert texts(driver, '[data-state="failed"] .plan-name') == ["gateway"]
    assert "the rule is used by another gateway" in texts(driver, "[data-failures]")[0]
    groups = texts(driver, "[data-group-note]")
    assert groups == ["5 of 5 done", "4 of 4 done", "2 of 3 done, 1 failed"]
    shown = texts(driver, "[data-step] [data-state-word]")
    driver.refresh()
    assert texts(driver, "[data-group-note]") == groups
    assert texts(driver, "[data-step] [data-state-word]") == shown
    assert "Plan anew" in find(driver, ".actions").text
    assert complaints(driver) == []


def test_an_apply_is_cancelled_from_where_it_is_watched(driver: Chrome, base: str, world: World) -> None:
    world.pace = 0.4
    driver.get(f"{base}/stacks/{NETWORK}/plans/12")
    find(driver, '.actions [popovertarget="apply"]').click()
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, '.actions [popovertarget="cancel"]'))
    find(driver, '.actions [popovertarget="cancel"]').click()
    find(driver, '#cancel button[type="submit"]').click()
    until(driver, lambda: texts(driver, ".page-head .badge") == ["Cancelled"])
    assert driver.current_url.endswith("/plans/12")
    until(driver, lambda: "Not done" in texts(driver, "[data-state-word]"))


def test_an_open_plan_is_found_again_in_the_list(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/stacks/{NETWORK}")
    find(driver, f'.tabs a[href="/stacks/{NETWORK}/plans"]').click()
    until(driver, lambda: "Plan 12" in texts(driver, ".row-title"))
    states = dict(zip(texts(driver, ".row-title"), texts(driver, "td .badge"), strict=True))
    assert states["Plan 12"] == "Ready to apply"
    assert states["Plan 10"] == "Stale"
    find(driver, 'a[href$="/plans/12"].row-title').click()
    until(driver, lambda: texts(driver, "h1") == ["Plan 12"])
    assert "Apply" in find(driver, ".actions").text


def test_a_plan_of_thousands_of_steps_is_watched_as_groups(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/stacks/{RUNNERS}/plans/3")
    assert driver.execute_script("return document.querySelectorAll('*').length") < 600
    find(driver, '.actions [popovertarget="apply"]').click()
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: driver.find_elements(By.CSS_SELECTOR, "[data-running]"))
    find(driver, ".plan-chunk > summary").click()
    until(driver, lambda: len(driver.find_elements(By.CSS_SELECTOR, "[data-step]")) == 100)
    until(driver, lambda: texts(driver, "[data-group-note]") == ["5,000 of 5,000 done"])
    until(driver, lambda: texts(driver, ".page-head .badge") == ["Applied"])
    assert len(driver.find_elements(By.CSS_SELECTOR, '[data-step][data-state="succeeded"]')) == 100
    find(driver, ".plan-more .button").click()
    until(driver, lambda: len(driver.find_elements(By.CSS_SELECTOR, '[data-step][data-state="succeeded"]')) == 200)
    assert complaints(driver) == []


@pytest.mark.parametrize(("deletions", "width", "readable"), [(20, 1280, True), (20, 390, False), (270, 1280, False)])
def test_a_graph_fits_and_begins_readable(
    driver: Chrome, base: str, world: World, monkeypatch: pytest.MonkeyPatch, deletions: int, width: int, readable: bool
) -> None:
    """What is too much to be read at once begins with a part of it; asked to fit, it shows everything."""
    with_wide_plan(world, monkeypatch, deletions)
    browser.resize(driver, width, 900)
    draw_wide_plan(driver, base)
    assert in_sight(driver) == readable
    assert driver.execute_script(GRAPH + "return graph.zoom()") >= 0.5
    assert middle_is_shown(driver)
    find(driver, '[data-zoom="fit"]').click()
    assert in_sight(driver)
    browser.resize(driver, width + 40, 900)
    until(driver, lambda: in_sight(driver))
    assert complaints(driver) == []


def test_what_depends_on_nothing_stands_in_rows_and_columns(
    driver: Chrome, base: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_wide_plan(world, monkeypatch, 20)
    draw_wide_plan(driver, base)
    rows, columns = driver.execute_script(
        GRAPH + "const places = graph.nodes('[action = \"delete\"]').map((node) => node.position());"
        "return ['y', 'x'].map((axis) => new Set(places.map((place) => Math.round(place[axis]))).size)"
    )
    assert rows * columns < 30
    assert min(rows, columns) >= 3


def test_a_graph_follows_what_runs_until_it_is_moved(
    driver: Chrome, base: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pace = 0.4
    with_wide_plan(world, monkeypatch, 270)
    draw_wide_plan(driver, base)
    find(driver, '.actions [popovertarget="apply"]').click()
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: in_sight(driver, RUNS))
    find(driver, '[data-zoom="1.25"]').click()
    pan = GRAPH + "return Object.values(graph.pan())"
    moved = driver.execute_script(pan)
    until(driver, lambda: runs(driver) and not in_sight(driver, RUNS))
    until(driver, lambda: not runs(driver))
    assert driver.execute_script(pan) == moved


def with_wide_plan(world: World, monkeypatch: pytest.MonkeyPatch, deletions: int) -> None:
    monkeypatch.setitem(PLANS, (NETWORK, 20), wide_plan(20, deletions))
    world.plans[NETWORK, 20] = PlanState(20, Wish(), None)


def draw_wide_plan(driver: Chrome, base: str) -> None:
    driver.get(f"{base}/stacks/{NETWORK}/plans/20")
    until(driver, lambda: not driver.find_elements(By.CSS_SELECTOR, UNDRAWN))


def runs(driver: Chrome) -> bool:
    return bool(driver.execute_script(GRAPH + "return graph.nodes(arguments[0]).nonempty()", RUNS))


def in_sight(driver: Chrome, selector: str = "*") -> bool:
    return bool(driver.execute_script(GRAPH + IN_SIGHT, selector))


def middle_is_shown(driver: Chrome) -> bool:
    """Whether the middle of the canvas shows the middle of the graph."""
    script = "const [all, view] = [graph.elements().boundingBox(), graph.extent()];"
    script += "return [[all.x1 + all.x2, view.x1 + view.x2], [all.y1 + all.y2, view.y1 + view.y2]]"
    return all(abs(one - other) < 2 for one, other in driver.execute_script(GRAPH + script))


def test_a_row_of_tabs_begins_where_one_is(driver: Chrome, base: str) -> None:
    browser.resize(driver, 390, 844)
    driver.get(f"{base}/stacks/{NETWORK}/history")
    tab = '.tabs [aria-current="page"]'
    edges = "const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.left, box.right]"
    until(driver, lambda: driver.execute_script(edges, tab)[1] <= 390)
    assert driver.execute_script(edges, tab)[0] >= 0


def test_the_end_of_a_stack_is_told_and_asks_for_its_name(driver: Chrome, base: str, world: World) -> None:
    driver.get(f"{base}/stacks/{NETWORK}/plans/15")
    find(driver, '.actions [popovertarget="apply"]').click()
    assert "This deletes 2 resources" in find(driver, "#apply").text
    find(driver, "#apply #confirm").send_keys("network")
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: texts(driver, "#confirm-problem") == ["This is not its name."])
    assert world.done == []
    find(driver, "#apply #confirm").send_keys("@dev")
    find(driver, '#apply button[type="submit"]').click()
    until(driver, lambda: world.done == [("apply", f"{NETWORK} 15")])


def test_a_row_of_tabs_that_is_too_long_shows_that_it_goes_on(driver: Chrome, base: str) -> None:
    browser.resize(driver, 390, 844)
    driver.get(f"{base}/applications/orders")
    fade = "const row = document.querySelector('.tabs'); row.scrollLeft = arguments[0];"
    fade += " await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);"
    fade += " const style = getComputedStyle(row);"
    fade += " return ['--fade-left', '--fade-right'].map((name) => style.getPropertyValue(name))"
    script = f"const done = arguments[1]; (async () => {{ {fade} }})().then(done)"
    left, right = driver.execute_async_script(script, 0)
    assert (left == "0px", right == "0px") == (True, False)
    left, right = driver.execute_async_script(script, 10_000)
    assert (left == "0px", right == "0px") == (False, True)
