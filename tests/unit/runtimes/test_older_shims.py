"""A replica outlives the platform that started it: its shim may be of an older release."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from roadbed.runtimes.domain import Endpoint
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.settings import RuntimeSettings


@pytest.fixture
def shim() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:  # ends by any signal that it isn't told to expect
        yield process
        process.kill()


def test_a_shim_that_knows_no_containers_is_told_nothing(tmp_path: Path, shim: subprocess.Popen[bytes]) -> None:
    folder = tmp_path / "replicas" / "r1"
    folder.mkdir(parents=True)
    started = Path(f"/proc/{shim.pid}/stat").read_text().rpartition(")")[2].split()[19]
    state = {"attempt": 1, "stack": "a@dev", "port": 21000, "pid": shim.pid, "started": started, "replica": 1}
    (folder / "state.json").write_text(
        json.dumps({**state, "started_at": "2026-01-01T00:00:00Z", "ended_at": None, "code": None, "reason": None})
    )
    driver = ProcessDriver(tmp_path, RuntimeSettings())

    driver.settled("r1")
    driver.healthy("r1", "main")
    driver.restart("r1", "main")

    assert [path.name for path in folder.iterdir()] == ["state.json"]
    assert driver.endpoints("r1") == {"": Endpoint("127.0.0.1", 21000)}
    status = driver.inspect("r1")
    assert status is not None
    assert status.running
