"""What a plan makes of what its stack costs, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadbed.engine.domain import Plan
from roadbed.estimates import words
from roadbed.estimates.document import plan_cost_document
from roadbed.portal.formatting import path_of

MOST_ROWS = 200
_METRICS = (("cost", ""), ("energy", "kWh"), ("carbon", "kg of CO₂e"))


@dataclass(frozen=True, slots=True)
class CostRow:
    """Of a resource, or a total. `how` says how it comes to that, or why it isn't known."""

    name: str
    before: str
    after: str
    difference: str
    how: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanMoney:
    """`line` says it all in a sentence; `changes` is what steps add to the bill, by URN; `more` rows aren't shown."""

    line: str
    currency: str = ""
    totals: tuple[CostRow, ...] = ()
    rows: tuple[CostRow, ...] = ()
    more: int = 0
    changes: Mapping[str, str] | None = None
    grid: str = ""


def plan_money(plan: Plan) -> PlanMoney | None:
    """None of a plan that was made before there were estimates, and where nothing costs anything."""
    if plan.cost is None:
        return None
    cost = plan_cost_document(plan.cost)
    line = words.plan_line(cost)
    if not line:
        return None
    if cost["total"] is None:
        return PlanMoney(line)
    told = [one for one in cost["resources"] if _tells(one)]
    return PlanMoney(
        line,
        cost["currency"],
        totals=tuple(_total(cost["total"], metric, unit or cost["currency"]) for metric, unit in _METRICS),
        rows=tuple(map(_row, told[:MOST_ROWS])),
        more=max(0, len(told) - MOST_ROWS),
        changes=_changes(cost["resources"]),
        grid=words.electricity(plan.cost.location, plan.cost.grid),
    )


def _tells(one: Mapping[str, Any]) -> bool:
    """What is free and stays so tells nothing."""
    return any(side is not None and not side["free"] for side in (one["before"], one["after"]))


def _total(total: Mapping[str, Any], metric: str, unit: str) -> CostRow:
    before, after, difference = (total[when][metric] for when in ("before", "after", "difference"))
    return CostRow(unit, words.amount(before), words.amount(after), words.change(difference))


def _row(one: Mapping[str, Any]) -> CostRow:
    told = one["after"] or one["before"]
    how = (*told["basis"], *told["cost"]["unknown"]) or (told["free"],)
    return CostRow(path_of(one["urn"]), _side(one["before"]), _side(one["after"]), _change(one), how)


def _side(estimate: Mapping[str, Any] | None) -> str:
    return "" if estimate is None else "free" if estimate["free"] else words.amount(estimate["cost"])


def _change(one: Mapping[str, Any]) -> str:
    return words.change(one["difference"]["cost"])


def _changes(resources: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {
        one["urn"]: _change(one)
        for one in resources
        if one["difference"]["cost"]["low"] is not None
        and words.makes_difference({**one["difference"]["cost"], "unknown": []})
    }
