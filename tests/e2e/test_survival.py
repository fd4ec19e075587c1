"""What is killed with -9, and that nobody who calls a service, or waits for a deploy, can tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from bench.main_job.applying_load import load_on

from live_platform import OWNER, LivePlatform, StartPlatform, call, kill, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    """One of this module's own, since it is killed."""
    return start_platform()


@pytest.fixture(scope="module")
def url(platform: LivePlatform) -> str:
    found: str = platform.json("new", "python-api", "orders", "--owner", OWNER)["url"]
    assert call(f"{found}items", "POST", {"name": "kept"}).status == 201
    return found


@pytest.fixture(autouse=True)
def whole(platform: LivePlatform, url: str) -> Iterator[None]:
    """Begins with all of it running, and two replicas; whatever was broken, no traceback is left in the log."""
    platform.roadbed("up", "--detach")
    wait_for(lambda: _answers(url) and _settled(platform), "two replicas, and none that is ending")
    yield
    assert "Traceback" not in platform.log


def _ready(platform: LivePlatform) -> list[Any]:
    return [one for one in platform.items("ps", "orders") if one["state"] == "ready"]


def _settled(platform: LivePlatform) -> bool:
    return [one["state"] for one in platform.replicas("orders")] == ["ready", "ready"]


def _answers(url: str) -> bool:
    try:
        return call(url, timeout=5).status == 200
    except OSError:
        return False


def _names(url: str) -> set[str]:
    found: set[str] = set()
    after: int | None = 0
    while after is not None:
        page = call(f"{url}items?limit=100&after={after}").json
        found |= {item["name"] for item in page["items"]}
        after = page["next"]
    return found


def _change(platform: LivePlatform) -> None:
    with (platform.folder / "orders" / "app" / "main.py").open("a") as file:
        file.write("\n# changed\n")


def test_the_daemon_killed_under_load(platform: LivePlatform, url: str) -> None:
    before = platform.pids("orders")
    with load_on(url) as load:
        platform.kill_server()
        assert _answers(url)
        call(f"{url}while-it-was-away")
        platform.roadbed("up", "--detach")
        wait_for(lambda: len(_ready(platform)) == 2, "two replicas")
    assert load.lost() == 0, load.describe()
    assert platform.pids("orders") == before
    lines = [line["text"] for line in platform.items("logs", "orders", "-n", "10000")]
    assert any("/while-it-was-away" in line for line in lines)


def test_the_exit_code_of_a_replica_that_ends_while_the_daemon_is_away(platform: LivePlatform, url: str) -> None:
    before = {one["name"]: one["restarts"] for one in platform.replicas("orders")}
    victim = sorted(platform.pids("orders"))[0]
    platform.kill_server()
    kill(victim)
    assert _answers(url)
    platform.roadbed("up", "--detach")

    def successor() -> bool:
        after = {one["name"]: one["restarts"] for one in _ready(platform)}
        return after.keys() == before.keys() and sum(after.values()) == sum(before.values()) + 1

    wait_for(successor, "the replica in its place")
    said = [line["text"] for line in platform.items("logs", "orders", "-n", "2000") if line["stream"] == "system"]
    assert any("137" in line or "SIGKILL" in line or "signal 9" in line for line in said), said[-5:]


def test_the_daemon_killed_in_mid_deploy(platform: LivePlatform, url: str) -> None:
    _change(platform)
    with load_on(url) as load:
        operation = platform.json("deploy", "orders", "--detach")["operation"]
        wait_for(lambda: _running_step(platform, operation) == "apply", "the apply step")
        platform.kill_server()
        platform.roadbed("up", "--detach")
        ended = wait_for(lambda: _ended(platform, operation), "the deploy's end")
    assert ended["state"] == "succeeded", ended["error"]
    assert load.lost() == 0, load.describe()
    releases = platform.items("releases", "orders")
    assert [one["status"] for one in releases].count("active") == 1
    assert "deploying" not in {one["status"] for one in releases}
    assert releases[0]["release"] == ended["result"]["release"]
    wait_for(lambda: {one["release"] for one in platform.replicas("orders")} == {releases[0]["release"]}, "one release")
    assert "kept" in _names(url)


