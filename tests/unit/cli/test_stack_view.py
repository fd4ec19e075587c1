"""What `roadbed stack` says of drift that was found before the state's last change, and of what was done."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.stacks_api import AT, DRIFT, STACK_DETAIL, STACK_ROW
from roadbed.cli.stack_view import drift_report, history_table, stack_table, stack_view

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


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ({"create": 2, "none": 5, "update": 0}, "2 create"),
        ({"create": 1, "error": {"message": "1 of 2 failed", "detail": "no room"}}, "1 create, no room"),
        ({"create": 1, "cancelled": True}, "1 create, cancelled"),
        ({"forgotten": ["network@dev/main/zone#core:Data"]}, "forgotten main/zone"),
        ({"forgotten": [f"network@dev/{name}#core:Data" for name in "abcd"]}, "forgotten a, b, c …"),
    ],
)
def test_history_says_in_words_what_was_done(summary: dict[str, Any], said: str) -> None:
    entry: Any = {
        "id": 1,
        "at": AT,
        "by": "user:ada",
        "action": "apply",
        "plan": 1,
        "outcome": "done",
        "summary": summary,
    }
    row = history_table({"items": [entry]}).splitlines()[-1]
    assert row.endswith(f"  {said}")
