"""What people are told of the built-in policies `quota` and `budget`."""

from __future__ import annotations

from roadbed.platform.packs import BUILT_IN
from roadbed.policy.domain import PolicyInfo
from roadbed.quotas.cases import BUDGET_CASES, QUOTA_CASES, Cases
from roadbed.quotas.verdicts import BUDGET, QUOTA, REASONS

_FILE, _LINE = "roadbed/quotas/policy.py", 20
_QUOTA = """It counts what a team's stacks hold in an environment, with what is being applied right now, and what the
plan makes of its own. Limits stand in `quotas.yaml` of the platform repo. Only what a plan asks for more is refused: a
team that has too much can still change what it has, and give back. `near` is the percentage at which it advises."""
_BUDGET = """It counts as `quota` does, but what a team's stacks cost by the month, by the price sheet of the platform
repo; of what costs from so much to so much, the most. `near` is the percentage at which it advises. What a resource
counts as whose cost is not known is `unsaid: {cost: …}` in `quotas.yaml`; without it nothing, which is told."""


def _info(name: str, remedy: str, documentation: str, cases: Cases) -> PolicyInfo:
    return PolicyInfo(
        name=name,
        pack=BUILT_IN,
        level="mandatory",
        on="plan",
        types=("*",),
        reason=REASONS[name],
        remedy=remedy,
        documentation=documentation,
        config={"near": 80},
        approvals=None,
        refuses=tuple(case.document for case in cases["refuses"]),
        passes=tuple(case.document for case in cases["passes"]),
        file=_FILE,
        line=_LINE,
    )


QUOTA_INFO = _info(QUOTA, "ask for less, free some, or have the limit raised in quotas.yaml", _QUOTA, QUOTA_CASES)
BUDGET_INFO = _info(
    BUDGET, "ask for less, give something back, or have the budget raised in quotas.yaml", _BUDGET, BUDGET_CASES
)