@pytest.mark.parametrize("step", ["plan", "build", "release"])
def test_the_daemon_killed_in_an_earlier_step(platform: LivePlatform, url: str, step: str) -> None:
    _change(platform)
    before = platform.items("releases", "orders")[0]["number"]
    operation = platform.json("deploy", "orders", "--detach")["operation"]
    order = ["read", "plan", "check", "build", "release", "apply", "finish"]
    wait_for(lambda: order.index(_running_step(platform, operation) or "read") >= order.index(step), step)
    platform.kill_server()
    platform.roadbed("up", "--detach")
    ended = wait_for(lambda: _ended(platform, operation), "the deploy's end")
    assert ended["state"] == "succeeded", ended["error"]
    newest = platform.items("releases", "orders")[0]
    assert (newest["number"], newest["status"]) == (before + 1, "active")


def test_the_daemon_killed_in_mid_rotation(platform: LivePlatform, url: str) -> None:
    """Both logins let in until all replicas have the new one, whenever the platform is away."""
    before = _login(platform)
    with load_on(url) as load:
        operation = platform.json("resource", "rotate", "db", "-a", "orders", "--detach")["operation"]
        wait_for(lambda: _running_step(platform, operation) == "apply", "the rollout of the new credentials")
        platform.kill_server()
        platform.roadbed("up", "--detach")
        ended = wait_for(lambda: _ended(platform, operation), "the rotation's end")
    assert ended["state"] == "succeeded", ended["error"]
    assert load.lost() == 0, load.describe()
    assert _login(platform).keys() == before.keys()
    assert _lets_in(_login(platform))
    assert not _lets_in(before)
    assert "kept" in _names(url)


def _login(platform: LivePlatform) -> dict[str, Any]:
    asked = platform.api("POST", "/applications/orders/resources/db/connection", {"environment": "dev"})
    outputs: dict[str, Any] = asked.json["outputs"]
    return outputs


def _lets_in(login: dict[str, Any]) -> bool:
    given = {name: login[name] for name in ("host", "port", "password")}
    try:
        psycopg.connect(**given, user=login["username"], dbname=login["name"]).close()
    except psycopg.OperationalError:
        return False
    return True


def test_everything_killed_at_once(platform: LivePlatform, url: str) -> None:
    call(f"{url}items", "POST", {"name": "before the end"})
    platform.kill_everything()
    assert not _answers(url)
    platform.roadbed("up", "--detach")
    wait_for(lambda: _answers(url), "the service at the same address")
    wait_for(lambda: len(_ready(platform)) == 2, "both replicas")
    assert {"kept", "before the end"} <= _names(url)
    _change(platform)
    assert platform.json("deploy", "orders")["status"] == "succeeded"


@pytest.mark.parametrize("server", ["platform database", "applications' database", "gateway"])
def test_a_part_killed_comes_back_by_itself(platform: LivePlatform, url: str, server: str) -> None:
    victim = platform.component(server)
    kill(victim)
    if server == "platform database":
        away = platform.roadbed("apps", ok=False)
        assert (away.code, away.stdout) in ((0, away.stdout), (5, ""))
        assert "Traceback" not in away.stderr
        assert _answers(url), "applications need no platform"
    wait_for(lambda: platform.roadbed("apps", ok=False).code == 0, "the platform")
    wait_for(lambda: _answers(f"{url}items"), "the service and its data")
    assert "kept" in _names(url)
    assert platform.component(server) != victim


def test_an_up_on_what_is_up_changes_nothing(platform: LivePlatform, url: str) -> None:
    server, before = platform.server, platform.pids("orders")
    told = platform.json("up", "--detach")
    assert told["already_running"]
    assert (platform.server, platform.pids("orders")) == (server, before)


def test_down_and_up_bring_back_the_same(platform: LivePlatform, url: str) -> None:
    platform.roadbed("down")
    assert not _answers(url)
    platform.roadbed("up", "--detach")
    wait_for(lambda: _answers(url), "the service at the same address")
    assert "kept" in _names(url)


def _operation(platform: LivePlatform, operation: str) -> Any:
    return platform.api("GET", f"/operations/{operation}").json


def _running_step(platform: LivePlatform, operation: str) -> str | None:
    found = _operation(platform, operation)
    assert found["state"] in ("queued", "running"), f"it ended before it could be interrupted: {json.dumps(found)}"
    return next((step["name"] for step in found["steps"] if step["state"] == "running"), None)


def _ended(platform: LivePlatform, operation: str) -> Any:
    found = _operation(platform, operation)
    return found if found["state"] in ("succeeded", "failed", "cancelled") else None
