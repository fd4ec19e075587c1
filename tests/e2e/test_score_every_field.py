"""A Score file with every field: what each gives is read from inside a replica, over three releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from live_platform import LivePlatform, StartPlatform, wait_for
from roadbed.sandbox import detect
from wild_projects import Project

pytestmark = pytest.mark.slow

ONCE = ["migrate", "cache and shipper", "web"]
"""The order in which the containers begin. One that is awaited as started only may have its first word later."""


@dataclass
class Seen:
    """What the replica reported of itself: at first, after its web container ran out of memory, after an update and
    after going back. `volumes` are the folders that are left when the application is destroyed, before and after.
    """

    first: dict[str, Any]
    admin: dict[str, Any]
    deploy_log: str
    log: list[str]
    eaten: dict[str, Any]
    restarts_of_the_replica: int
    updated: dict[str, Any]
    gone_back: dict[str, Any]
    volumes: list[int]
    cpu_limits: str
    found_on_disk: list[str]
    """Files of the home that hold the secret, but for the volume where the program may keep what it likes."""


@pytest.fixture(scope="module")
def seen(start_platform: StartPlatform) -> Seen:
    platform = start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")
    project = Project(platform, "every-field")
    _deploy(project)
    deploy_log = project.log_of_deploy()
    first, admin = project.get().json, project.get("admin/x").json
    lines = [f"{line['replica'].partition('/')[2]} {line['text']}" for line in _log(platform)]
    eaten = _eat(project)
    restarts = max(one["restarts"] for one in platform.replicas("every"))
    project.change("web.py", 'VERSION = "1"', 'VERSION = "2"')
    _deploy(project)
    updated = project.get().json
    platform.roadbed("rollback", "every", "v1")
    gone_back = project.get().json
    found = _files_that_hold(platform, first["key"])
    volumes = [_volumes(platform)]
    platform.roadbed("destroy", "every@dev", "--yes")
    volumes.append(_volumes(platform))
    checks = {check["check"]: check["detail"] for check in platform.items("doctor")}
    return Seen(
        first, admin, deploy_log, lines, eaten, restarts, updated, gone_back, volumes, checks["cpu limits"], found
    )


def _deploy(project: Project) -> None:
    """It has two routes: the URL that is told is one of them."""
    project.deploy()
    project.url = project.url.removesuffix("admin").rstrip("/") + "/"


def _log(platform: LivePlatform) -> list[Any]:
    return [line for line in platform.json("logs", "every")["items"] if line["stream"] != "system"]


def _files_that_hold(platform: LivePlatform, secret: str) -> list[str]:
    files = (path for path in platform.home.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path) for path in files if secret.encode() in path.read_bytes()]


def _volumes(platform: LivePlatform) -> int:
    return len(list(platform.home.glob("volumes/*/*")))


def _eat(project: Project) -> dict[str, Any]:
    """Has the web container use more memory than it may, and waits until it serves again."""
    project.get("eat")
    ran = wait_for(lambda: _again(project), "the web container's second start")
    assert isinstance(ran, dict)
    return ran


def _again(project: Project) -> dict[str, Any] | None:
    answer = project.get()
    return answer.json if answer.status == 200 and answer.json["order"].count("web") > 1 else None


def begun(report: dict[str, Any]) -> list[str]:
    text = " ".join(report["order"])
    for pair in ("cache shipper", "shipper cache"):
        text = text.replace(pair, "cache+and+shipper")
    return [name.replace("+", " ") for name in text.split()]


FILES: dict[str, tuple[str, bytes]] = {
    "/etc/every/expanded.txt": ("644", b"name=every price=$5 home=$HOME"),
    "/etc/every/raw.txt": ("644", b"${metadata.name} $$"),
    "/etc/every/bytes.bin": ("400", b"\x00\x01\x02\xff"),
    "/opt/one/app.conf": ("644", b"one of every\n"),
    "/opt/two/app.conf": ("600", b"two of every\n"),
    "/srv/logo.bin": ("644", b"\x89PNG\xff\x00${metadata.name}"),
    "/opt/every/bin/tool.sh": ("755", b"#!/bin/sh\necho ran"),
    "/app/deep/within/config.txt": ("644", b"below the source tree"),
}
VARIABLES = {
    "GREETING": "hello from every",
    "TEAM": "payments",
    "PRICE": "$5 for $X",
    "HOST_NAME": "every.dev.localhost",
    "HOST": "127.0.0.1",
}


@pytest.mark.parametrize("path", FILES)
def test_a_file(seen: Seen, path: str) -> None:
    mode, content = FILES[path]
    assert seen.first["files"][path] == {"mode": mode, "mine": True, "content": content.decode("latin-1")}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable(seen: Seen, name: str) -> None:
    assert seen.first["environment"][name] == VARIABLES[name]


def test_arguments_are_not_expanded(seen: Seen) -> None:
    assert seen.first["arguments"] == ["$GREETING", "$${metadata.name}"]
    assert seen.first["tool"] == "ran\n"


def test_every_port_has_a_variable_and_is_routed_by_its_name_or_number(seen: Seen) -> None:
    found = {name: value for name, value in seen.first["environment"].items() if name.startswith("PORT")}
    assert found.keys() == {"PORT", "PORT_WEB", "PORT_ADMIN", "PORT_STATS"}
    assert found["PORT"] == found["PORT_WEB"]
    assert len(set(found.values())) == 3
    assert seen.admin == {"admin": "/admin/x"}
    assert "port stats is UDP, which the gateway does not route" in seen.deploy_log


def test_probes_ask_as_they_are_told(seen: Seen) -> None:
    assert seen.first["probes"] == {"host": "probe.example", "x-probe": "yes"}


def test_containers_begin_in_their_order_and_have_files_of_their_own(seen: Seen) -> None:
    assert begun(seen.first) == ONCE
    assert seen.first["conf_of_cache"] == "the cache's own"


def test_lines_of_the_log_tell_the_container(seen: Seen) -> None:
    assert {
        "migrate migrate began",
        "shipper shipper began",
        "cache cache began",
        "web serving with the key ••••••",
    } <= set(seen.log)


def test_a_secret_in_a_file_is_in_no_state_and_no_log(seen: Seen) -> None:
    assert len(seen.first["key"]) == 50
    assert seen.first["key"] == seen.gone_back["key"]
    assert seen.found_on_disk == []


def test_volumes_are_shared_nested_and_read_only(seen: Seen) -> None:
    assert seen.first["below"] == ["kept"]
    assert seen.first["read_only"] == "Read-only file system"
    assert seen.first["source_tree"] == (None if detect.host().layers else "Read-only file system")
    assert seen.first["order_by_the_read_only_way"]


def test_a_container_that_uses_too_much_memory_is_started_again_alone(seen: Seen) -> None:
    assert begun(seen.eaten) == [*ONCE, "web"]
    assert seen.restarts_of_the_replica == 0


def test_volumes_are_kept_over_releases_and_go_with_the_application(seen: Seen) -> None:
    assert (seen.updated["version"], seen.gone_back["version"]) == ("2", "1")
    assert begun(seen.updated) == [*ONCE, "web", *ONCE]
    assert begun(seen.gone_back) == [*ONCE, "web", *ONCE, *ONCE]
    assert seen.volumes == [1, 0]


def test_a_processor_limit_holds_where_it_can(seen: Seen) -> None:
    if "enforced by the kernel" in seen.cpu_limits:
        assert seen.first["processor"] < 0.4
    else:
        assert "cpu limit is not enforced here" in seen.deploy_log
