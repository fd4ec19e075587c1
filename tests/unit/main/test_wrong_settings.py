"""Who starts the server learns which setting is wrong, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roadbed.client.local import RunFiles
from roadbed.main.__main__ import main


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ROADBED_RUNTIMES__DEADLINE_S", "-5", "ROADBED_RUNTIMES__DEADLINE_S: Input should be greater than 0"),
        ("ROADBED_RUNTIMES__SETTLE_S", "60", "ROADBED_RUNTIMES: Value error, settle_s must be less than deadline_s"),
        ("ROADBED_API__PORT", "many", "ROADBED_API__PORT: Input should be a valid integer"),
        ("ROADBED_API__HOSTS", "x", "ROADBED_API, or one that begins with ROADBED_API__, is no JSON"),
    ],
)
def test_it_is_announced_with_its_name(
    variable: str, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROADBED_HOME", str(tmp_path))
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "argv", ["roadbed.main", "serve"])
    files = RunFiles(tmp_path)
    files.prepare()
    assert main() == 2
    failure = files.failure()
    assert failure is not None
    assert failure.exit_code == 2
    assert [problem.message.startswith(said) for problem in failure.problems] == [True]
