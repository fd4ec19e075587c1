"""The guide to the Python client runs, against a client that remembers what it was asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest

import roadbed
from roadbed.client.client import Client
from roadbed.client.operations import Operations
from roadbed.client.stacks import Stacks

PAGE = Path(roadbed.__file__).parents[2] / "docs" / "guides" / "drive-roadbed-from-python.md"
URN = "warehouse@dev/main#postgres:Database"


def test_its_program_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    client: Any = create_autospec(Client, instance=True)
    client.stacks = create_autospec(Stacks, instance=True)
    client.stacks.plan.return_value = {"number": 7, "empty": False, "steps": [{"action": "create", "urn": URN}]}
    client.stacks.follow.return_value = iter(
        {"id": id_, "urn": URN, "do": "create", "event": event} for id_, event in ((1, "began"), (2, "succeeded"))
    )
    client.stacks.apply.return_value = {"operation": {"id": "op_1"}}
    client.operations = create_autospec(Operations, instance=True)
    client.operations.wait.return_value = {"state": "succeeded", "result": {"status": "succeeded"}, "error": None}
    monkeypatch.setattr(Client, "found", lambda: client)
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(program, str(PAGE), "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        f"create {URN}",
        f"create {URN} succeeded",
        "succeeded {'status': 'succeeded'}",
    ]
    client.operations.wait.assert_called_once_with("op_1")
    client.stacks.apply.assert_called_once_with("warehouse@dev", 7)


@pytest.mark.parametrize("method", sorted(set(re.findall(r"`?stacks\.(\w+)\(", PAGE.read_text(encoding="utf-8")))))
def test_what_it_names_exists(method: str) -> None:
    assert callable(getattr(Stacks, method))
