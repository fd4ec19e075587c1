"""What a plan costs, for a person to read. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from roadbed.cli.plan_tree import path_of
from roadbed.cli.style import Style
from roadbed.cli.text import clean, table
from roadbed.estimates import words

if TYPE_CHECKING:
    from roadbed.client.models import CostEstimate, CostFigure, Plan, PlanCost, ResourceCost, TotalCost

_METRICS: tuple[tuple[Literal["energy", "carbon"], str], ...] = (("energy", "kWh"), ("carbon", "kg of CO2e"))


def short(urn: str) -> str:
    """`web/db` of `orders@dev/web/db#postgres:Database`."""
    return clean("/".join(path_of(urn)))


def type_of(urn: str) -> str:
    """`postgres:Database` of `orders@dev/web/db#postgres:Database`."""
    return clean(urn.partition("#")[2])


def cost_line(plan: Plan) -> str | None:
    """One sentence, where the plan was estimated and something costs anything."""
    cost = plan.get("cost")
    return (words.plan_line(cost, short) or None) if cost else None


def step_figures(plan: Plan) -> dict[str, str]:
    """What each step adds to the bill or takes off it, by URN: `+1.96`. What isn't known stands in the sentence."""
    cost = plan.get("cost")
    return {one["urn"]: words.change(one["difference"]["cost"]) for one in _told(cost)} if cost else {}


def _told(cost: PlanCost) -> Iterator[ResourceCost]:
    for one in cost["resources"]:
        figure = one["difference"]["cost"]
        if figure["low"] is not None and words.makes_difference({**figure, "unknown": []}):
            yield one


def cost_table(plan: Plan, style: Style) -> str:
    """Every resource before and after, how it comes to that, and the totals."""
    cost = plan.get("cost")
    if not cost:
        return "This plan was made before there were estimates."
    if cost["problem"] or cost["total"] is None:
        return words.plan_line(cost, short)
    rows = [_row(one["urn"], one["before"], one["after"], one["difference"]["cost"]) for one in cost["resources"]]
    head = ("RESOURCE", "TYPE", f"{cost['currency']} BEFORE", "AFTER", "DIFFERENCE", "HOW")
    line = words.plan_line(cost, short) or "Nothing of it costs anything."
    return "\n".join([table(head, rows, style), "", *_totals(cost["total"]), line, *_where(cost, style)])


def _row(urn: str, before: CostEstimate | None, after: CostEstimate | None, difference: CostFigure) -> tuple[str, ...]:
    return short(urn), type_of(urn), _amount(before), _amount(after), words.change(difference), how(after or before)


def _amount(estimate: CostEstimate | None) -> str:
    return "" if estimate is None else "free" if estimate["free"] else words.amount(estimate["cost"])


def how(estimate: CostEstimate | None) -> str:
    """`0.5 cores × 29.55 = 14.78; no memory is requested …`."""
    if estimate is None:
        return ""
    return clean("; ".join([*estimate["basis"], *estimate["cost"]["unknown"]]) or estimate["free"])


def _totals(total: TotalCost) -> Iterator[str]:
    for metric, unit in _METRICS:
        before, after, difference = total["before"][metric], total["after"][metric], total["difference"][metric]
        yield f"{unit}: {words.amount(before)} → {words.amount(after)} ({words.change(difference)})"


def _where(cost: PlanCost, style: Style) -> Iterator[str]:
    if cost["grid"]:
        yield style.paint(clean(words.electricity(cost["location"], cost["grid"])), "dim")
