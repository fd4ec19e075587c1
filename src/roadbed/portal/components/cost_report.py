"""What runs costs now, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadbed.engine.views import PlanBill
from roadbed.estimates import words
from roadbed.estimates.document import total_document
from roadbed.estimates.domain import Metric, Total
from roadbed.portal.formatting import path_of, short_reference
from roadbed.stacks.costs import CostGroup, CostReport, StackCost


@dataclass(frozen=True, slots=True)
class Costing:
    """A stack, or what several come to. `unknown` names what is not in it."""

    name: str
    cost: str
    carbon: str
    owner: str | None = None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a plan adds to the bill, or takes off it."""

    stack: str
    plan: int
    at: datetime
    by: str
    change: str
    after: str


@dataclass(frozen=True, slots=True)
class CostsView:
    """`lines` say what all comes to, one for each currency; `groups` are titled; `problems` say what isn't known."""

    lines: Sequence[str]
    stacks: Sequence[Costing]
    groups: Sequence[tuple[str, Sequence[Costing]]]
    plans: Sequence[Difference]
    problems: Sequence[str]


def costs_view(report: CostReport) -> CostsView:
    groups = (("team", report.owners), ("environment", report.environments), ("application", report.applications))
    return CostsView(
        lines=[words.total_line(total_document(one.totals), one.currency, _whole) for one in report.total],
        stacks=list(map(_stack, report.stacks)),
        groups=[(title, list(map(_group, found))) for title, found in groups if found],
        plans=list(map(_difference, report.plans)),
        problems=list(dict.fromkeys(one.problem for one in report.stacks if one.problem)),
    )


def _whole(urn: str) -> str:
    """`orders@dev/web`: of several stacks each is named."""
    return urn.partition("#")[0]


def _stack(one: StackCost) -> Costing:
    if one.problem:
        return Costing(one.stack, words.NOT_KNOWN, words.NOT_KNOWN, one.owner)
    said = total_document(one.totals)
    return Costing(one.stack, *_figures(said, one.currency), one.owner, _named(said["cost"]["unknown"]))


def _named(urns: Sequence[str]) -> str:
    return words.named(urns, path_of) if urns else ""


def _group(one: CostGroup) -> Costing:
    return Costing(short_reference(one.name), *_figures(total_document(one.totals), one.currency))


def _figures(said: Mapping[str, Any], currency: str) -> tuple[str, str]:
    return _with(said["cost"], currency), _with(said["carbon"], "kg")


def _with(figure: Mapping[str, Any], unit: str) -> str:
    return words.NOT_KNOWN if figure["low"] is None else f"{words.amount(figure)} {unit}"


def _difference(one: PlanBill) -> Difference:
    difference, after = (_cost(one.totals, when) for when in ("difference", "after"))
    change = words.change_in(difference, one.currency)
    return Difference(one.name, one.plan, one.created_at, one.created_by, change, _with(after, one.currency))


def _cost(totals: Mapping[Metric, Any], when: str) -> Mapping[str, Any]:
    found: Total = getattr(totals["cost"], when)
    said: Mapping[str, Any] = total_document({"cost": found})["cost"]
    return said
