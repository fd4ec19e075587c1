"""What is lost when something is killed with -9 under load."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import psutil

from bench.figures import Figure
from bench.main_job.applications import Orders
from bench.main_job.applying_load import load_on
from bench.platform import ENVIRONMENT, Platform, answers, listener, port_of, wait_for

REPLICA_LOST_GETS = Figure("GETs lost, a replica killed", None, "", 0)
REPLICA_BACK = Figure("until a killed replica serves again, beyond its own start", None, "s", 2)
DAEMON_LOST = Figure("requests lost, the daemon killed and restarted", None, "", 0)
DEPLOY_LOST = Figure("requests lost, the daemon killed in mid-deploy", None, "", 0)
DEPLOY_UNFINISHED = Figure("deploys that did not end by themselves after that", None, "", 0)
DEPLOY_INCONSISTENT = Figure("releases too many or too few after that", None, "", 0)


def killed_replica(platform: Platform, orders: Orders) -> Iterator[Figure]:
    """One of two replicas dies; its own start is that of the one that takes its place, in the same crash."""
    before = wait_for(lambda: _if_length(orders.ready(), 2), "two replicas")
    known = {listener(replica["endpoint"]).pid for replica in before}
    with load_on(orders.url) as load:
        victim = listener(before[0]["endpoint"])
        killed = time.time()
        victim.kill()
        started, own = wait_for(lambda: _new_replica(platform, orders, known), "its successor")
        wait_for(lambda: _serves(orders, started), "its readiness")
        total = time.time() - killed
    print(f"  served again after {total:.2f} s, its own start took {own:.2f} s", file=sys.stderr)
    yield REPLICA_LOST_GETS.measured(load.lost("GET"))
    yield REPLICA_BACK.measured(total - own)


def _new_replica(platform: Platform, orders: Orders, known: set[int]) -> tuple[psutil.Process, float] | None:
    """The replica that was started since, and the seconds that it took to be ready, asked directly."""
    for replica in platform.replicas(orders.name):
        if not replica.get("endpoint"):
            continue
        try:
            process = listener(replica["endpoint"])
        except LookupError:
            continue
        if process.pid not in known:
            wait_for(partial(answers, f"http://127.0.0.1:{port_of(replica['endpoint'])}/readyz"), "its first answer")
            return process, time.time() - process.create_time()
    return None


def _serves(orders: Orders, process: psutil.Process) -> bool:
    """Whether the platform calls that replica ready: the gateway sends it requests."""
    try:
        return process.pid in {listener(replica["endpoint"]).pid for replica in orders.ready()}
    except LookupError:
        return False


def killed_daemon(platform: Platform, orders: Orders) -> Iterator[Figure]:
    """The daemon dies, is away for two seconds, and comes back."""
    with load_on(orders.url) as load:
        platform.kill_server()
        time.sleep(2)
        platform.up()
        wait_for(lambda: _if_length(orders.ready(), 2), "two replicas")
    yield DAEMON_LOST.measured(load.lost())


def killed_in_mid_deploy(platform: Platform, orders: Orders) -> Iterator[Figure]:
    """The daemon dies while it applies a plan; started again, it is to end the deploy without being asked."""
    with load_on(orders.url) as load:
        operation = orders.deploy("--detach")["operation"]
        wait_for(lambda: _applies(platform, operation), "the apply step")
        platform.kill_server()
        platform.up()
        ended = wait_for(lambda: _ended(platform, operation), "the end of the deploy")
        wait_for(lambda: _if_length(orders.ready(), 2), "two replicas")
    yield DEPLOY_LOST.measured(load.lost())
    yield DEPLOY_UNFINISHED.measured(0 if ended["state"] == "succeeded" else 1)
    yield DEPLOY_INCONSISTENT.measured(_inconsistencies(platform, orders))


def _applies(platform: Platform, operation: str) -> bool:
    found = platform.api(f"/operations/{operation}")
    if found["state"] in ("succeeded", "failed", "cancelled"):
        raise RuntimeError(f"the deploy ended before it could be interrupted: {found['state']} {found['error']}")
    return any(step["name"] == "apply" and step["state"] == "running" for step in found["steps"])


def _ended(platform: Platform, operation: str) -> dict[str, Any] | None:
    found: dict[str, Any] = platform.api(f"/operations/{operation}")
    return found if found["state"] in ("succeeded", "failed", "cancelled") else None


def _inconsistencies(platform: Platform, orders: Orders) -> int:
    """How far this is from one active release, none half-made, and two replicas that are all of it."""
    releases = platform.api(f"/applications/{orders.name}/releases?environment={ENVIRONMENT}")["items"]
    active = [release["release"] for release in releases if release["status"] == "active"]
    half_made = [release for release in releases if release["status"] == "deploying"]
    serving = {replica["release"] for replica in platform.replicas(orders.name)}
    return abs(len(active) - 1) + len(half_made) + len(serving - set(active))


def _if_length(items: list[dict[str, Any]], length: int) -> list[dict[str, Any]] | None:
    return items if len(items) == length else None
