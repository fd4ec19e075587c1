"""The table of all policies, `tests/cases/policies.yaml`: each with a case that it refuses, and one that it passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_packs import named, shipped
from roadbed.quotas.cases import QuotaCase
from roadbed.quotas.described import BUDGET_INFO, QUOTA_INFO
from roadbed.sdk.examples import judged
from roadbed.sdk.policies import Example

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "policies.yaml").read_text(encoding="utf-8")
)
BUILT_IN = (QUOTA_INFO, BUDGET_INFO)
ROWS = [(pack, name, row) for pack, rows in TABLE.items() for name, row in rows.items()]


def said(pack: str, name: str, case: dict[str, Any]) -> list[str]:
    if pack == "built-in":
        return [verdict.message for verdict in QuotaCase(**case).judged() if verdict.policy == name and verdict.refuses]
    beside = [Example(**each) for each in case.get("resources", ())]
    found = judged(named(name), Example(**{**case, "resources": beside}))
    assert [one.error for one in found if one.error] == []
    return [one.message for one in found]


def test_no_policy_is_missing_in_the_table() -> None:
    known = {(one.pack, one.name) for one in shipped()} | {(one.pack, one.name) for one in BUILT_IN}
    assert {(pack, name) for pack, name, _ in ROWS} == known


@pytest.mark.parametrize(("pack", "name", "row"), ROWS, ids=lambda value: value if isinstance(value, str) else "")
def test_it_refuses_the_one_and_lets_the_other_pass(pack: str, name: str, row: dict[str, Any]) -> None:
    assert row.keys() == {"refused", "passed"}
    assert said(pack, name, row["refused"])
    assert said(pack, name, row["passed"]) == []
