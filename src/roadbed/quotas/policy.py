"""The built-in policies `quota` and `budget`: one counts what is taken, the other what is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.estimates.pricing import Pricer
from roadbed.kit.access import require_somebody
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.kit.names import group_reference
from roadbed.policy.domain import Case, Effective, PolicyInfo, Verdict
from roadbed.quotas.cases import BUDGET_CASES, QUOTA_CASES, Cases, outcomes
from roadbed.quotas.described import BUDGET_INFO, QUOTA_INFO
from roadbed.quotas.domain import COST
from roadbed.quotas.service import Quotas
from roadbed.quotas.verdicts import unpriced, verdicts
from roadbed.storage.call import Call


class CountedPolicy:
    """What nobody owns has neither quota nor budget."""

    def __init__(self, quotas: Quotas, info: PolicyInfo, cases: Cases) -> None:
        self._quotas, self._info, self._cases = quotas, info, cases
        self._spending = info is BUDGET_INFO

    @property
    def info(self) -> PolicyInfo:
        return self._info

    async def judge(self, call: Call, case: Case, meant: Effective) -> Sequence[Verdict]:
        """Raises InvalidInput for a `quotas.yaml` that can't be read."""
        require_somebody(call.principal)
        where, level = case.context, meant.level
        if where.owner is None or level is None:
            return ()
        allowances = await self._quotas.allowances(call)
        limits = allowances.limits(group_reference(where.owner), where.environment, where.kind)
        meant_here = [limit for limit in limits if (limit.of == COST) == self._spending]
        if not meant_here:
            return ()
        pricer = await self._pricer(call, where.environment)
        known = pricer if isinstance(pricer, Pricer) else None
        counting = await self._quotas.counting(call, allowances, where.owner, where.environment, where.kind, known)
        if isinstance(pricer, InvalidInput | NotFound):
            changed = counting.changed(where.stack, case.held)
            return [unpriced(counting, changed[-1][1], level, pricer)] if changed and changed[-1][1] else []
        return verdicts(counting, where.stack, case.held, level=level, near=meant.config["near"])

    async def _pricer(self, call: Call, environment: str) -> Pricer | InvalidInput | NotFound | None:
        """None for a quota, which asks for no prices; or why nobody can say what is spent."""
        if not self._spending:
            return None
        try:
            return await self._quotas.pricer(call, environment)
        except (InvalidInput, NotFound) as problem:
            return problem

    def outcomes(self) -> Sequence[Mapping[str, Any]]:
        return list(outcomes(self._info, self._cases))


def counted_policies(quotas: Quotas) -> list[CountedPolicy]:
    return [CountedPolicy(quotas, QUOTA_INFO, QUOTA_CASES), CountedPolicy(quotas, BUDGET_INFO, BUDGET_CASES)]
