"""Replicas of several containers under one real shim."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artifacts import make_artifact
from roadbed.kit.ids import new_id
from roadbed.runtimes import spec
from roadbed.runtimes.domain import ContainerView
from roadbed.runtimes.driver import Instance, Status
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.errors import RolloutFailed
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.workloads import Awaited, Container, File, Probe, Workload
from runtime_site import Site
from waiting import until

SETTINGS = RuntimeSettings(grace_s=2)


@pytest.fixture
async def driver(home: Path) -> AsyncIterator[ProcessDriver]:
    driver = ProcessDriver(home, SETTINGS)
    yield driver
    for id_ in driver.known():
        if (status := driver.inspect(id_)) and status.running:
            os.kill((driver._state(id_) or {})["pid"], signal.SIGKILL)
            await driver.wait(id_)


def sh(script: str, waits: Mapping[str, Awaited] | None = None, **more: Any) -> Container:
    return Container(command=("sh", "-c", script), waits=waits or {}, **more)


async def start(driver: ProcessDriver, home: Path, **containers: Container) -> tuple[str, Workload]:
    workload = Workload(make_artifact(home, {}), containers, secrets=("hunter22",))
    instance = Instance(new_id("rep"), 1, "orders@dev")
    await driver.start(instance, workload)
    return instance.id, workload


def lines(driver: ProcessDriver, id_: str) -> list[str]:
    """`stdout@web hello`, without times."""
    text = "".join(path.read_text() for path in driver.log_files(id_) if path.exists())
    return [" ".join([line.split(" ", 3)[1], line.split(" ", 3)[3]]) for line in text.splitlines()]


def parts(driver: ProcessDriver, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = (driver._state(id_) or {})["containers"]
    return found


STAYS = "trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done"


async def test_each_begins_when_those_before_it_are_so_far(driver: ProcessDriver, home: Path) -> None:
    id_, _ = await start(
        driver,
        home,
        web=sh(STAYS, {"migrate": "complete", "cache": "healthy", "log": "started"}),
        migrate=sh("sleep 0.2; echo done"),
        cache=sh(STAYS, {"migrate": "complete"}, readiness=Probe(exec=("true",))),
        log=sh(STAYS),
    )
    await until(lambda: "stdout@cache up" in lines(driver, id_))
    assert lines(driver, id_).index("stdout@migrate done") < lines(driver, id_).index("stdout@cache up")
    status = driver.inspect(id_)
    assert status is not None
    assert (status.running, status.down) == (True, frozenset({"web"}))
    assert {(one.name, one.state, one.reason) for one in status.containers} == {
        ("web", "waiting", None),
        ("migrate", "ended", None),
        ("cache", "running", None),
        ("log", "running", None),
    }
    driver.healthy(id_, "cache")
    await until(lambda: "stdout@web up" in lines(driver, id_))
    assert (driver.inspect(id_) or status).down == frozenset()
    await driver.stop(id_)
    ended = await driver.wait(id_)
    assert (ended.code, ended.reason) == (0, "stopped")
    assert lines(driver, id_).count("system@log stopping: sent SIGTERM") == 1


async def test_one_that_must_be_complete_and_fails_ends_the_replica_before_the_others_begin(
    driver: ProcessDriver, home: Path
) -> None:
    id_, _ = await start(
        driver,
        home,
        web=sh("echo never", {"migrate": "complete"}),
        migrate=sh("echo no table; exit 3"),
        log=sh(STAYS),
    )
    ended = await driver.wait(id_)
    assert (ended.code, ended.reason) == (3, "container migrate: exit code 3")
    assert "stdout@web never" not in lines(driver, id_)
    assert "system@log migrate has ended: sent SIGTERM" in lines(driver, id_)


async def test_before_the_replica_was_ready_the_end_of_one_is_the_end_of_all(driver: ProcessDriver, home: Path) -> None:
    id_, _ = await start(driver, home, web=sh(STAYS), worker=sh("exit 4"))
    ended = await driver.wait(id_)
    assert (ended.code, ended.reason) == (4, "container worker: exit code 4")


async def test_once_it_was_ready_one_is_started_again_alone(driver: ProcessDriver, home: Path) -> None:
    id_, workload = await start(driver, home, web=sh(STAYS), worker=sh(STAYS))
    await until(lambda: lines(driver, id_).count("stdout@worker up") == 1)
    driver.settled(id_)
    before = parts(driver, id_)
    # What kills the container's command may be ended with it.
    await driver.execute(id_, workload, "worker", ["sh", "-c", "kill -9 2"], timeout_s=20)
    await until(lambda: lines(driver, id_).count("stdout@worker up") == 2)
    await until(lambda: parts(driver, id_)["worker"]["restarts"] == 1)
    shown = (driver.inspect(id_) or Status(1, datetime.now(UTC))).containers
    assert shown == (
        ContainerView("web", "running", 0, None),
        ContainerView("worker", "running", 1, "exit code 137"),
    )
    assert parts(driver, id_)["web"] == before["web"]
    assert "system@worker starting it again in 0.25 s" in lines(driver, id_)
    driver.restart(id_, "worker")  # its liveness probe failed
    await until(lambda: lines(driver, id_).count("stdout@worker up") == 3)
    assert "system@worker its liveness probe failed: sent SIGTERM" in lines(driver, id_)
    assert parts(driver, id_)["web"] == before["web"]


async def test_each_has_its_own_files_and_memory_and_masks_the_secrets_of_all(
    driver: ProcessDriver, home: Path
) -> None:
    hold = "import time; hold = bytearray(200 * 1024 * 1024); time.sleep(600)"
    id_, _ = await start(
        driver,
        home,
        web=sh("cat /etc/own; echo; while :; do sleep 0.05; done", files={"/etc/own": File(b"hunter22", 0o400)}),
        worker=sh(f"cat /etc/own; python3 -c '{hold}'", memory_mb=64),
    )
    ended = await driver.wait(id_)
    assert (ended.code, ended.reason) == (137, "container worker: out of memory")
    assert "stdout@web ••••••" in lines(driver, id_)
    assert "stderr@worker cat: /etc/own: No such file or directory" in lines(driver, id_)
    folder = home / "replicas" / id_
    assert not [path for path in folder.rglob("*") if path.is_file() and b"hunter22" in path.read_bytes()]


async def test_a_killed_shim_takes_all_of_them_along_and_a_later_daemon_finds_them(
    driver: ProcessDriver, home: Path
) -> None:
    id_, _ = await start(driver, home, web=sh(STAYS), worker=sh(STAYS))
    await until(lambda: {"stdout@web up", "stdout@worker up"} <= set(lines(driver, id_)))
    later = ProcessDriver(home, SETTINGS)
    pids = [part["pid"] for part in parts(later, id_).values()]
    usage = later.usage(id_)
    assert usage is not None
    assert usage.memory > 2_000_000
    os.kill((later._state(id_) or {})["pid"], signal.SIGKILL)
    assert (await later.wait(id_)).reason == "its shim was killed"
    await until(lambda: not [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()])


async def test_a_service_of_several_waits_for_health_and_restarts_the_one_that_is_not_alive(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadbed.runtimes.watch.EVERY_S", 0.05)
    cache = {
        "command": ["sh", "-c", "touch /tmp/up; echo began; sleep 600"],
        "readiness": {"exec": {"command": ["test", "-e", "/tmp/up"]}},
        "liveness": {"exec": {"command": ["test", "-e", "/tmp/up"]}},
    }
    desired = site.desired(replicas=1, container="web", after={"cache": "healthy"}, containers={"cache": cache})
    await site.apply(desired)
    assert await site.answers() == ["1"]
    (id_,) = site.driver.known()
    web = parts(site.driver, id_)["web"]
    workload = spec.workload_of(desired.properties, desired.secret_paths)
    assert await site.driver.execute(id_, workload, "cache", ["rm", "/tmp/up"], timeout_s=20) == 0
    await until(lambda: parts(site.driver, id_)["cache"]["restarts"] == 1)
    await until(lambda: lines(site.driver, id_).count("stdout@cache began") == 2)
    assert parts(site.driver, id_)["web"] == web
    (replica,) = await site.replicas()
    assert replica.restarts == 0


async def test_one_that_must_come_first_and_fails_fails_the_rollout_with_its_words(site: Site) -> None:
    migrate = {"command": ["sh", "-c", "echo no such table; exit 3"]}
    desired = site.desired(replicas=1, container="web", after={"migrate": "complete"}, containers={"migrate": migrate})
    with pytest.raises(RolloutFailed, match=r"(?s)container migrate: exit code 3.*no such table"):
        await site.apply(desired)
