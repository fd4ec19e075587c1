"""The cases of the policy `quota`: what it must refuse, and what it must let pass. Pure.

They are judged as plans are: by `Counting.asks` and `verdicts`, over the stacks that a case has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.engine.holdings import Holding
from roadbed.policy.domain import Verdict
from roadbed.quotas.counting import Counting
from roadbed.quotas.domain import Allowances, Limit, Scoped
from roadbed.quotas.verdicts import verdicts
from roadbed.runtimes.types import SERVICE
from roadbed.sdk.policies import PlannedResource
from roadbed.workload.document import Place

TEAM, ENVIRONMENT, KIND = "group:default/payments", "dev", "development"


@dataclass(frozen=True, slots=True)
class QuotaCase:
    """A resource that is added to a stack of a team which has `used` of a limit `most` elsewhere already."""

    of: str
    most: int
    used: int
    type: str
    properties: Mapping[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        told = {"limit": {self.of: self.most}, "used_elsewhere": self.used}
        return {"type": self.type, "properties": dict(self.properties), "config": told}

    def judged(self) -> Sequence[Verdict]:
        limit = Limit(self.of, self.most, Place("quotas.yaml", 1, 1))
        allowances = Allowances(Scoped({self.of: limit}))
        holdings = [Holding(f"other@{ENVIRONMENT}", dict(self._used()))]
        counting = Counting(TEAM, ENVIRONMENT, KIND, allowances, holdings)
        stack = f"shop@{ENVIRONMENT}"
        asks = counting.asks(stack, {"new": _resource(stack, "new", self.type, self.properties)})
        return verdicts(asks, TEAM, ENVIRONMENT, level="mandatory", near=100, ask="")

    def _used(self) -> Iterator[tuple[str, PlannedResource]]:
        """Replicas as one service of so many, resources one by one."""
        stack = f"other@{ENVIRONMENT}"
        if self.of == "replicas":
            yield "web", _resource(stack, "web", SERVICE, {"replicas": self.used})
        else:
            for number in range(self.used):
                yield f"{number}", _resource(stack, f"{number}", self.type, {})


def _resource(stack: str, name: str, type: str, properties: Mapping[str, Any]) -> PlannedResource:
    return PlannedResource(f"{stack}/{name}#{type}", type, name, dict(properties))


REFUSES = (
    QuotaCase("replicas", 4, 2, SERVICE, {"replicas": 3}),
    QuotaCase("memory", 2**30, 0, SERVICE, {"replicas": 3, "memory_mb": 512}),
    QuotaCase("postgres:*", 2, 2, "postgres:Database", {}),
)
PASSES = (
    QuotaCase("replicas", 4, 2, SERVICE, {"replicas": 1}),
    QuotaCase("memory", 2**30, 0, SERVICE, {"replicas": 1, "memory_mb": 512}),
    QuotaCase("postgres:*", 2, 2, "redis:Database", {}),
)
