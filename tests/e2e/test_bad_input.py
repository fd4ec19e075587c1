"""Each wrong input gets one clear message and its exit code, and leaves nothing half-made."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from live_platform import ROADBED, Done, LivePlatform, StartPlatform, call, kill, live_platform, wait_for
from small_service import SmallService

pytestmark = pytest.mark.slow

STEPS = ("Building", "Planning", "Applying")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Iterator[LivePlatform]:
    """One whose new replicas have little time."""
    platform = start_platform(ROADBED_RUNTIMES__DEADLINE_S="8")
    yield platform
    assert "Traceback" not in platform.log


@pytest.fixture(scope="module")
def parcels(platform: LivePlatform) -> SmallService:
    service = SmallService("parcels", platform.folder / "parcels")
    service.write()
    platform.roadbed("deploy", service.folder)
    return service


def told(done: Done, code: int, *parts: str) -> None:
    """That it ended with `code` and said just this, once, without anything for programmers."""
    said = done.stderr
    assert done.code == code, said
    for part in parts:
        assert part in said, said
    steps = len(re.findall(rf"^✗ ({'|'.join(STEPS)})(  .*)?$", said, re.MULTILINE))
    assert said.count("✗ ") - steps == 1, said
    for word in ("Traceback", "roadbed.kit", "Exception", "bug in the roadbed"):
        assert word not in said + done.stdout, said


def state(platform: LivePlatform) -> tuple[list[Any], list[Any], list[Any]]:
    """What there is, what serves, and the releases."""
    applications = [_without(one, "updated_at") for one in platform.items("apps")]
    measured = ("cpu_percent", "memory_mb")
    replicas = [_without(one, *measured) for one in platform.items("ps", "parcels") if one["state"] == "ready"]
    return applications, replicas, platform.items("releases", "parcels")


def _without(document: Any, *names: str) -> Any:
    return {key: value for key, value in document.items() if key not in names}


@dataclass(frozen=True, slots=True)
class Case:
    """In `file`, `old` becomes `new`; that is refused or fails with `code`, in the words of `says`."""

    name: str
    file: str
    old: str
    new: str
    code: int
    says: tuple[str, ...]
    releases: int = 0
    """How many failed releases it leaves as a record."""

    def __str__(self) -> str:
        return self.name


CASES = (
    Case(
        "a wrong Score field",
        "score.yaml",
        "targetPort",
        "targtPort",
        2,
        ("score.yaml:16:22", "service.ports.http.targtPort is not a known field", "did you mean 'targetPort'?"),
    ),
    Case(
        "a wrong value",
        "score.yaml",
        "port: 80,",
        "port: eighty,",
        2,
        ("score.yaml:16:18", "service.ports.http.port", "whole number"),
    ),
    Case("no YAML", "score.yaml", "containers:", "containers: [", 2, ("score.yaml:7:", "this is not valid YAML")),
    Case(
        "a wrong field of roadbed.yaml", "roadbed.yaml", "owner:", "onwer:", 2, ("roadbed.yaml:5:3", "onwer", "'owner'")
    ),
    Case(
        "an unknown placeholder",
        "score.yaml",
        "${resources.dns.host}\n",
        "${resources.dnss.host}\n",
        2,
        ("score.yaml:10:14", "dnss", "dns"),
    ),
    Case(
        "an unknown output of a resource",
        "score.yaml",
        "${resources.dns.host}\n",
        "${resources.dns.hots}\n",
        2,
        ("score.yaml:10:14", "hots", "host"),
    ),
    Case("an unknown type of resource", "score.yaml", "type: dns", "type: dsn", 2, ("score.yaml:20:", "dsn", "dns")),
    Case(
        "a route to a port that there isn't",
        "score.yaml",
        "path: /, port: http}",
        "path: /, port: https}",
        2,
        ("score.yaml:23:", "no port 'https'", "http"),
    ),
    Case(
        "a build that fails",
        "pyproject.toml",
        "dependencies = []",
        'dependencies = ["no-such-package-anywhere-at-all==99.1"]',
        1,
        ("the build failed", "no-such-package-anywhere-at-all", "mend"),
    ),
    Case(
        "a project file that can't be read",
        "pyproject.toml",
        "[project]",
        "[project",
        2,
        ("pyproject.toml:1:9: this is not valid TOML",),
    ),
    Case(
        "a process that exits at once",
        "main.py",
        "import os",
        'import os; print("no licence was found"); os._exit(3)',
        1,
        ("web did not start", "exit code 3", "no licence was found", "what ran before runs on"),
        releases=1,
    ),
    Case(
        "a command that there isn't",
        "score.yaml",
        "command: [python, main.py]",
        "command: [pyhton, main.py]",
        1,
        ("web did not start", "pyhton"),
        releases=1,
    ),
    Case(
        "a probe that never succeeds",
        "score.yaml",
        "path: /, port: 8080",
        "path: /ready, port: 8080",
        1,
        ("web did not start", "within 8 s", "GET /ready answered 404"),
        releases=1,
    ),
    Case(
        "a process that doesn't listen",
        "main.py",
        "ThreadingHTTPServer((",
        'import time; print("asleep", flush=True); time.sleep(60)\nThreadingHTTPServer((',
        1,
        ("web did not start", "within 8 s", "asleep"),
        releases=1,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_source(platform: LivePlatform, parcels: SmallService, case: Case) -> None:
    parcels.write()
    platform.roadbed("deploy", parcels.folder)
    url = platform.json("status", "parcels")["url"]
    apps, replicas, releases = state(platform)
    parcels.spoil(case.file, case.old, case.new)
    told(platform.roadbed("deploy", parcels.folder, ok=False), case.code, *case.says)
    wait_for(lambda: platform.items("ps", "parcels") and len(platform.replicas("parcels")) == 1, "only the old replica")
    after_apps, after_replicas, after_releases = state(platform)
    assert (after_apps, after_replicas) == (apps, replicas)
    failed = after_releases[: len(after_releases) - len(releases)]
    assert [one["status"] for one in failed] == ["failed"] * case.releases
    assert after_releases[len(failed) :] == releases
    assert call(url).body == b"1"


@pytest.mark.parametrize("case", [case for case in CASES if not case.releases], ids=str)
def test_a_wrong_source_of_something_new(platform: LivePlatform, tmp_path: Path, case: Case) -> None:
    service = SmallService("never", tmp_path / "never")
    service.write()
    service.spoil(case.file, case.old, case.new)
    told(platform.roadbed("deploy", service.folder, ok=False), case.code, *case.says)
    assert "never" not in [one["application"] for one in platform.items("apps")]
    assert platform.roadbed("releases", "never", ok=False).code == 4
    assert platform.api("GET", "/catalog/entities/component/default/never").status == 404


WRONG_WORDS = (
    ("status nowhere", 4, ("there is no application 'nowhere'", "roadbed apps")),
    ("status parcel", 4, ("there is no application 'parcel'", "did you mean parcels?")),
    ("logs nowhere", 4, ("there is no application 'nowhere'",)),
    ("ps parcels -e mars", 4, ("there is no environment 'mars'", "dev")),
    ("ps parcels -e prod", 4, ("there is no application 'parcels' in prod", "it is in: dev")),
    ("rollback parcels v99", 4, ("no release v99", "roadbed releases parcels")),
    ("rollback parcels latest", 2, ("latest", "v")),
    ("scale parcels wed=2", 4, ("no workload 'wed'", "web")),
    ("scale parcels web=many", 2, ("web=many", "web=3")),
    ("scale parcels web=1000", 2, ("1000", "50")),
    ("config parcels set NOVALUE", 2, ("NOVALUE",)),
    ("config parcels unset NOTHING", 4, ("NOTHING",)),
    ("ops show op_none", 4, ("no operation op_none",)),
    ("new pyhton-api x1", 4, ("no golden path 'pyhton-api'", "did you mean python-api?")),
    ("new python-api Not_A_Name", 2, ("Not_A_Name",)),
    ("new python-api x1 --owner group:default/nobody", 2, ("group:default/nobody",)),
    ("deploy no-such-folder", 2, ("no-such-folder",)),
    ("depoly", 2, ("depoly", "deploy")),
    ("apps --wrong", 2, ("--wrong", "--help")),
)


@pytest.mark.parametrize(
    ("words", "code", "says"), WRONG_WORDS, ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.usefixtures("parcels")
def test_wrong_words(platform: LivePlatform, words: str, code: int, says: tuple[str, ...]) -> None:
    told(platform.roadbed(*words.split(), ok=False), code, *says)
    machine = platform.roadbed(*words.split(), "-o", "json", ok=False) if "--wrong" not in words else None
    assert machine is None or (machine.code, machine.stdout) == (code, "")


def test_who_is_not_logged_in(platform: LivePlatform, tmp_path: Path) -> None:
    stranger = {"ROADBED_HOME": str(tmp_path), "ROADBED_URL": platform.login["url"]}
    told(platform.roadbed("apps", environment=stranger, ok=False), 5, "not logged in", "roadbed login")
    wrong = platform.roadbed("apps", environment={**stranger, "ROADBED_TOKEN": "rbt_wrong"}, ok=False)
    told(wrong, 5, "token", "roadbed login")


def test_nobody_is_there(platform: LivePlatform, tmp_path: Path) -> None:
    lost = {
        "ROADBED_HOME": str(tmp_path),
        "ROADBED_URL": f"http://127.0.0.1:{_unused_port()}",
        "ROADBED_TOKEN": "rbt_x",
    }
    told(platform.roadbed("apps", environment=lost, ok=False), 5, "can't reach the platform")
    told(platform.roadbed("apps", environment={"ROADBED_HOME": str(tmp_path)}, ok=False), 5, "roadbed up")


def test_a_viewer_changes_nothing(platform: LivePlatform, parcels: SmallService) -> None:
    assert platform.api("POST", "/users", {"name": "vera"}).status == 201
    grant = {"subject": "user:vera", "role": "viewer", "scope": "group:default/payments"}
    assert platform.api("POST", "/grants", grant).status == 201
    token = platform.api("POST", "/tokens", {"name": "test", "user": "vera"}).json["token"]
    vera = {"ROADBED_TOKEN": token, "ROADBED_URL": platform.login["url"]}
    assert "parcels" in platform.roadbed("apps", environment=vera).stdout
    before = state(platform)
    for words in ("scale parcels web=2", "restart parcels", "destroy parcels --yes", "config parcels set A=b"):
        told(platform.roadbed(*words.split(), environment=vera, ok=False), 3, "may not")
    told(platform.roadbed("deploy", parcels.folder, environment=vera, ok=False), 3, "may not")
    assert state(platform) == before
    refused = [one for one in platform.items("audit", "--by", "user:vera") if one["outcome"] == "refused"]
    assert {"application.scale", "application.restart", "application.destroy"} <= {one["action"] for one in refused}


def test_who_may_not_know_of_it_is_told_that_it_is_not_there(platform: LivePlatform, parcels: SmallService) -> None:
    assert platform.api("POST", "/users", {"name": "otto"}).status == 201
    grant = {"subject": "user:otto", "role": "owner", "scope": "group:default/other"}
    assert platform.api("POST", "/grants", grant).status == 201
    token = platform.api("POST", "/tokens", {"name": "test", "user": "otto"}).json["token"]
    otto = {"ROADBED_TOKEN": token, "ROADBED_URL": platform.login["url"]}
    hidden, absent = (platform.roadbed("status", name, environment=otto, ok=False) for name in ("parcels", "nowhere"))
    told(hidden, 4, "there is no application 'parcels' in dev")
    assert hidden.stderr.replace("parcels", "nowhere") == absent.stderr
    assert platform.json("apps", environment=otto)["items"] == []


def test_a_killed_database(platform: LivePlatform, parcels: SmallService) -> None:
    """It comes back by itself; held away, commands say so."""
    url = platform.json("status", "parcels")["url"]
    pid_file = platform.home / "postgres" / "platform" / "data" / "postmaster.pid"
    victim = int(pid_file.read_text().split()[0])
    data = platform.home / "postgres" / "platform" / "data" / "global" / "pg_control"
    aside = data.with_name("pg_control.aside")
    data.rename(aside)
    try:
        kill(victim)
        told(platform.roadbed("apps", ok=False), 5, "the platform's database can't be reached")
        answer = platform.api("GET", "/applications")
        assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
        assert call(url).body == b"1"
    finally:
        aside.rename(data)
    wait_for(lambda: platform.roadbed("apps", ok=False).code == 0, "the platform")
    assert call(url).body == b"1"


def test_ports_that_are_taken(run_folder: Path) -> None:
    with ExitStack() as stack:
        first = 13_400
        taken = [_held(stack, port) for port in (first, first + 100, first + 200)]
        platform = stack.enter_context(live_platform(run_folder / "live-ports", first))
        address = platform.json("up", "--detach")["url"]
        assert int(address.rpartition(":")[2]) in range(first + 1, first + 50)
        parts = {part["name"]: part["detail"] for part in platform.json("status")["components"]}
        for part in ("gateway", "applications' database"):
            assert not any(f":{port}" in f"{parts[part]} " for port in taken), parts
        service = SmallService("parcels", platform.folder / "parcels")
        service.write()
        deployed = platform.json("deploy", service.folder)
        assert call(deployed["url"]).body == b"1"


def test_a_home_that_is_read_only(run_folder: Path) -> None:
    with _mounted(run_folder, "ro", "size=1m,ro") as home:
        done = _up(home)
        told(done, 5, f"can't keep state in {home}", "read-only", "ROADBED_HOME")
        assert list(home.iterdir()) == []


def test_a_home_that_is_full(run_folder: Path) -> None:
    with _mounted(run_folder, "full", "size=8m,mode=0755") as home:
        done = _up(home)
        assert done.code == 5, done.stderr
        assert re.search(r"No space left|disk is full|space", done.stderr), done.stderr
        assert "Traceback" not in done.stderr + (home / "logs" / "server.log").read_text()
        assert _run("down", home).code == 0


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    told(_up(home), 5, f"can't keep state in {home}", "ROADBED_HOME")


def test_a_setting_that_is_wrong(run_folder: Path) -> None:
    home = run_folder / "live-setting"
    told(_run("up", home, "--detach", ROADBED_GATEWAY__PORT="many"), 2, "ROADBED_GATEWAY__PORT", "integer")
    shutil.rmtree(home)


def test_no_node(tmp_path: Path) -> None:
    """`make assets` where there is neither npm nor what it would have made."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "src/roadbed/portal/assets", copy / "src/roadbed/portal/assets", ignore=_ignored)
    shutil.copy(ROOT / "Makefile", copy)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "bash", "make", "find", "test", "echo"):
        if (found := shutil.which(name)) is not None:
            (tools / name).symlink_to(found)
    ran = subprocess.run(
        [str(tools / "make"), "assets"],
        cwd=copy,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.count("install Node 20 or newer") == 1
    assert "Traceback" not in ran.stderr
    assert not (copy / "src/roadbed/portal/static").exists()


def _ignored(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "node_modules"]


def _up(home: Path) -> Done:
    return _run("up", home, "--detach")


def _run(command: str, home: Path, *arguments: str, **settings: str) -> Done:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ROADBED_")}
    ran = subprocess.run(
        [str(ROADBED), command, *arguments],
        env={**own, "ROADBED_HOME": str(home), "ROADBED_API__PORT": "13800", **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(ran.returncode, ran.stdout, ran.stderr)


@contextmanager
def _mounted(folder: Path, name: str, options: str) -> Iterator[Path]:
    """A small file system of its own, which only root can have."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system for a home")
    home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", home], capture_output=True, check=False)
    if mounted.returncode != 0:
        home.rmdir()
        pytest.skip(f"this machine mounts nothing: {mounted.stderr.decode().strip()}")
    try:
        yield home
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)
        home.rmdir()


def _held(stack: ExitStack, port: int) -> int:
    stack.enter_context(socket.create_server(("127.0.0.1", port)))
    return port


def _unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
