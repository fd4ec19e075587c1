"""The standard architectures that ship, each deployed and used: four golden paths, and a class of a resource."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import uv

from live_platform import OWNER, LivePlatform, StartPlatform, call, wait_for

pytestmark = pytest.mark.slow

SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: web}
containers: {main: {image: ., command: [sh, -c, "echo $DATABASE_URL | cut -c 1-13; sleep 600"]}}
"""
NAMED = f"apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {{name: store, owner: {OWNER}}}\n"


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="60")


def made(platform: LivePlatform, template: str, *parameters: str) -> dict[str, Any]:
    """By its golden path. It is called after it."""
    words = [word for parameter in parameters for word in ("--param", parameter)]
    found: dict[str, Any] = platform.json("new", template, template, "--owner", OWNER, *words)
    assert found["application"] == template
    return found


def printed(platform: LivePlatform, application: str) -> list[str]:
    return [line["text"] for line in platform.items("logs", application)]


def test_every_one_is_on_the_list(platform: LivePlatform) -> None:
    titles = {one["name"]: one["title"] for one in platform.items("templates")}
    assert titles == {
        "python-api": "Python API with PostgreSQL",
        "web-service": "Web service with database and cache",
        "event-worker": "Event worker",
        "static-site": "Static site behind the gateway",
        "scheduled-job": "Scheduled job with storage",
    }
    (postgres,) = [one for one in platform.items("resource", "types") if one["type"] == "postgres"]
    (offer,) = [one for one in postgres["offers"] if one["class"] == "backed-up"]
    assert (offer["version"], offer["maturity"]) == ("1.0.0", "stable")


def test_a_web_service_with_database_and_cache(platform: LivePlatform) -> None:
    url = made(platform, "web-service")["url"]
    assert call(f"{url}notes", "POST", {"text": "kept"}).status == 201
    first, second = call(f"{url}notes"), call(f"{url}notes")
    assert (first.json, second.json) == ([{"id": 1, "text": "kept"}], [{"id": 1, "text": "kept"}])
    assert call(f"{url}readyz").json == {"status": "ok", "cache": "up"}
    assert len(platform.replicas("web-service")) == 2
    types = {one["type"] for one in platform.items("resource", "list", "-a", "web-service")}
    assert {"postgres", "redis", "route"} <= types
    its_own_tests_pass(platform.folder / "web-service")


def test_an_event_worker(platform: LivePlatform) -> None:
    made(platform, "event-worker")
    platform.roadbed("jobs", "run", "event-worker", "example")
    wait_for(lambda: 'handled {"hello": "world"}' in printed(platform, "event-worker"), "that the event is handled")
    (job,) = platform.items("jobs", "event-worker")
    assert (job["suspended_by"], job["last"]["state"]) == ("roadbed.yaml", "succeeded")
    its_own_tests_pass(platform.folder / "event-worker")


def test_a_static_site(platform: LivePlatform) -> None:
    url = made(platform, "static-site", "headline=Open <day> & night")["url"]
    page = call(url)
    assert (page.status, b"<h1>Open &lt;day&gt; &amp; night</h1>" in page.body) == (200, True)
    assert call(f"{url}style.css").status == 200
    folder = platform.folder / "static-site"
    index = folder / "public" / "index.html"
    index.write_text(index.read_text().replace("night", "evening"))
    platform.roadbed("deploy", cwd=folder)
    assert b"evening" in call(url).body


def test_a_scheduled_job_with_storage(platform: LivePlatform) -> None:
    made(platform, "scheduled-job", "schedule=15 4 * * SUN", "timezone=Europe/Madrid")
    (job,) = platform.items("jobs", "scheduled-job")
    assert (job["schedule"], job["timezone"], job["overlap"]) == ("15 4 * * SUN", "Europe/Madrid", "forbid")
    assert platform.replicas("scheduled-job") == []
    platform.roadbed("jobs", "run", "scheduled-job", "report")
    (kept,) = [line for line in printed(platform, "scheduled-job") if line.startswith("kept reports/")]
    listed = platform.roadbed("resource", "connect", "exports", "-a", "scheduled-job", "--", "ls", "reports/")
    assert kept.removeprefix("kept reports/") in listed.stdout
    its_own_tests_pass(platform.folder / "scheduled-job")


def test_a_data_store_with_backups(platform: LivePlatform) -> None:
    folder = platform.folder / "store"
    folder.mkdir()
    (folder / "score.yaml").write_text(SCORE)
    (folder / "roadbed.yaml").write_text(NAMED)
    (folder / "main.py").write_text("# something to build\n")
    platform.roadbed("deploy", folder)
    platform.roadbed("resource", "add", "postgres", "--class", "backed-up", "--yes", cwd=folder)
    wait_for(lambda: "postgresql://" in printed(platform, "store"), "its variable")
    platform.roadbed("resource", "connect", "db", "-a", "store", "--", "-c", "CREATE TABLE seen AS SELECT 7 AS n")
    backup = platform.json("resource", "backup", "db", "-a", "store")
    assert backup["status"] == "succeeded"
    listed = json.dumps(platform.json("resource", "backups", "-a", "store"))
    assert "0 2 * * *" in listed


def test_a_schedule_that_is_none_is_refused_where_it_is_read(platform: LivePlatform) -> None:
    refused = platform.roadbed("new", "scheduled-job", "late", "--owner", OWNER, "-p", "schedule=61 3 * * *", ok=False)
    assert refused.code != 0
    assert "'61' is not within 0 to 59" in refused.stderr


def its_own_tests_pass(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run([uv.find_uv_bin(), "run", "--quiet", "pytest", "-q"], cwd=folder, env=environment, check=False)
    assert ran.returncode == 0
