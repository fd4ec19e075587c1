"""What `roadbed stack` says of drift that was found before the state's last change."""

from __future__ import annotations

from typing import Any

from fakes.stacks_api import AT, DRIFT, STACK_DETAIL, STACK_ROW
from roadbed.cli.stack_view import drift_report, stack_table, stack_view

LOOKED_BEFORE: Any = {"at": AT, "changed": 1, "gone": 0, "unreadable": 0, "stale": True}


def test_drift_of_an_earlier_state_is_no_drift() -> None:
    row: Any = {**STACK_ROW, "drift": LOOKED_BEFORE}
    table = stack_table({"items": [row]})
    assert "unknown" in table
    assert "1 changed" not in table
    shown = stack_view({**STACK_DETAIL, "drift": LOOKED_BEFORE, "items": []})
    assert "the state has changed since" in shown
    assert "1 changed" not in shown
    stale: Any = {**DRIFT, "stale": True}
    report = drift_report(stale)
    assert report.startswith("Nobody has looked at network@dev since its state changed")
    assert "core:Data" not in report
