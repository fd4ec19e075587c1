"""What a plan adds to the bill at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.sdk import policy
from roadbed.sdk.policies import Context, Example, Finding, PlannedChanges


def _adding(low: float | None, high: float | None) -> dict[str, Any]:
    """What is estimated of a plan that adds so much."""
    return {"currency": "EUR", "total": {"difference": {"cost": {"low": low, "high": high, "unknown": []}}}}


@policy(
    "sudden-cost",
    on="plan",
    reason="What adds much to the bill at once is looked at by whoever pays it before it is there, not a month later.",
    remedy="look at `roadbed plan --cost`; if it is meant, tell whoever pays, or ask for a smaller size",
    config={"most": 500},
    refuses=[Example(cost=_adding(600.0, 600.0)), Example(cost=_adding(100.0, 2000.0))],
    passes=[
        Example(cost=_adding(20.0, 20.0)),
        Example(cost=_adding(None, None)),
        Example(cost=_adding(-900.0, -900.0)),
    ],
)
def sudden_cost(plan: PlannedChanges, context: Context) -> Iterator[Finding]:
    """`most` is in the currency of the price sheet, by the month. What is not known is not judged: the plan says it."""
    total: Mapping[str, Any] | None = (plan.cost or {}).get("total")
    most = None if total is None else total["difference"]["cost"]["high"]
    if plan.cost and most is not None and most > context.config["most"]:
        yield f"it adds {most:,.2f} {plan.cost['currency']} a month"
