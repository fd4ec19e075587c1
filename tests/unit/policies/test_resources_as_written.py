"""What the packs say of resources as engineers write them: `tests/cases/resources_as_written.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from policy_packs import shipped
from roadbed.sdk.examples import judged
from roadbed.sdk.policies import Example

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[2] / "cases" / "resources_as_written.yaml").read_text(encoding="utf-8"),
    Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),
)
OF_STACKS = ("data-is-backed-up", "stack-has-owner")
"""They judge what stands beside a resource, and there is nothing."""


def speaking(case: dict[str, Any]) -> dict[str, str]:
    """The policies that speak against the resource, each with its pack."""
    example = Example(**{key: value for key, value in case.items() if key not in ("refused", "passed")})
    asked = [one for one in shipped() if one.name not in OF_STACKS and one.is_for(case["type"])]
    return {one.name: one.pack for one in asked if judged(one, example)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['type']}-{case.get('passed', 'refused')}")
def test_the_packs_say_what_an_engineer_expects(case: dict[str, Any]) -> None:
    found = speaking(case)
    assert set(case.get("refused", ())) <= found.keys()
    assert case.get("passed") not in found.values()
