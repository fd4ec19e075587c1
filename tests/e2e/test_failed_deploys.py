"""A deploy that fails or is cancelled leaves the release before whole, however many workloads there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from live_platform import LivePlatform, call, wait_for
from small_service import MAIN

pytestmark = pytest.mark.slow

APPLICATION = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: NAME, owner: group:default/payments}
workloads: {web: {score: web.yaml}, work: {score: work.yaml}}
"""
WEB = """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers: {main: {image: ., command: [python, web.py]}}
service: {ports: {http: {port: 80, targetPort: 8080}}}
resources:
  dns: {type: dns}
  route: {type: route, params: {host: "${resources.dns.host}", path: /, port: http}}
"""
WORK = """\
apiVersion: score.dev/v1b1
metadata: {name: work}
containers: {main: {image: ., command: [python, work.py]}}
"""
RUNS, ENDS = "import time; time.sleep(9999)\n", "import sys; sys.exit(9)\n"


def write(folder: Path, name: str, version: str, work: str, *, slow: bool = False) -> None:
    folder.mkdir(exist_ok=True)
    files = {
        "roadbed.yaml": APPLICATION.replace("NAME", name),
        "web.yaml": WEB,
        "work.yaml": WORK,
        "requirements.txt": "",
        "web.py": ("import time; time.sleep(3)\n" if slow else "") + MAIN.replace("{version}", version),
        "work.py": work,
    }
    for file, text in files.items():
        (folder / file).write_text(text)


def answer(platform: LivePlatform, name: str) -> str:
    return call(platform.json("status", name)["url"]).body.decode()


def statuses(platform: LivePlatform, name: str) -> list[tuple[str, str]]:
    return [(item["release"], item["status"]) for item in platform.items("releases", name)]


def test_one_workload_that_fails_takes_the_others_back(platform: LivePlatform) -> None:
    folder = platform.folder / "duo"
    write(folder, "duo", "1", RUNS)
    platform.roadbed("deploy", folder)
    write(folder, "duo", "2", ENDS)
    failed = platform.roadbed("deploy", folder, ok=False)
    assert failed.code == 1
    assert "exit code 9" in failed.stderr
    assert answer(platform, "duo") == "1"
    assert statuses(platform, "duo") == [("v2", "failed"), ("v1", "active")]
    wait_for(lambda: {one["release"] for one in platform.items("ps", "duo")} == {"v1"}, "the failed release to end")


def test_a_first_deploy_that_fails_serves_nothing_and_destroy_forgets_all_of_it(platform: LivePlatform) -> None:
    folder = platform.folder / "pair"
    write(folder, "pair", "1", ENDS)
    assert platform.roadbed("deploy", folder, ok=False).code == 1
    assert statuses(platform, "pair") == [("v1", "failed")]
    assert platform.items("ps", "pair") == []
    platform.roadbed("destroy", "pair", "--yes")
    write(folder, "pair", "2", RUNS)
    platform.roadbed("deploy", folder)
    assert answer(platform, "pair") == "2"
    assert "exit code 9" not in platform.roadbed("logs", "pair", "-n", "1000").stdout


def test_a_deploy_that_is_cancelled_ends_as_one_consistent_release(platform: LivePlatform) -> None:
    folder = platform.folder / "cut"
    write(folder, "cut", "1", RUNS)
    platform.roadbed("deploy", folder)
    write(folder, "cut", "2", RUNS, slow=True)
    operation = platform.json("deploy", folder, "--detach")["operation"]
    wait_for(lambda: len(platform.items("ps", "cut")) > 2, "the new replicas to start")
    platform.roadbed("ops", "cancel", operation)
    ended = wait_for(lambda: _ended(platform, operation), "the operation to end")
    newest, before = statuses(platform, "cut")[:2]
    if ended == "succeeded":
        assert (newest, before, answer(platform, "cut")) == (("v2", "active"), ("v1", "superseded"), "2")
    else:
        assert (newest, before, answer(platform, "cut")) == (("v2", "failed"), ("v1", "active"), "1")


def _ended(platform: LivePlatform, operation: str) -> str | None:
    state: str = platform.json("ops", "show", operation)["state"]
    return state if state in ("succeeded", "failed", "cancelled") else None
