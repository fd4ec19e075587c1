"""Resources that a developer asks for: by the command, in the portal's way, by two at once; and back again."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from live_platform import LivePlatform, StartPlatform, call

pytestmark = pytest.mark.slow

SERVE = """\
import http.server, json, os

if "NATS_URL" in os.environ:
    raise SystemExit("this one can't do with messages")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"DATABASE_URL": os.environ.get("DATABASE_URL")}).encode())

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""
SCORE = """\
apiVersion: score.dev/v1b1
metadata: {name: shop}
service: {ports: {http: {port: 80, targetPort: 8080}}}
containers: {main: {image: ., command: [python, serve.py], readinessProbe: {httpGet: {path: /, port: 8080}}}}
resources: {dns: {type: dns}, route: {type: route, params: {host: "${resources.dns.host}", port: http}}}
"""
OWN = "apiVersion: roadbed.dev/v1\nkind: Application\nmetadata: {name: shop}   # ours\n"
KAFKA = """
from roadbed.sdk import provisioner

@provisioner("kafka-topic", environments="prod", params={})
def topic(request):
    return {"host": "k", "port": 1, "name": "t", "num_partitions": 1}
"""


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> LivePlatform:
    return start_platform(ROADBED_RUNTIMES__DEADLINE_S="20")


def deployed(platform: LivePlatform, name: str) -> Path:
    folder = platform.folder / name
    folder.mkdir()
    files = {"serve.py": SERVE, "score.yaml": SCORE, "roadbed.yaml": OWN, "requirements.txt": ""}
    for file, text in files.items():
        (folder / file).write_text(text.replace("name: shop", f"name: {name}"))
    platform.roadbed("deploy", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def desk(platform: LivePlatform) -> Path:
    """An application that has a database, for what changes nothing."""
    folder = deployed(platform, "desk")
    platform.roadbed("resource", "add", "postgres", "--yes", cwd=folder)
    platform.roadbed("deploy", cwd=folder)
    return folder


def resources(platform: LivePlatform) -> dict[str, Any]:
    return {one["name"]: one for one in platform.items("resource", "list", "-a", "shop")}


def url(platform: LivePlatform) -> str:
    found: str = next(one["url"] for one in platform.items("apps") if one["application"] == "shop")
    return found


def a_developer_adds_a_database_and_loses_no_request(platform: LivePlatform, shop: Path) -> None:
    where, ended = url(platform), threading.Event()

    def load() -> list[int]:
        found = []
        while not ended.is_set():
            found.append(call(where).status)
        return found

    with ThreadPoolExecutor() as pool:
        loading = pool.submit(load)
        try:
            added = platform.json("resource", "add", "postgres", "--yes", cwd=shop)
        finally:
            ended.set()
        assert set(loading.result()) == {200}
    assert added["resource"] == "db"
    assert call(where).json["DATABASE_URL"].startswith("postgresql://")
    assert (shop / "roadbed.yaml").read_text() == f"{OWN}resources:\n  db:\n    type: postgres\n"
    assert resources(platform)["db"]["declared"] == ["set by admin"]


def it_is_opened_and_that_is_noted(platform: LivePlatform, shop: Path) -> None:
    password = call(url(platform)).json["DATABASE_URL"].split(":")[2].split("@")[0]
    done = platform.roadbed("resource", "connect", "db", "--", "-Atc", "select 6 * 7", cwd=shop)
    assert done.stdout == "42\n"
    shown = platform.roadbed("resource", "connect", "db", "--print", cwd=shop)
    assert password not in shown.stdout + shown.stderr
    noted = [one for one in platform.items("audit") if one["action"] == "resource.connect"]
    assert [one["detail"]["resource"] for one in noted if one["target"].endswith("shop")] == ["db", "db"]
    assert password not in json.dumps(platform.items("audit"))


def the_file_counts_once_it_says_the_same(platform: LivePlatform, shop: Path) -> None:
    platform.roadbed("deploy", cwd=shop)
    assert resources(platform)["db"]["declared"] == ["roadbed.yaml:5"]
    assert resources(platform)["db"]["set_by"] is None


def what_is_set_elsewhere_stands_until_the_file_has_it(platform: LivePlatform, shop: Path) -> None:
    platform.roadbed("resource", "add", "redis", "--name", "cache", "-a", "shop", "--yes")
    platform.roadbed("deploy", cwd=shop)
    assert resources(platform)["cache"]["set_by"] == "admin"
    (shop / "roadbed.yaml").write_text(f"{(shop / 'roadbed.yaml').read_text()}  cache: {{type: redis}}\n")
    platform.roadbed("deploy", cwd=shop)
    assert resources(platform)["cache"]["declared"] == ["roadbed.yaml:7"]


def of_two_who_add_the_same_name_the_second_is_refused(platform: LivePlatform) -> None:
    body = {"environment": "dev", "action": "add", "type": "secret", "name": "token"}
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda _: platform.api("POST", "/applications/shop/resources/changes", body), range(2)))
    ended = [
        platform.roadbed("ops", "show", answer.json["operation"]["id"], "--follow", ok=False)
        for answer in answers
        if answer.status == 202
    ]
    refused = [one.stderr for one in ended if one.code] + [str(each.json) for each in answers if each.status == 409]
    assert len(refused) == 1
    assert "there is a resource 'token' already" in refused[0] or "has a resource 'token' already" in refused[0]
    assert resources(platform)["token"]["state"] == "created"


