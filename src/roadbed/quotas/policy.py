"""The built-in policy `quota`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roadbed.kit.names import group_reference
from roadbed.platform.packs import BUILT_IN
from roadbed.policy.domain import Case, Effective, PolicyInfo, Verdict
from roadbed.quotas.cases import PASSES, REFUSES, QuotaCase
from roadbed.quotas.service import Quotas
from roadbed.quotas.verdicts import POLICY, REASON, verdicts
from roadbed.storage.call import Call

FILE = "roadbed/quotas/policy.py"
_ABOUT = """It counts what a team's stacks hold in an environment, with what is being applied right now, and what the
plan makes of its own. Limits stand in `quotas.yaml` of the platform repo. Only what a plan asks for more is refused: a
team that has too much can still change what it has, and give back. `near` is the percentage at which it advises."""


class QuotaPolicy:
    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    @property
    def info(self) -> PolicyInfo:
        return INFO

    async def judge(self, call: Call, case: Case, meant: Effective) -> Sequence[Verdict]:
        """What nobody owns has no quota. Raises InvalidInput for a `quotas.yaml` that can't be read."""
        where = case.context
        if where.owner is None or meant.level is None:
            return ()
        allowances = await self._quotas.allowances(call)
        if not allowances.limits(group_reference(where.owner), where.environment, where.kind):
            return ()
        counting = await self._quotas.counting(call, allowances, where.owner, where.environment, where.kind)
        asks = counting.asks(where.stack, case.held)
        return verdicts(
            asks,
            counting.team,
            where.environment,
            level=meant.level,
            near=meant.config["near"],
            ask=allowances.ask,
        )

    def outcomes(self) -> Sequence[Mapping[str, Any]]:
        return list(outcomes())


INFO = PolicyInfo(
    name=POLICY,
    pack=BUILT_IN,
    level="mandatory",
    on="plan",
    types=("*",),
    reason=REASON,
    remedy="ask for less, free some, or have the limit raised in quotas.yaml",
    documentation=_ABOUT,
    config={"near": 80},
    approvals=None,
    refuses=tuple(case.document for case in REFUSES),
    passes=tuple(case.document for case in PASSES),
    file=FILE,
    line=inspect.getsourcelines(QuotaPolicy)[1],
)


def outcomes() -> Iterator[Mapping[str, Any]]:
    for expected, cases in (("refuses", REFUSES), ("passes", PASSES)):
        yield from (_outcome(expected, number, case) for number, case in enumerate(cases, 1))


def _outcome(expected: str, number: int, case: QuotaCase) -> dict[str, Any]:
    said = [verdict.message for verdict in case.judged() if verdict.refuses]
    wrong = None if bool(said) == (expected == "refuses") else f"it says: {said}"
    told = {"policy": POLICY, "pack": BUILT_IN, "expected": expected, "number": number}
    return {**told, "wrong": wrong, "said": said, "file": FILE, "line": INFO.line}
