"""The last lines of a plan."""

from __future__ import annotations

from typing import Any

from roadbed.cli.plan_view import summary


def test_loss_of_data_is_said_at_the_end_of_a_plan() -> None:
    step = {"urn": "shop@dev/web/files#runtime:Volume", "action": "delete", "loses_data": True}
    plan: Any = {"stack": "shop@dev", "summary": {"delete": 1, "none": 2}, "steps": [step]}
    assert summary(plan) == "1 to delete; 2 unchanged.\nThis deletes the data in web/files."
    plan["steps"] = [{**step, "loses_data": False}]
    assert summary(plan) == "1 to delete; 2 unchanged."
