"""The cases of the policies `quota` and `budget`: what each must refuse, and what it must let pass. Pure.

They are judged as plans are: by `verdicts`, over the stacks that a case has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from roadbed.engine.holdings import Holding
from roadbed.estimates.machines import MachineTables
from roadbed.estimates.pricing import Pricer
from roadbed.estimates.sheet import Rule, Sheet
from roadbed.policy.domain import PolicyInfo, Verdict
from roadbed.quotas.counting import Counting
from roadbed.quotas.domain import COST, MILLIONTHS, Allowances, Limit, Scoped
from roadbed.quotas.sizes import Sizer
from roadbed.quotas.verdicts import verdicts
from roadbed.runtimes.types import SERVICE
from roadbed.sdk.policies import PlannedResource
from roadbed.workload.document import Place

_DATABASE, _CACHE = "postgres:Database", "redis:Database"
_SHEET = Sheet("EUR", types={_DATABASE: Rule(month=Decimal(20)), _CACHE: Rule(month=Decimal(5))})


@dataclass(frozen=True, slots=True)
class QuotaCase:
    """A resource that is added by a team which has `used` of its kind elsewhere, and may have `most` of a limit."""

    of: str
    most: int
    used: int
    type: str
    properties: Mapping[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        limit = {"budget": self.most} if self.of == COST else {self.of: self.most}
        told = {"limit": limit, "elsewhere": f"{self.used} × {self._elsewhere}"}
        return {"type": self.type, "properties": dict(self.properties), "kind": "development", "config": told}

    @property
    def _elsewhere(self) -> str:
        return SERVICE if self.of == "replicas" else _DATABASE

    def judged(self) -> Sequence[Verdict]:
        most = self.most * MILLIONTHS if self.of == COST else self.most
        limit = Limit(self.of, most, Place("quotas.yaml", 1, 1))
        held = {f"{number}": _resource("other@dev", f"{number}", self._elsewhere, {}) for number in range(self.used)}
        sizer = Sizer(pricer=Pricer(_SHEET, {}, MachineTables())) if self.of == COST else Sizer()
        allowances = Allowances(Scoped({self.of: limit}))
        holdings = [Holding("other@dev", held)]
        counting = Counting("group:default/payments", "dev", "development", allowances, holdings, sizer)
        after = {"new": _resource("shop@dev", "new", self.type, self.properties)}
        return verdicts(counting, "shop@dev", after, level="mandatory", near=100)


Cases: TypeAlias = Mapping[str, Sequence[QuotaCase]]
"""Those that it `refuses`, and those that it `passes`."""


def _resource(stack: str, name: str, type: str, properties: Mapping[str, Any]) -> PlannedResource:
    return PlannedResource(f"{stack}/{name}#{type}", type, name, dict(properties))


QUOTA_CASES: Cases = {
    "refuses": (
        QuotaCase("replicas", 4, 2, SERVICE, {"replicas": 3}),
        QuotaCase("memory", 2**30, 0, SERVICE, {"replicas": 3, "memory_mb": 512}),
        QuotaCase("postgres:*", 2, 2, _DATABASE, {}),
    ),
    "passes": (
        QuotaCase("replicas", 4, 2, SERVICE, {"replicas": 2}),
        QuotaCase("memory", 2**30, 0, SERVICE, {"replicas": 2, "memory_mb": 512}),
        QuotaCase("postgres:*", 2, 2, _CACHE, {}),
    ),
}
BUDGET_CASES: Cases = {
    "refuses": (QuotaCase(COST, 50, 2, _DATABASE, {}),),
    "passes": (QuotaCase(COST, 50, 2, _CACHE, {}), QuotaCase(COST, 60, 2, _DATABASE, {})),
}


def outcomes(info: PolicyInfo, cases: Cases) -> Iterator[dict[str, Any]]:
    """How they go, as `roadbed.sdk.host` answers for the cases of programs."""
    for expected, found in cases.items():
        for number, case in enumerate(found, 1):
            said = [verdict.message for verdict in case.judged() if verdict.refuses]
            wrong = None if bool(said) == (expected == "refuses") else f"it says: {said}"
            told = {"policy": info.name, "pack": info.pack, "expected": expected, "number": number}
            yield {**told, "wrong": wrong, "said": said, "file": info.file, "line": info.line}
