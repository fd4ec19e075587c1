"""What a plan costs as plain data: the form in which policies see it (`plan.cost`), and the API answers.

Amounts are numbers, rounded to six digits after the point; null where nothing is known. `unknown` says why, or in
totals of which resources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roadbed.estimates.domain import METRICS, Estimate, Figure, Metric, PlanCost, ResourceCost, Total
from roadbed.sdk.usage import Amount

_DIGITS = 6


def plan_cost_document(cost: PlanCost, *, all: bool = True) -> dict[str, Any]:
    """Without `all`, only the resources whose estimate the plan changes."""
    return {
        "currency": cost.currency,
        "location": cost.location,
        "grid": cost.grid,
        "total": _totals(cost) if cost.totals else None,
        "resources": [resource_cost_document(one) for one in cost.resources if all or not one.stays],
        "problem": cost.problem,
    }


def _totals(cost: PlanCost) -> dict[str, Any]:
    return {
        when: {metric: _total(getattr(one, when)) for metric, one in cost.totals.items()}
        for when in ("before", "after", "difference")
    }


def resource_cost_document(one: ResourceCost) -> dict[str, Any]:
    return {
        "urn": one.urn,
        "before": None if one.before is None else estimate_document(one.before),
        "after": None if one.after is None else estimate_document(one.after),
        "difference": {metric: figure_document(one.difference(metric)) for metric in METRICS},
    }


def estimate_document(estimate: Estimate) -> dict[str, Any]:
    figures: dict[str, Any] = {metric: figure_document(estimate.figure(metric)) for metric in METRICS}
    return {**figures, "basis": list(estimate.basis), "free": estimate.free}


def figure_document(figure: Figure) -> dict[str, Any]:
    return _told(figure.amount, list(dict.fromkeys(gap.why for gap in figure.gaps)))


def total_document(found: Mapping[Metric, Total]) -> dict[str, Any]:
    return {metric: _total(one) for metric, one in found.items()}


def _total(total: Total) -> dict[str, Any]:
    return _told(total.amount, total.unknown)


def _told(amount: Amount | None, unknown: Sequence[str]) -> dict[str, Any]:
    low, high = (None, None) if amount is None else (_number(amount.low), _number(amount.high))
    return {"low": low, "high": high, "unknown": list(unknown)}


def _number(value: Any) -> float:
    return float(round(value, _DIGITS))
