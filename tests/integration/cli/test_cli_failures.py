"""What bad input gets: one message, the documented exit code, no traceback; a problem document where JSON was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakes.platform_api import TOKEN, FakePlatform
from roadbed.cli import watch
from roadbed.detection.files import READERS
from roadbed.kit.errors import Conflict, Problem, Refused, Unavailable

Run = Callable[..., Any]
PROJECTS = Path(__file__).parents[2] / "projects"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("deplyo",), 2, "did you mean `roadbed deploy`?"),
        (("deploy", "--bogus"), 2, "roadbed deploy --help"),
        (("apps", "-o", "xml"), 2, "xml"),
        (("status", "order"), 4, "did you mean orders?"),
        (("logs", "orders", "-w", "w\udcff"), 2, r"the argument 'w\xff' is no UTF-8"),
        (("status", "Nope!"), 2, "is not a valid name"),
        (("ps",), 2, "no application is named"),
        (("deploy", "nowhere", "-a", "orders"), 2, "nowhere does not exist"),
        (("deploy", "nowhere"), 2, "nowhere does not exist"),
        (("plan", "nowhere"), 2, "nowhere does not exist"),
        (("deploy", __file__), 2, "test_cli_failures.py is a file, no directory"),
        (("ops", "show", "op_9"), 4, "there is no operation op_9"),
        (("scale", "orders", "web"), 2, "says no number of replicas"),
        (("scale", "orders", "api=2"), 2, "orders has: web"),
        (("scale", "orders"), 2, "how many of what?"),
        (("config", "orders", "sett", "A=1"), 2, "neither set nor unset"),
        (("config", "orders", "set", "A"), 2, "sets nothing"),
        (("config", "orders", "set"), 2, "what to set?"),
        (("rollback", "orders", "latest"), 2, "is no release"),
        (("new", "python-api", "orders", "-p", "replicas=many"), 2, "replicas=many is no integer"),
        (("new", "python-api", "orders", "-p", "ownr=x"), 2, "did you mean owner?"),
        (("login", "--url", "ftp://x", "--token", "t"), 2, "is not the address of a platform"),
        (("login", "--password-stdin"), 2, "whose password is it?"),
    ],
)
def test_one_message_and_the_documented_code(words: tuple[str, ...], code: int, said: str, roadbed: Run) -> None:
    result = roadbed(*words)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert result.err.count("✗ ") == 1
    assert "Traceback" not in result.err


def test_as_a_problem_document(roadbed: Run) -> None:
    result = roadbed("status", "order", "-o", "json")
    assert (result.code, result.out) == (4, "")
    problem = json.loads(result.err)
    assert (problem["code"], problem["exit_code"], problem["hint"]) == ("not_found", 4, "did you mean orders?")


@pytest.mark.parametrize(("error", "code"), [(Refused("no"), 3), (Conflict("stale"), 1)])
def test_the_platforms_errors_keep_their_code(
    error: Exception, code: int, roadbed: Run, platform: FakePlatform
) -> None:
    platform.answers["GET", "/applications"] = error
    assert roadbed("apps").code == code


@pytest.mark.parametrize("token", ["\udcff", "a\nb", "€"])
def test_a_token_that_can_be_none(token: str, roadbed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROADBED_TOKEN", token)
    result = roadbed("apps")
    assert (result.code, result.out) == (5, "")
    assert result.err.startswith("✗ the token holds characters that no token has\n")


def test_all_problems_are_shown(roadbed: Run, platform: FakePlatform) -> None:
    problems = (Problem("wrong", "right it", "score.yaml", 3, 7), Problem("worse", None, "score.yaml", 9))
    platform.answers["GET", "/applications"] = Refused("score.yaml has 2 problems", problems=problems)
    assert roadbed("apps").err == (
        "✗ score.yaml has 2 problems\n  score.yaml:3:7: wrong\n    → right it\n  score.yaml:9: worse\n"
    )


def test_no_platform(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("apps").code == 5
    monkeypatch.setenv("ROADBED_URL", "http://127.0.0.1:1")
    result = cli("apps")
    assert result.code == 5
    assert result.err == "✗ can't reach the platform at http://127.0.0.1:1\n  → start it with `roadbed up`\n"


def test_an_answer_of_another_server(roadbed: Run, platform: FakePlatform) -> None:
    platform.answers["GET", "/applications"] = {"unexpected": True}
    result = roadbed("apps")
    assert result.code == 1
    assert "KeyError" in result.err
    assert "Traceback" not in result.err


def test_a_score_file_that_is_no_yaml(roadbed: Run, tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_text("metadata: {name: [\n")
    result = roadbed("ps")
    assert result.code == 2
    assert "score.yaml:2:1: is no YAML" in result.err


def test_a_score_file_that_is_no_utf8(roadbed: Run, tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_bytes(b"metadata:\n  name: \xff\n")
    result = roadbed("deploy")
    assert (result.code, result.err) == (2, "✗ score.yaml:2: this is not UTF-8 text\n")


def test_a_server_that_is_lost_for_good_leaves_the_operation(
    roadbed: Run, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_PATIENCE", 0)
    platform.answers["GET", "/operations/op_1"] = Unavailable("gone")
    result = roadbed("restart", "orders")
    assert result.code == 5
    assert "✗ gone; the end of op_1 was not seen\n" in result.err
    assert "op_1 goes on; to watch it again: roadbed ops show op_1 --follow" in result.err


def roadbed_process(platform: FakePlatform, home: Path, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    environment = os.environ | {"ROADBED_URL": platform.url, "ROADBED_TOKEN": TOKEN, "ROADBED_HOME": str(home)}
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def test_a_reader_that_leaves_is_no_failure(platform: FakePlatform, home: Path) -> None:
    line = {"at": None, "replica": "web-1", "workload": "web", "stream": "stdout", "text": "x" * 1000}
    platform.answers["GET", "/applications/orders/logs"] = {"items": [line]}
    with roadbed_process(platform, home, "-m", "roadbed.cli.main", "apps") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def modules_of(words: list[str], platform: FakePlatform, home: Path) -> set[str]:
    """What a command has imported when it is done."""
    program = (
        "import sys\nfrom roadbed.cli.main import run\n"
        f"code = run({words!r})\nprint(*sys.modules, file=sys.stderr)\nsys.exit(code)"
    )
    with roadbed_process(platform, home, "-c", program) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said
    return set(said.decode().splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["apps"], ["deploy", "--help"]])
def test_stays_light(words: list[str], platform: FakePlatform, home: Path) -> None:
    """What costs a tenth of a second to import is not imported."""
    heavy = {"rich", "httpx", "pydantic", "fastapi", "sqlalchemy", "yaml", "psutil", "cedarpy"}
    assert not heavy & modules_of(words, platform, home)


@pytest.mark.parametrize(
    ("project", "reads", "heavy"),
    [
        ("express", {"node_packages", "node_commands"}, {"configparser", "tomllib"}),
        ("django", {"python_packages", "python_code", "django"}, {"yaml", "configparser", "tomllib"}),
    ],
)
def test_a_deploy_loads_what_its_tree_has(
    project: str, reads: set[str], heavy: set[str], platform: FakePlatform, home: Path
) -> None:
    """Readers of other languages and of files that aren't there, and what only the platform does, are not imported."""
    modules = modules_of(["deploy", str(PROJECTS / project), "--yes", "--detach"], platform, home)
    languages = {"go_code", "ruby_code", "node_packages", "node_commands", "python_packages", "python_code", "django"}
    files = {*READERS.values(), "dockerfile", "toml_text", "python_versions", "unlisted", "python_imports"}
    writers = {"rendered", "score_file", "yaml_text", "places", "source"}
    start = "roadbed.detection."
    detection = {name.removeprefix(start) for name in modules if name.startswith(start)}
    assert reads <= detection
    assert not detection & (languages | files | writers) - reads
    workload = {"roadbed.workload.application", "roadbed.workload.source", "roadbed.workload.schedules"}
    assert not modules & (heavy | workload | {"packaging", "zoneinfo", "logging", "roadbed.client.models"})
