"""What building blocks and stacks cost, for the portal's pages: of a bucket nothing is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from roadbed.delivery.block_costs import BlockCost
from roadbed.engine.views import PlanBill
from roadbed.estimates.domain import METRICS, Estimate, Figure, Total, Totals
from roadbed.sdk.usage import Amount, Gap
from roadbed.stacks.costs import CostReport, StackCost, cost_report
from roadbed.storage.call import Call


class FakeBlockCosts:
    async def of(self, call: Call, environment: str) -> Sequence[BlockCost]:
        known = Total(Amount.of("4.1"))
        unknown = Total(None, ("orders@dev/files#s3:Bucket",))
        return [
            BlockCost(name, "*", "USD", dict.fromkeys(METRICS, found), "")
            for name, found in (("postgres", known), ("s3", unknown))
        ]


_KNOWN, _UNKNOWN = Estimate(Figure(Amount.of("4.1"))), Estimate(Figure(None, (Gap("storage", "unsaid"),)))
_ORDERS = StackCost(
    "orders@dev",
    "group:default/payments",
    "dev",
    "USD",
    resources=(("orders@dev/db#postgres:Database", _KNOWN), ("orders@dev/files#s3:Bucket", _UNKNOWN)),
)
_SHOP = StackCost("shop@prod", None, "prod", "USD", resources=(("shop@prod/db#postgres:Database", _KNOWN),))
_ODD = StackCost("odd@dev", None, "dev", problem="prices.yaml:3:11: there is no currency 'EURO'")
_TOTALS = {metric: Totals(after=Total(Amount.of("4.1")), difference=Total(Amount.of("-1.5"))) for metric in METRICS}
_PLAN = PlanBill("orders@dev", None, "development", 31, datetime(2026, 1, 2, tzinfo=UTC), "user:ada", "USD", _TOTALS)


class FakeCosts:
    def __init__(self, stacks: Collection[str]) -> None:
        self._stacks = stacks

    async def report(self, call: Call, application: str | None = None, environment: str | None = None) -> CostReport:
        return replace(cost_report([_ORDERS, _SHOP, _ODD]), plans=[_PLAN]) if self._stacks else CostReport()
