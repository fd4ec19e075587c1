"""What `roadbed stack` says of drift that was found before the state's last change, and of what was done."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.stacks_api import AT, DRIFT, STACK_DETAIL, STACK_ROW, resource
from roadbed.cli.stack_view import (
    drift_report,
    history_table,
    resource_view,
    stack_table,
    stack_view,
    versions_view,
)

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


def test_what_an_update_that_failed_left_unknown_is_said_so() -> None:
    item: Any = resource("job", properties={"command": ["x"], "environment": {"K": {"$unknown": True}}})
    others: Any = [resource(f"other-{number}") for number in range(60)]
    shown = resource_view(item)
    assert "State     update failed" in shown
    assert 'environment  {"K": "(not known since a change failed)"}' in shown
    assert "after apply" not in shown
    assert "update failed" in stack_view({**STACK_DETAIL, "items": [item]})
    (unwell,) = [line for line in stack_view({**STACK_DETAIL, "items": [item, *others]}).splitlines() if "job" in line]
    assert "update failed" in unwell
    half_made: Any = resource("job", state="failed", properties={"environment": {"$unknown": True}})
    assert "State     failed" in resource_view(half_made)


def test_a_version_says_what_a_failed_update_left_unknown() -> None:
    change = {"path": "environment.K", "before": "1", "after": {"$unknown": True}, "secret": False, "unknown": True}
    item: Any = {"at": AT, "plan": 4, "do": "update", "event": "failed", "error": None, "changes": [change]}
    assert 'environment.K  "1" → (not known since a change failed)' in versions_view({"items": [item]})


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
