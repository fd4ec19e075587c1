"""A directory without a Score file on the command line: understood, written down, sent with or without its needs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from fakes.platform_api import FakePlatform

Run: TypeAlias = Callable[..., Any]

APP = "import os\nimport psycopg\nfrom flask import Flask\napp = Flask('x')\nURL = os.environ['DATABASE_URL']\n"
FILES = {
    "Procfile": "web: gunicorn app:app\nworker: python work.py\n",
    "app.py": APP,
    "requirements.txt": "flask\ngunicorn\npsycopg\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return plant(tmp_path / "notes", FILES)


def plant(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def sent(platform: FakePlatform) -> dict[str, str]:
    """The files of the last archive."""
    body = platform.asked("PUT", "/sources")[-1].body
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
        return {one.name: (archive.extractfile(one) or io.BytesIO()).read().decode() for one in archive}


def asked(platform: FakePlatform, what: str) -> Any:
    """The last request of its kind."""
    return platform.asked("POST", f"/applications/notes/{what}")[-1]


class TestInit:
    def test_writes_and_says_why(self, cli: Run, source: Path) -> None:
        result = cli("init", str(source))
        assert result.code == 0
        written = {"score/web.yaml", "score/worker.yaml", "roadbed.yaml", "catalog-info.yaml"}
        assert names(source) == {*FILES, *written}
        assert "  because of Procfile:1: web: gunicorn app:app\n" in result.err
        assert "postgres is left out" in result.err
        assert f"then: roadbed deploy {source}" in result.out
        assert "DATABASE_URL is not set" in (source / "score/web.yaml").read_text()

    def test_with_what_it_needs_as_json(self, cli: Run, source: Path) -> None:
        result = cli("init", str(source), "--yes", "-a", "orders", "-o", "json")
        assert (result.code, result.err) == (0, "")
        assert result.json["application"] == "orders"
        assert result.json["needs"] == [{"name": "db", "type": "postgres", "added": True}]
        assert result.json["files"]["score/web.yaml"] == (source / "score/web.yaml").read_text()
        assert "type: postgres" in result.json["files"]["score/web.yaml"]

    def test_named_needs(self, cli: Run, source: Path) -> None:
        assert "it needs: db" in cli("init", str(source), "--need", "cache").err
        assert names(source) == set(FILES)
        assert cli("init", str(source), "--need", "db").code == 0
        assert "type: postgres" in (source / "score/web.yaml").read_text()

    def test_what_a_file_states_is_added_without_a_question(self, cli: Run, source: Path) -> None:
        plant(source, {"app.json": '{"addons": ["heroku-redis"]}'})
        result = cli("init", str(source))
        assert "redis is left out" not in result.err
        assert "postgres is left out" in result.err
        assert "type: redis" in (source / "score/web.yaml").read_text()
        assert cli("init", str(source), "--force", "--no-needs").code == 0
        assert "type: redis" not in (source / "score/web.yaml").read_text()

    def test_what_the_application_has_already_is_kept(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        database = {"urn": "x", "type": "postgres:Database", "name": "db", "status": "created"}
        platform.answers["GET", "/applications"] = {"items": [{"application": "notes", "environment": "prod"}]}
        platform.answers["GET", "/applications/notes"] = {"application": "notes", "resources": [database]}
        result = roadbed("init", str(source))
        assert "left out" not in result.err
        assert "type: postgres" in (source / "score/web.yaml").read_text()
        assert platform.asked("GET", "/applications/notes")[-1].query == {"environment": "prod"}

    def test_a_platform_that_does_not_answer_is_said(
        self, cli: Run, source: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ROADBED_URL", "http://127.0.0.1:9")
        result = cli("init", str(source))
        assert result.code == 0
        assert "whether notes is deployed, with what it needs, can't be asked" in result.err

    def test_overwrites_only_when_told(self, cli: Run, source: Path) -> None:
        plant(source, {"score/web.yaml": "mine\n"})
        refused = cli("init", str(source))
        assert refused.code == 2
        assert "score/web.yaml is there already" in refused.err
        assert names(source) == {*FILES, "score/web.yaml"}
        assert cli("init", str(source), "--force").code == 0
        again = cli("init", str(source))
        assert again.code == 2
        assert "has files that say what runs" in again.err
        assert cli("init", str(source), "--force", "--yes").code == 0

    def test_one_that_has_one_workload_is_written_anew_too(self, cli: Run, source: Path) -> None:
        plant(source, {"Procfile": "web: gunicorn app:app\n"})
        assert cli("init", str(source)).code == 0
        plant(source, {"Procfile": "web: gunicorn --threads 4 app:app\n"})
        assert cli("init", str(source), "--force").code == 0
        assert "--threads 4" in (source / "score.yaml").read_text()

    def test_a_team_that_says_itself_what_it_is_goes_on_doing_so(self, cli: Run, source: Path) -> None:
        plant(source, {"catalog-info.yaml": "mine\n"})
        result = cli("init", str(source), "--force")
        assert result.code == 0
        assert "catalog-info.yaml is left as it is" in result.out
        assert "score/web.yaml" in names(source)
        assert (source / "catalog-info.yaml").read_text() == "mine\n"

    def test_a_link_is_replaced_and_not_followed(self, cli: Run, source: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.write_text("mine")
        (source / "roadbed.yaml").unlink(missing_ok=True)
        (source / ".gitignore").write_text("roadbed.yaml\n")
        (source / "roadbed.yaml").symlink_to(outside)
        assert cli("init", str(source), "--force").code == 0
        assert outside.read_text() == "mine"
        assert "kind: Application" in (source / "roadbed.yaml").read_text()

    @pytest.mark.parametrize(
        ("files", "says"),
        [
            ({"README.md": "x"}, "nothing else that says what runs"),
            ({"Procfile": "web\n"}, "Procfile:1:1: this is no process: 'web'"),
            ({"app.json": '{"env": {'}, "this is not valid JSON"),
            ({"compose.yaml": "services: {web: {build: .., command: a}}"}, "leads out of the tree: '..'"),
            ({"fly.toml": "app = 'web'\n"}, "nothing says how 'app' is started"),
            ({"a/requirements.txt": "", "a/app.py": APP}, "there is a project in a"),
        ],
    )
    def test_what_can_not_be_understood_is_said(
        self, cli: Run, tmp_path: Path, files: dict[str, str], says: str
    ) -> None:
        folder = plant(tmp_path / "x", files)
        result = cli("init", str(folder))
        assert (result.code, result.out) == (2, "")
        assert says in result.err
        assert names(folder) == set(files)

    def test_what_is_ignored_is_not_read(self, cli: Run, source: Path) -> None:
        plant(source, {".gitignore": "Procfile\n"})
        assert "Procfile" not in cli("init", str(source)).err


class TestDeploy:
    def test_shows_what_it_understood_and_sends_the_directory_as_it_is(
        self, roadbed: Run, source: Path, platform: FakePlatform
    ) -> None:
        result = roadbed("deploy", str(source))
        assert result.code == 0
        assert "  web: gunicorn app:app (Procfile:1)\n" in result.err
        assert "postgres is left out: `--yes` adds it" in result.err
        assert sent(platform) == FILES
        (asked,) = platform.asked("POST", "/applications/notes/deployments")
        assert asked.body["source"] in platform.sources

    @pytest.mark.parametrize(("command", "what"), [("deploy", "deployments"), ("plan", "plans")])
    def test_what_is_accepted_is_told_and_no_file_is_written_or_sent(
        self, roadbed: Run, source: Path, platform: FakePlatform, command: str, what: str
    ) -> None:
        assert roadbed(command, str(source), "--yes").code == 0
        assert asked(platform, what).body["needs"] == ["db"]
        assert sent(platform) == FILES
        assert names(source) == set(FILES)

    def test_what_the_platform_fetches_is_asked_about_alike(self, roadbed: Run, platform: FakePlatform) -> None:
        need = {"name": "db", "type": "postgres", "stated": False, "line": "needs postgres (app.py:5)"}
        understood = {"sources": ["Procfile"], "lines": ["web: gunicorn app:app", need["line"]], "needs": [need]}
        platform.answers["POST", "/sources"] = {"digest": "0" * 64, "size": 1, "understood": understood}
        url = "https://example.org/notes.git"
        result = roadbed("deploy", url)
        assert "  web: gunicorn app:app\n  needs postgres (app.py:5)\n" in result.err
        assert "postgres is left out: `--yes` adds it" in result.err
        assert "needs" not in asked(platform, "deployments").body
        assert roadbed("deploy", url, "--yes").code == 0
        assert asked(platform, "deployments").body["needs"] == ["db"]

    def test_what_a_file_states_is_left_to_the_platform(
        self, roadbed: Run, source: Path, platform: FakePlatform
    ) -> None:
        compose = "services: {db: {image: 'postgres:17'}, web: {build: ., command: x, environment: [DATABASE_URL=db]}}"
        plant(source, {"compose.yaml": compose})
        result = roadbed("deploy", str(source))
        assert result.code == 0
        assert "left out" not in result.err
        assert sent(platform) == {**FILES, "compose.yaml": compose}

    def test_what_was_accepted_once_stays(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        database = {"urn": "x", "type": "postgres:Database", "name": "db", "status": "created"}
        platform.answers["GET", "/applications/notes"] = {"application": "notes", "resources": [database]}
        result = roadbed("deploy", str(source))
        assert "left out" not in result.err
        assert asked(platform, "deployments").body["needs"] == ["db"]

    def test_packages_that_no_file_lists_are_said(self, roadbed: Run, tmp_path: Path, platform: FakePlatform) -> None:
        folder = plant(tmp_path / "quotes", {"main.py": "import fastapi\nimport mine_alone\napp = fastapi.FastAPI()\n"})
        result = roadbed("deploy", str(folder))
        assert "no file lists packages; these are taken: fastapi, uvicorn" in result.err
        assert "which package 'mine_alone' is of is not known here" in result.err
        assert set(sent(platform)) == names(folder) == {"main.py"}

    def test_json_says_nothing_else(self, roadbed: Run, source: Path) -> None:
        result = roadbed("deploy", str(source), "--yes", "-o", "json")
        assert (result.code, result.err) == (0, "")

    def test_nothing_to_run_sends_nothing(self, roadbed: Run, tmp_path: Path, platform: FakePlatform) -> None:
        result = roadbed("deploy", str(plant(tmp_path / "x", {"README.md": ""})))
        assert result.code == 2
        assert not platform.asked("PUT", "/sources")

    @pytest.mark.parametrize("command", ["deploy", "plan"])
    def test_what_lies_beside_a_score_file_is_named(self, roadbed: Run, source: Path, command: str) -> None:
        score = "apiVersion: score.dev/v1b1\nmetadata: {name: notes}\ncontainers: {main: {image: .}}\n"
        plant(source, {"score.yaml": score, "compose.yaml": "no: [valid"})
        said = "note: what runs is said by score.yaml: Procfile and compose.yaml are not read"
        assert said in roadbed(command, str(source)).err
        (source / "Procfile").unlink()
        (source / "compose.yaml").unlink()
        assert "note:" not in roadbed(command, str(source)).err
