"""What was seen of a replica, and what that makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from roadbed.runtimes.domain import Endpoint, Health, Replica, Service, State, health, shown, worst
from roadbed.runtimes.driver import Status
from roadbed.runtimes.observe import Observation, observe
from roadbed.runtimes.views import replica_view, service_view

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REPLICA = Replica("rep_1", "orders@dev/web", 1, 1, "starting", 1, NOW, NOW, failures=2)
ENDED = Status(1, NOW, code=1, ended_at=NOW + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("state", "seen", "expected"),
    [
        ("starting", Observation(), "starting"),
        ("starting", Observation(ready=True), "ready"),
        ("starting", Observation(ready=False), "starting"),
        ("ready", Observation(ready=True), "ready"),
        ("ready", Observation(ready=False), "unready"),
        ("unready", Observation(ready=True), "ready"),
        ("ready", Observation(ready=True, alive=False), "failing"),
        ("failing", Observation(ready=True, alive=True), "failing"),
        ("stopping", Observation(ready=True), "stopping"),
        ("stopping", Observation(ended=ENDED), "stopped"),
        ("ready", Observation(ended=ENDED), "crashed"),
        ("failing", Observation(ended=ENDED), "crashed"),
    ],
)
def test_states(state: State, seen: Observation, expected: State) -> None:
    before = replace(REPLICA, state=state)
    after = observe(before, seen, NOW)
    assert after.state == expected
    assert (after is before) == (state == expected)


def test_failures_count_in_a_row_until_it_was_stable() -> None:
    assert observe(REPLICA, Observation(ended=ENDED), NOW).failures == 3
    ready = replace(REPLICA, state="ready", since=NOW - timedelta(minutes=5))
    assert observe(ready, Observation(ended=ENDED), NOW).failures == 1


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [(1, None, "exit code 1"), (137, None, "killed by SIGKILL"), (137, "out of memory", "out of memory")],
)
def test_reasons(code: int, reason: str | None, expected: str) -> None:
    ended = replace(ENDED, code=code, reason=reason)
    assert observe(REPLICA, Observation(ended=ended), NOW).reason == expected


def test_a_failed_liveness_probe_stays_the_reason() -> None:
    failing = observe(replace(REPLICA, state="ready"), Observation(ready=True, alive=False), NOW)
    ended = replace(ENDED, reason="stopped")
    assert observe(failing, Observation(ended=ended), NOW).reason == "its liveness probe failed"


@pytest.mark.parametrize(
    ("active", "ready", "rolling", "expected"),
    [
        (None, 0, True, "deploying"),
        (None, 0, False, "down"),
        (1, 2, False, "healthy"),
        (1, 2, True, "deploying"),
        (1, 1, False, "degraded"),
        (1, 0, False, "down"),
    ],
)
def test_health_of_a_service(active: int | None, ready: int, rolling: bool, expected: Health) -> None:
    service = Service("orders@dev/web", None, 2, active, 2, 2, 1, frozenset(), False, True)
    calm = replace(REPLICA, failures=0)
    replicas = [replace(calm, id=f"rep_{n}", state="ready" if n < ready else "crashed") for n in range(2)]
    assert health(service, replicas, NOW, rolling=rolling) == expected


@pytest.mark.parametrize(
    ("failures", "seconds", "expected", "reason"),
    [
        (0, 1, "healthy", None),
        (1, 1, "healthy", "exit code 1"),
        (3, 1, "degraded", "exit code 1, 3 times in a row"),
        (3, 60, "healthy", None),
    ],
)
def test_what_ends_again_and_again_is_not_well_in_between(
    failures: int, seconds: int, expected: Health, reason: str | None
) -> None:
    service = Service("orders@dev/web", None, 1, 1, 1, 1, 1, frozenset(), False, False)
    crashed = replace(REPLICA, failures=failures, reason="exit code 1" if failures else None)
    ready = observe(crashed, Observation(ready=True), NOW)
    now = NOW + timedelta(seconds=seconds)
    assert (ready.state, health(service, [ready], now, rolling=False)) == ("ready", expected)
    assert replica_view(ready, None, None, now).reason == reason
    assert service_view(service, [ready], frozenset(), now).reason == reason


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], "unknown"),
        (["healthy", "healthy"], "healthy"),
        (["healthy", "down"], "degraded"),
        (["down", "down"], "down"),
        (["deploying", "healthy"], "deploying"),
        (["deploying", "degraded"], "degraded"),
    ],
)
def test_health_of_a_whole(parts: list[Health], expected: Health) -> None:
    assert worst(parts) == expected


def test_people_see_fewer_states() -> None:
    assert [shown(state) for state in ("failing", "stopping", "ready")] == ["unready", "draining", "ready"]


def test_one_that_listens_elsewhere_is_known_there() -> None:
    there = Endpoint("127.0.0.1", 8080)
    before = replace(REPLICA, endpoint=Endpoint("127.0.0.1", 20_001), own_ports=(8080,))
    ready = observe(before, Observation(ready=True, elsewhere=there, own_ports=(8080, 9191)), NOW)
    assert (ready.endpoint, ready.own_ports) == (there, (8080, 9191))
    unready = replace(ready, state="unready")
    assert observe(unready, Observation(ready=True), NOW) == replace(unready, state="ready", since=NOW, reason=None)
    assert observe(before, Observation(ready=True, own_ports=()), NOW).own_ports == ()


def test_ports_of_its_own_choice_may_be_seen_once_it_is_ready() -> None:
    ready = replace(REPLICA, state="ready", own_ports=(8080,))
    assert observe(ready, Observation(ready=True, own_ports=(8080, 9191)), NOW) == replace(
        ready, own_ports=(8080, 9191)
    )
    assert observe(ready, Observation(ready=True), NOW) is ready
