"""An application with every server that the platform has for it: used from inside a replica, killed, taken down."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from live_platform import LivePlatform, StartPlatform, kill, wait_for
from wild_projects import PROJECTS, Project

pytestmark = pytest.mark.slow

SERVERS = ("Valkey", "NATS", "object store")


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    started = start_platform(ROADBED_RUNTIMES__DEADLINE_S="30")
    environments = started.home / "platform" / "environments.yaml"
    text = environments.read_text().replace(
        "kind: development\n", "kind: development\n    variables: {LOG_LEVEL: debug}\n"
    )
    environments.write_text(text)
    return started


def running(platform: LivePlatform) -> dict[str, int]:
    return {one["name"]: one["pid"] for one in platform.json("status")["components"] if one["name"] in SERVERS}


def test_every_server_is_used_from_inside_comes_back_and_goes(platform: LivePlatform) -> None:
    assert running(platform) == {}
    project = Project(platform, "every-server")
    project.deploy()
    told = {
        "queue": "PONG",
        "store": "kept",
        "level": "debug",
        "port": "HTTP/1.0 200 OK",
        "url": "back",
        "name": "back",
    }
    assert project.get("all").json == {"path": "/all", "cache": ":1", **told}
    assert project.get("api/all").json == {"path": "/api/all", "cache": ":2", **told}
    first = running(platform)
    assert set(first) == set(SERVERS)
    platform.kill_server()
    platform.roadbed("up", "--detach")
    assert running(platform) == first, "they outlive the server"
    for pid in first.values():
        kill(pid)
    wait_for(lambda: set(running(platform).values()).isdisjoint({*first.values(), None}), "their return")
    wait_for(lambda: project.get("all").status == 200, "an answer")
    platform.roadbed("destroy", "every-server", "--yes")
    assert running(platform) == {}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("path: /api", "path: /", ["score.yaml:35", "two routes are for the same host and the path /"]),
        (
            "cache: {type: redis}",
            "cache: {type: amqp}",
            ["no provisioner offers 'amqp' in dev", "docs/guides/write-a-provisioner.md"],
        ),
    ],
)
def test_what_is_refused_before_anything_changes(
    platform: LivePlatform, tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    folder = shutil.copytree(PROJECTS / "every-server", tmp_path / "copy")
    (folder / "score.yaml").write_text((folder / "score.yaml").read_text().replace(old, new))
    done = platform.roadbed("deploy", folder, "--yes", ok=False)
    assert done.code == 2
    assert [one for one in said if one not in done.stderr] == []
