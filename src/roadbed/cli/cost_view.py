"""What runs costs now, for a person to read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from roadbed.cli.plan_cost import how, short, type_of
from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, clean, entity, table, width
from roadbed.estimates import words

if TYPE_CHECKING:
    from roadbed.client.models import (
        CostFigure,
        CostGroup,
        CostReport,
        PlanBill,
        ResourceEstimate,
        StackCost,
        StackCostDetail,
    )

_PLANS = 5


def reported(found: CostReport, style: Style) -> str:
    if not found["items"]:
        return "Nothing runs yet, so nothing costs anything."
    rows = [_row(one) for one in found["items"]]
    head = ("STACK", "OWNER", "A MONTH", "CO2E", "NOT KNOWN")
    lines = [table(head, rows, style)]
    if len(found["items"]) > 1:
        titled = {"application": found["applications"], "environment": found["environments"], "owner": found["owners"]}
        for title, groups in titled.items():
            lines += ["", *_groups(f"By {title}", groups)] if groups else []
        lines += ["", *map(_all_of, found["total"])] if found["total"] else []
    lines += ["", *_plans(found["plans"])] if found["plans"] else []
    return "\n".join([*lines, *_problems(found["items"])])


def stack_told(found: StackCostDetail, style: Style) -> str:
    if found["total"] is None:
        return clean(f"What {found['stack']} costs is not known: {found['problem']}")
    rows = [(short(one["urn"]), type_of(one["urn"]), _amount(one), _kg(one), how(one)) for one in found["resources"]]
    head = ("RESOURCE", "TYPE", f"{found['currency']} A MONTH", "KG OF CO2E", "HOW")
    lines = [table(head, rows, style)] if rows else [f"{found['stack']} holds nothing."]
    lines += ["", words.total_line(found["total"], found["currency"], short)] if rows else []
    where = clean(words.electricity(found["location"], found["grid"]))
    return "\n".join([*lines, style.paint(where, "dim")])


def _row(one: StackCost) -> tuple[str, ...]:
    owner, total = entity(one["owner"]) or NOTHING, one["total"]
    if total is None:
        return one["stack"], owner, words.NOT_KNOWN, words.NOT_KNOWN, NOTHING
    cost, carbon = total["cost"], total["carbon"]
    unknown = words.named(cost["unknown"], short) if cost["unknown"] else NOTHING
    return one["stack"], owner, _with(cost, one["currency"]), _with(carbon, "kg"), unknown


def _with(figure: CostFigure, unit: str) -> str:
    return words.NOT_KNOWN if figure["low"] is None else f"{words.amount(figure)} {unit}"


def _groups(title: str, found: Sequence[CostGroup]) -> Iterator[str]:
    yield f"{title}:"
    names = [clean(entity(one["name"]) or NOTHING) for one in found]
    widest = max(map(width, names))
    for name, one in zip(names, found, strict=True):
        yield f"  {name}{' ' * (widest - width(name))}  {_with(one['total']['cost'], one['currency'])}"


def _all_of(one: CostGroup) -> str:
    return words.total_line(one["total"], one["currency"], lambda urn: clean(urn.partition("#")[0]))


def _plans(found: Sequence[PlanBill]) -> Iterator[str]:
    """Those that make a difference, the newest first."""
    yield "Last plans:"
    names = [clean(f"{one['stack']} plan {one['plan']}") for one in found[:_PLANS]]
    widest = max(map(width, names))
    for name, one in zip(names, found[:_PLANS], strict=True):
        said = words.change_in(one["difference"]["cost"], one["currency"])
        yield f"  {name}{' ' * (widest - width(name))}  {said}, by {clean(one['created_by'])}"


def _problems(found: Sequence[StackCost]) -> Iterator[str]:
    for problem in dict.fromkeys(one["problem"] for one in found if one["problem"]):
        yield ""
        yield clean(f"What is not known: {problem}")


def _amount(one: ResourceEstimate) -> str:
    return "free" if one["free"] else words.amount(one["cost"])


def _kg(one: ResourceEstimate) -> str:
    return NOTHING if one["free"] else words.amount(one["carbon"])
