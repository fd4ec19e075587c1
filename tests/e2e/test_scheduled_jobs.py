"""Scheduled jobs on a platform that runs: by the clock, by hand, over the server's death and over a release."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from live_platform import LivePlatform, StartPlatform, wait_for

pytestmark = pytest.mark.slow

SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers: {main: {image: ., command: [sh, -c, sleep 600], variables: {WORD: one}}}
"""
APPLICATION = """\
apiVersion: roadbed.dev/v1
kind: Application
metadata: {name: clock, owner: group:default/platform}
jobs:
  tick: {schedule: "* * * * *", command: [sh, -c, "echo tick $ROADBED_RUN"]}
  long: {schedule: "@yearly", command: [sh, -c, "echo begun $WORD; sleep 8; echo ended $WORD"]}
  fails: {schedule: "@yearly", command: [sh, -c, "echo no; exit 7"]}
"""


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    """One of this module's own, since its server is killed."""
    return start_platform()


@pytest.fixture(scope="module")
def tree(platform: LivePlatform) -> Path:
    return deployed(platform, "clock")


def application(name: str) -> str:
    return APPLICATION.replace("clock", name)


def deployed(platform: LivePlatform, name: str) -> Path:
    folder = platform.folder / name
    folder.mkdir()
    (folder / "main.py").write_text("# something to build\n")
    (folder / "score.yaml").write_text(SCORE)
    (folder / "roadbed.yaml").write_text(application(name))
    platform.roadbed("deploy", folder)
    return folder


def history(platform: LivePlatform, job: str) -> list[Any]:
    return platform.items("jobs", "history", "clock", job)


def by_the_clock(run: Mapping[str, Any]) -> bool:
    return run["state"] == "succeeded" and run["asked_by"] is None


def log(platform: LivePlatform, job: str, number: int) -> list[str]:
    lines = platform.items("jobs", "logs", "clock", job, str(number))
    return [line["text"] for line in lines if line["stream"] != "system"]


def test_it_runs_by_the_clock(platform: LivePlatform, tree: Path) -> None:
    ticks = wait_for(lambda: [one["number"] for one in history(platform, "tick") if by_the_clock(one)], "a tick", 100)
    assert log(platform, "tick", ticks[-1]) == [f"tick {ticks[-1]}"]


def test_a_run_outlives_the_server_and_a_release_and_is_not_doubled(platform: LivePlatform, tree: Path) -> None:
    platform.roadbed("jobs", "run", "clock", "long", "--detach")
    wait_for(lambda: log(platform, "long", 1) == ["begun one"], "that it has begun")
    platform.kill_server()
    platform.roadbed("up", "--detach")
    (tree / "score.yaml").write_text(SCORE.replace("WORD: one", "WORD: two"))
    platform.roadbed("deploy", tree)
    wait_for(lambda: history(platform, "long")[0]["state"] == "succeeded", "that it has ended")
    assert log(platform, "long", 1) == ["begun one", "ended one"]
    assert [(one["number"], one["release"]) for one in history(platform, "long")] == [(1, "v1")]
    platform.roadbed("jobs", "run", "clock", "long")
    assert log(platform, "long", 2) == ["begun two", "ended two"]


def test_one_that_fails_says_so_everywhere(platform: LivePlatform, tree: Path) -> None:
    failed = platform.roadbed("jobs", "run", "clock", "fails", ok=False)
    assert failed.code == 1
    assert "run 1 of fails failed: exit code 7" in failed.stderr
    (job,) = [one for one in platform.items("jobs", "clock") if one["name"] == "fails"]
    assert (job["last"]["state"], job["last"]["reason"]) == ("failed", "exit code 7")


def test_running_and_suspending_are_audited_and_no_viewers_business(platform: LivePlatform, tree: Path) -> None:
    platform.roadbed("jobs", "run", "clock", "tick")
    suspended = platform.json("jobs", "suspend", "clock", "tick")
    platform.roadbed("jobs", "resume", "clock", "tick")
    assert (suspended["suspended"], suspended["next_at"]) == (True, None)
    actions = {(one["action"], one["target"]) for one in platform.items("audit")}
    assert {("job.run", "application clock"), ("job.suspend", "application clock")} <= actions


def test_what_is_wrong_is_told_with_the_nearest_name(platform: LivePlatform, tree: Path) -> None:
    unknown = platform.roadbed("jobs", "run", "clock", "tikc", ok=False)
    assert (unknown.code, "did you mean 'tick'?" in unknown.stderr) == (4, True)
    mistyped = platform.roadbed("jobs", "histroy", "clock", "tick", ok=False)
    assert (mistyped.code, "did you mean `jobs history`?" in mistyped.stderr) == (2, True)


def test_a_job_goes_with_its_declaration(platform: LivePlatform) -> None:
    folder = deployed(platform, "brief")
    (folder / "roadbed.yaml").write_text("\n".join(application("brief").splitlines()[:5]) + "\n")
    platform.roadbed("deploy", folder)
    assert [one["name"] for one in platform.items("jobs", "brief")] == ["tick"]
    platform.roadbed("destroy", "brief", "--yes")
    assert platform.roadbed("jobs", "brief", ok=False).code == 4