def going_back_deletes_no_database(platform: LivePlatform, shop: Path) -> None:
    platform.roadbed("resource", "connect", "db", "--", "-c", "create table kept (a int)", cwd=shop)
    platform.roadbed("rollback", "shop", "v1")
    assert call(url(platform)).json["DATABASE_URL"] is None
    platform.roadbed("deploy", cwd=shop)
    assert (
        platform.roadbed("resource", "connect", "db", "--", "-Atc", "select count(*) from kept", cwd=shop).stdout
        == "0\n"
    )


def it_is_taken_away_with_its_line(platform: LivePlatform, shop: Path) -> None:
    platform.roadbed("resource", "remove", "db", "--delete-data", "--yes", cwd=shop)
    assert call(url(platform)).json["DATABASE_URL"] is None
    assert "db" not in resources(platform)
    assert (shop / "roadbed.yaml").read_text() == f"{OWN}resources:\n  cache: {{type: redis}}\n"


def test_a_database_comes_and_goes(platform: LivePlatform) -> None:
    shop = deployed(platform, "shop")
    a_developer_adds_a_database_and_loses_no_request(platform, shop)
    it_is_opened_and_that_is_noted(platform, shop)
    the_file_counts_once_it_says_the_same(platform, shop)
    what_is_set_elsewhere_stands_until_the_file_has_it(platform, shop)
    of_two_who_add_the_same_name_the_second_is_refused(platform)
    going_back_deletes_no_database(platform, shop)
    it_is_taken_away_with_its_line(platform, shop)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "postgrs"), "did you mean 'postgres'?"),
        (("add", "s3", "--name", "out", "--set", "version=1"), "did you mean 'versioned'?"),
        (("add", "s3", "--name", "out", "--set", "versioned=maybe"), "versioned must be true or false"),
        (("add", "postgres", "--yes"), "desk has a resource 'db' already: roadbed.yaml:5"),
        (("add", "redis", "--name", "more", "-w", "deskk"), "did you mean 'desk'?"),
        (("remove", "db", "--yes"), "say that you mean it: --delete-data"),
        (("attach", "db"), "db is attached to desk already"),
        (("resize", "db", "--set", "sise=1"), "postgres has no param 'sise'"),
        (("resize", "db", "--class", "backd-up"), "did you mean 'backed-up'?"),
        (("show", "dbb"), "did you mean 'db'?"),
        (("connect", "desk.route"), "which no program here opens"),
        (("add", "redis", "--name", "more"), "nobody is here to be asked"),
        (("list", "-a", "deskk"), "did you mean desk?"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_half_made(
    platform: LivePlatform, desk: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = (desk / "roadbed.yaml").read_text(), platform.items("releases", "desk")
    done = platform.roadbed("resource", *arguments, cwd=desk, ok=False)
    assert done.code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert before == ((desk / "roadbed.yaml").read_text(), platform.items("releases", "desk"))


def test_data_in_production_is_protected(platform: LivePlatform, desk: Path) -> None:
    """Whatever is said of data: first the protection goes, by a change of its own, and then the database."""
    platform.roadbed("deploy", "-e", "prod", cwd=desk)
    before = (desk / "roadbed.yaml").read_text()
    remove = ("resource", "remove", "db", "-e", "prod", "--delete-data", "--yes")
    refused = platform.roadbed(*remove, cwd=desk, ok=False)
    assert "desk@prod/shared/db#postgres:Database is protected, and this plan would delete it" in refused.stderr
    body = {"environment": "prod", "action": "remove", "name": "db", "delete_data": True}
    begun = platform.api("POST", "/applications/desk/resources/changes", body)
    told = platform.roadbed("ops", "show", begun.json["operation"]["id"], "--follow", ok=False)
    assert "is protected" in told.stderr, "the API's way is no other"
    platform.roadbed("resource", "resize", "db", "-e", "prod", "--set", "protect=false", "--yes", cwd=desk)
    platform.roadbed(*remove, cwd=desk)
    assert "db" not in {one["name"] for one in platform.items("resource", "list", "-a", "desk", "-e", "prod")}
    (desk / "roadbed.yaml").write_text(before)


def test_what_the_code_needs_is_taken_away_by_its_name(platform: LivePlatform) -> None:
    folder = platform.folder / "guess"
    folder.mkdir()
    code = SERVE.replace('os.environ.get("DATABASE_URL")', 'os.environ.get("DATABASE_URL", "none")')
    for file, text in {"main.py": code, "Procfile": "web: python main.py\n", "requirements.txt": "psycopg\n"}.items():
        (folder / file).write_text(text)
    platform.roadbed("deploy", "--yes", cwd=folder)
    assert "db" in _names(platform, "guess")
    platform.roadbed("resource", "remove", "db", "--delete-data", "--yes", cwd=folder)
    assert "db" not in _names(platform, "guess")
    assert not (folder / "roadbed.yaml").exists()
    platform.roadbed("deploy", cwd=folder)
    assert "db" not in _names(platform, "guess")
    platform.roadbed("deploy", "--yes", cwd=folder)
    assert "db" in _names(platform, "guess")


def _names(platform: LivePlatform, application: str) -> set[str]:
    return {one["name"] for one in platform.items("resource", "list", "-a", application)}


def test_what_is_offered_elsewhere_names_where_and_who_helps(platform: LivePlatform, desk: Path) -> None:
    file = platform.home / "platform" / "provisioners" / "kafka.py"
    file.write_text(KAFKA)
    try:
        done = platform.roadbed("resource", "add", "kafka-topic", cwd=desk, ok=False)
        assert "kafka-topic is not offered in dev" in done.stderr
        assert "it is offered in: prod; the platform team can help (provisioners/kafka.py:4)" in done.stderr
        file.write_text(f"{KAFKA}\nraise ValueError('no broker')\n")
        broken = platform.roadbed("resource", "add", "postgres", "--name", "more", cwd=desk, ok=False)
        assert "provisioners/kafka.py:8" in broken.stderr
    finally:
        file.unlink()


def test_a_rollout_that_fails_puts_the_file_back(platform: LivePlatform) -> None:
    shelf = deployed(platform, "shelf")
    before = (shelf / "roadbed.yaml").read_text()
    done = platform.roadbed("resource", "add", "nats", "--yes", cwd=shelf, ok=False)
    assert done.code
    assert (shelf / "roadbed.yaml").read_text() == before
    assert [one["status"] for one in platform.items("releases", "shelf")][:2] == ["failed", "active"]


def test_an_application_that_was_never_deployed_gets_it_with_its_first_release(
    platform: LivePlatform, tmp_path: Path
) -> None:
    (tmp_path / "score.yaml").write_text(SCORE.replace("name: shop", "name: later"))
    wrong = platform.roadbed("resource", "add", "postgrs", cwd=tmp_path, ok=False)
    assert "did you mean 'postgres'?" in wrong.stderr
    platform.roadbed("resource", "add", "postgres", "--yes", cwd=tmp_path)
    assert "type: postgres" in (tmp_path / "roadbed.yaml").read_text()
