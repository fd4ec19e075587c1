"""`up`, `down` and `server`, with a stand-in for the server: what they start, show, refuse and leave."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import fakes.server_main
from roadbed.cli import processes
from roadbed.client.local import RunFiles, ServerProcess
from waiting import until

Run = Callable[..., Any]
TESTS = Path(fakes.server_main.__file__).parent.parent


@pytest.fixture
def files(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunFiles]:
    """A home whose server is the stand-in, and is gone afterwards."""
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    monkeypatch.setattr(processes, "MAIN", (sys.executable, "-m", "fakes.server_main"))
    files = RunFiles(home)
    yield files
    if (process := files.server()) is not None:
        os.kill(process.pid, signal.SIGKILL)


def test_up_and_down(cli: Run, files: RunFiles) -> None:
    first = cli("up", "--detach", "--port", "7007")
    assert first.code == 0, first.err
    assert "✓ Starting the databases" in first.err
    assert "● Roadbed is ready at http://127.0.0.1:" in first.err
    assert "First login, once: http://127.0.0.1:" in first.err
    assert "serving on port 7007" in files.log.read_text()
    again = cli("up", "--detach")
    assert again.code == 0
    assert "is running already" in again.err
    assert "First login" not in again.err
    down = cli("down")
    assert (down.code, files.server()) == (0, None)
    assert "✓ Stopping the applications" in down.err
    assert (files.home / "stopped").exists()
    assert "was not running" in cli("down").err


def test_the_login_url_is_kept_nowhere(cli: Run, files: RunFiles) -> None:
    cli("up", "--detach")
    assert "once" not in (files.home / "run" / "ready.json").read_text()


def test_up_as_json(cli: Run, files: RunFiles) -> None:
    result = cli("up", "-d", "-o", "json")
    assert result.err == ""
    assert result.json["already_running"] is False
    assert result.json["url"].startswith("http://127.0.0.1:")
    assert cli("down", "-o", "json").json == {"status": "stopped", "was_running": True}


def test_up_after_everything_was_killed(cli: Run, files: RunFiles) -> None:
    cli("up", "--detach")
    process = files.server()
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    result = cli("up", "--detach")
    assert (result.code, "is ready" in result.err) == (0, True)
    assert files.server() not in (None, process)


def test_why_it_could_not_start(cli: Run, files: RunFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SERVER", "fails")
    told = cli("up", "--detach")
    assert told.code == 3
    assert told.err.endswith("✗ the licence of this fake has run out\n  → buy another\n")
    monkeypatch.setenv("FAKE_SERVER", "dies")
    untold = cli("up", "--detach")
    assert untold.code == 5
    assert "exit code 7" in untold.err
    assert "could not bind its shoes" in untold.err


def test_a_home_that_can_not_be(cli: Run, files: RunFiles) -> None:
    files.home.write_text("a file")
    result = cli("up", "--detach")
    assert result.code == 5
    assert "can't keep state in" in result.err
    assert "set ROADBED_HOME" in result.err


STAY = """
import sys
from roadbed.cli import processes
from roadbed.cli.main import main
processes.MAIN = (sys.executable, "-m", "fakes.server_main")
main()
"""


async def launch(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", STAY, *words, stdout=PIPE, stderr=PIPE)


async def the_server(files: RunFiles) -> ServerProcess:
    """Once it is ready."""

    def ready() -> ServerProcess | None:
        process = files.server()
        return process if process and files.ready(process) else None

    return cast(ServerProcess, await until(ready, what="a server that is ready"))


async def test_in_the_foreground_until_interrupted(files: RunFiles) -> None:
    up = await launch("up")
    await the_server(files)
    up.send_signal(signal.SIGINT)
    _, said = await up.communicate()
    assert up.returncode in (0, 130), said
    assert "Stopping" in said.decode()
    assert files.server() is None
    assert (files.home / "stopped").exists()


async def test_server_in_the_foreground(files: RunFiles, cli: Run) -> None:
    server = await launch("server", "--roles", "api")
    assert (await the_server(files)).pid == server.pid
    second = cli("server")
    assert second.code == 1
    assert "running already" in second.err
    server.terminate()
    await server.communicate()
    assert server.returncode == 0


def test_doctor_without_a_platform(cli: Run, home: Path) -> None:
    result = cli("doctor", "-o", "json")
    states = {item["check"]: item["state"] for item in json.loads(result.out)["items"]}
    assert states.keys() >= {"python", "git", "node", "home", "disk", "platform"}
    assert states["platform"] == "warning"
