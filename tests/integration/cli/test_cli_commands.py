"""Every command against a platform that answers as the API says: its text, its JSON, what it asked for."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.platform_api import TOKEN, URL, FakePlatform, git_bundle, operation, sse, step
from roadbed.client import credentials

Run = Callable[..., Any]

SHOWN = {
    ("apps",): ("orders", "healthy", "2/2", URL),
    ("status",): ("9.9.9", "gateway", "40 MB", "sandbox, as the user roadbed"),
    ("status", "orders"): ("Takes orders", "postgres:Database", "2/2", "exit code 3"),
    ("ps", "orders"): ("web-1", "ready", "33 MB", "  sidecar", "crashed", "out of memory", "more than its size of 1Mi"),
    ("logs", "orders"): ("web-1 │ listening", "web-2 │ warming[31m up"),
    ("open", "orders"): (URL,),
    ("releases", "orders"): ("v2", "active", "7f3a9c1 (main), changed", "faster"),
    ("config", "orders"): ("LEVEL", "info", "API_KEY", "••••••"),
    ("templates",): ("python-api", "A Python API"),
    ("ops",): ("op_1", "Deploy orders to dev"),
    ("ops", "show", "op_1"): ("✓ Apply  3/3  2.5s",),
    ("audit",): ("2026-01-01 00:00:00Z", "user:ada", "application.deploy"),
    ("whoami",): ("ada", "owner of everything"),
    ("doctor",): ("✓ sandbox", "bubblewrap"),
    ("version",): ("9.9.9",),
}


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_shows_what_the_platform_says(words: tuple[str, ...], roadbed: Run) -> None:
    result = roadbed(*words)
    assert (result.code, result.err) == (0, "")
    for text in SHOWN[words]:
        assert text in result.out
    assert "\x1b" not in result.out


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_prints_json_and_nothing_else(words: tuple[str, ...], roadbed: Run) -> None:
    result = roadbed(*words, "-o", "json")
    assert (result.code, result.err) == (0, "")
    assert isinstance(result.json, dict)


def test_lists_are_items(roadbed: Run) -> None:
    (item,) = roadbed("apps", "-o", "json").json["items"]
    assert {"application", "environment", "url", "release", "health"} <= item.keys()


def test_yaml(roadbed: Run) -> None:
    assert "application: orders" in roadbed("apps", "-o", "yaml").out


@pytest.mark.parametrize(
    "words", [("apps",), ("ops",), ("audit",), ("templates",), ("ps", "orders"), ("releases", "orders")]
)
def test_an_empty_list_says_what_to_do_on_stderr(words: tuple[str, ...], roadbed: Run, platform: FakePlatform) -> None:
    path = {"apps": "/applications", "ops": "/operations"}.get(words[0], f"/{words[0]}")
    path = {"ps": "/applications/orders/replicas", "releases": "/applications/orders/releases"}.get(words[0], path)
    platform.answers["GET", path] = {"items": [], "next": None}
    result = roadbed(*words)
    assert (result.code, result.out) == (0, "")
    assert result.err


class TestDeploy:
    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        folder = tmp_path / "orders"
        folder.mkdir()
        (folder / "score.yaml").write_text("apiVersion: score.dev/v1b1\nmetadata: {name: orders}\n")
        (folder / "main.py").write_text("print('hello')\n")
        return folder

    def test_sends_the_source_and_shows_each_step(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        result = roadbed("deploy", str(source), "-m", "first")
        assert result.code == 0
        assert result.out.startswith(f"orders v2 is live in dev: {URL}")
        assert "✓ Packing the source  2 files" in result.err
        assert "✓ Build  2.5s" in result.err
        (asked,) = platform.asked("POST", "/applications/orders/deployments")
        sent = next(iter(platform.sources))
        said = {"environment": "dev", "source": sent, "message": "first"}
        assert asked.body == {**said, "delete_data": False, "final_backups": True}

    def test_what_is_sent_is_the_same_again(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        roadbed("deploy", str(source))
        roadbed("deploy", str(source))
        first, second = platform.asked("PUT", "/sources")
        assert first.body == second.body

    def test_json(self, roadbed: Run, source: Path) -> None:
        result = roadbed("deploy", str(source), "-o", "json")
        assert result.err == ""
        assert (
            result.json.items() >= {"application": "orders", "environment": "dev", "release": "v2", "url": URL}.items()
        )
        assert result.json["status"] == "succeeded"
        assert isinstance(result.json["duration_s"], float)

    def test_detached(self, roadbed: Run, source: Path) -> None:
        result = roadbed("deploy", str(source), "--detach")
        assert (result.code, result.out) == (0, "op_1\n")
        assert "roadbed ops show op_1 --follow" in result.err

    def test_from_its_directory(self, roadbed: Run, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(source)
        assert roadbed("deploy", "-o", "json").json["application"] == "orders"

    def test_a_failure_ends_with_its_cause_place_hint_and_last_lines(
        self, roadbed: Run, source: Path, platform: FakePlatform
    ) -> None:
        error = {"code": "build_failed", "exit_code": 1, "detail": "no such package", "hint": "mend it"}
        failed = operation(
            "failed", steps=[step("build", "failed")], error=error | {"file": "pyproject.toml", "line": 3}
        )
        running = operation("running", steps=[step("build", "running", done=1, total=2)])
        platform.operations["op_1"] = running
        log = {"sequence": 1, "at": None, "step": "build", "text": "resolving"}
        platform.events = [sse(("operation", running), ("log", log), ("log", log), ("operation", failed))]
        result = roadbed("deploy", str(source))
        assert (result.code, result.out) == (1, "")
        assert result.err.endswith(
            "the last 1 line of its log:\n  resolving\n✗ pyproject.toml:3: no such package\n  → mend it\n"
        )
        platform.events = [sse(("operation", failed))]
        as_json = roadbed("deploy", str(source), "-o", "json")
        assert (as_json.code, as_json.out) == (1, "")
        assert json.loads(as_json.err)["code"] == "build_failed"

    def test_survives_a_connection_that_breaks(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        running = operation("running", steps=[step("build", "running")])
        platform.operations["op_1"] = running
        platform.events = [sse(("operation", running)), sse(("operation", operation()))]
        assert roadbed("deploy", str(source)).code == 0

    def test_verbose_shows_the_log(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        platform.operations["op_1"] = operation("running", steps=[step("build", "running")])
        log = {"sequence": 1, "at": None, "step": "build", "text": "resolving"}
        platform.events = [sse(("log", log), ("operation", operation()))]
        assert "    resolving\n" in roadbed("deploy", str(source), "-v").err

    @pytest.mark.parametrize(
        ("more", "says"),
        [
            ({"kind": "deployment"}, "what was in force before it is in force"),
            ({"kind": "destruction"}, "to delete the rest: roadbed destroy orders@dev"),
            ({"kind": "deployment", "started_at": None}, "it had not begun: nothing was changed"),
            ({"kind": "stack.refresh"}, "what it had done by then stays"),
        ],
    )
    def test_a_cancelled_one_failed(
        self, roadbed: Run, source: Path, platform: FakePlatform, more: dict[str, Any], says: str
    ) -> None:
        platform.operations["op_1"] = operation("cancelled", **more)
        result = roadbed("deploy", str(source))
        assert result.code == 1
        assert "was cancelled" in result.err
        assert says in result.err

    def test_says_once_that_it_was_asked_to_stop(self, roadbed: Run, source: Path, platform: FakePlatform) -> None:
        stopping = operation("running", kind="deployment", cancel_requested=True)
        platform.operations["op_1"] = stopping
        platform.events = [sse(("operation", stopping), ("operation", operation("cancelled", cancel_requested=True)))]
        assert roadbed("deploy", str(source)).err.count("⊘ asked to stop: nothing more begins") == 1
        platform.operations["op_1"] = stopping
        assert "asked to stop" in roadbed("ops", "show", "op_1").out

    def test_plan(self, roadbed: Run, source: Path) -> None:
        result = roadbed("plan", str(source))
        assert result.code == 0
        assert "+ db  postgres:Database" in result.out
        assert "1 to create, 1 to update; 2 unchanged." in result.out
        assert roadbed("plan", str(source), "-o", "json").json["number"] == 4


class TestChanges:
    @pytest.mark.parametrize(
        ("words", "path", "body"),
        [
            (("rollback", "orders", "v1"), "rollback", {"environment": "dev", "release": "v1"}),
            (("rollback", "orders"), "rollback", {"environment": "dev"}),
            (("scale", "orders", "web=3"), "scale", {"environment": "dev", "replicas": {"web": 3}}),
            (("restart", "orders", "-w", "web"), "restart", {"environment": "dev", "workload": "web"}),
            (("restart", "orders", "-e", "prod"), "restart", {"environment": "prod"}),
        ],
    )
    def test_asks_for_it_and_follows(
        self, words: tuple[str, ...], path: str, body: Any, roadbed: Run, platform: FakePlatform
    ) -> None:
        assert roadbed(*words).code == 0
        (asked,) = platform.asked("POST", f"/applications/orders/{path}")
        assert asked.body == body
        assert roadbed(*words, "-o", "json").json["status"] == "succeeded"

    def test_config(self, roadbed: Run, platform: FakePlatform) -> None:
        assert roadbed("config", "orders", "set", "A=1", "B=x=y", "--secret").code == 0
        assert roadbed("config", "orders", "unset", "A").code == 0
        first, second = platform.asked("PATCH", "/applications/orders/config")
        assert first.body == {"environment": "dev", "set": {"A": "1", "B": "x=y"}, "unset": [], "secret": True}
        assert second.body == {"environment": "dev", "set": {}, "unset": ["A"], "secret": False}

    def test_config_that_changes_nothing(self, roadbed: Run, platform: FakePlatform) -> None:
        platform.answers["PATCH", "/applications/orders/config"] = {"unchanged": True}
        assert roadbed("config", "orders", "set", "A=1").out == "Nothing to change.\n"

    def test_destroy_asks_for_the_name(self, roadbed: Run, platform: FakePlatform) -> None:
        assert roadbed("destroy", "orders").code == 2
        assert not platform.asked("DELETE", "/applications/orders")
        assert roadbed("destroy", "orders", "--yes").code == 0
        assert platform.asked("DELETE", "/applications/orders")

    def test_cancel(self, roadbed: Run, platform: FakePlatform) -> None:
        assert roadbed("ops", "cancel", "op_1").code == 0
        assert platform.asked("POST", "/operations/op_1/cancel")


class TestNew:
    def test_makes_it_and_clones_its_source(
        self, roadbed: Run, platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        platform.bundle = git_bundle(tmp_path)
        result = roadbed("new", "python-api", "orders", "-p", "replicas=2", "-p", "public=true")
        assert result.code == 0, result.err
        (asked,) = platform.asked("POST", "/templates/python-api/runs")
        assert asked.body["parameters"] == {
            "name": "orders", "owner": "group:default/payments", "replicas": 2, "public": True,
        }  # fmt: skip
        assert (tmp_path / "orders" / "README.md").read_text() == "# orders\n"
        assert 'remote "origin"' not in (tmp_path / "orders" / ".git" / "config").read_text()
        assert f"orders runs in dev at {URL}" in result.out

    def test_without_waiting(self, roadbed: Run, tmp_path: Path) -> None:
        assert roadbed("new", "python-api", "orders", "--no-wait").out == "op_1\n"
        assert not (tmp_path / "orders").exists()

    def test_makes_nothing_where_the_directory_is_taken(
        self, roadbed: Run, platform: FakePlatform, tmp_path: Path
    ) -> None:
        (tmp_path / "orders").mkdir()
        (tmp_path / "orders" / "precious").touch()
        assert roadbed("new", "python-api", "orders").code == 2
        assert not platform.asked("POST", "/templates/python-api/runs")

    def test_an_unknown_golden_path(self, roadbed: Run) -> None:
        result = roadbed("new", "pyton-api", "orders")
        assert result.code == 4
        assert "did you mean python-api?" in result.err


class TestLogin:
    def test_with_a_password_from_stdin(
        self, cli: Run, platform: FakePlatform, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin.readline", lambda: "correct horse\n", raising=False)
        result = cli("login", "--url", platform.url, "--username", "ada", "--password-stdin")
        assert result.code == 0, result.err
        file = credentials.client_file(home)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert cli("whoami").code == 0
        file.chmod(0o644)
        refused = cli("whoami")
        assert refused.code == 5
        assert "others on this machine can read your login" in refused.err

    def test_a_wrong_password(
        self, cli: Run, platform: FakePlatform, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin.readline", lambda: "guess\n", raising=False)
        result = cli("login", "--url", platform.url, "--username", "ada", "--password-stdin")
        assert result.code == 5
        assert result.err == "✗ wrong name or password\n"
        assert not credentials.client_file(home).exists()

    def test_with_a_token_then_out(self, cli: Run, platform: FakePlatform) -> None:
        assert cli("login", "--url", platform.url, "--token", TOKEN).code == 0
        assert cli("apps").code == 0
        assert "Logged out" in cli("logout").err
        result = cli("apps")
        assert (result.code, result.err) == (5, "✗ you are not logged in\n  → run `roadbed login`\n")

    def test_a_wrong_token_is_not_kept(self, cli: Run, platform: FakePlatform, home: Path) -> None:
        assert cli("login", "--url", platform.url, "--token", "wrong").code == 5
        assert not credentials.client_file(home).exists()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("roadbed dep", {"deploy"}),
        ("roadbed status or", {"orders"}),
        ("roadbed apps --en", {"--environment"}),
        ("roadbed ps orders -e d", {"dev"}),
        ("roadbed new py", {"python-api"}),
        ("roadbed ops ", {"show", "cancel"}),
        ("roadbed stack secrets network@dev ", {"set", "unset"}),
        ("roadbed stack secrets network@dev set API_KEY ", {"TOKEN"}),
    ],
)
def test_completion(words: str, found: set[str], roadbed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ROADBED_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - (not words.endswith(" "))))
    assert set(roadbed().out.split()) == found


def test_completion_without_a_platform_is_silent(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ROADBED_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "roadbed status or")
    monkeypatch.setenv("COMP_CWORD", "2")
    result = cli()
    assert (result.code, result.out.strip(), result.err) == (0, "", "")


def test_work_that_outlived_its_server_says_so(roadbed: Run, platform: FakePlatform) -> None:
    told = "taken up again after the server ended"
    assert told not in roadbed("ops", "show", "op_1").out
    platform.operations["op_1"] = operation(attempt=3)
    assert f"{told}, for the 2nd time" in roadbed("ops", "show", "op_1").out
    assert roadbed("ops", "show", "op_1", "--follow").err.count(f"↻ {told}, for the 2nd time\n") == 1
