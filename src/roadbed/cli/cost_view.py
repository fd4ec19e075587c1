"""What runs costs now, for a person to read. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from roadbed.cli.plan_cost import how, short, type_of
from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, clean, table
from roadbed.estimates import words

if TYPE_CHECKING:
    from roadbed.client.models import CostFigure, CostGroup, CostReport, ResourceEstimate, StackCost, StackCostDetail


def reported(found: CostReport, style: Style) -> str:
    if not found["items"]:
        return "Nothing runs yet, so nothing costs anything."
    rows = [_row(one) for one in found["items"]]
    head = ("STACK", "OWNER", "A MONTH", "CO2E", "NOT KNOWN")
    lines = [table(head, rows, style)]
    if len(found["items"]) > 1:
        lines += ["", *_groups("By environment", found["environments"])]
        lines += ["", *_groups("By owner", found["owners"])]
        lines += ["", *map(_all_of, found["total"])]
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
    owner, total = one["owner"] or NOTHING, one["total"]
    if total is None:
        return one["stack"], owner, words.NOT_KNOWN, words.NOT_KNOWN, NOTHING
    cost, carbon = total["cost"], total["carbon"]
    unknown = ", ".join(map(short, cost["unknown"])) or NOTHING
    return one["stack"], owner, _with(cost, one["currency"]), _with(carbon, "kg"), unknown


def _with(figure: CostFigure, unit: str) -> str:
    return words.NOT_KNOWN if figure["low"] is None else f"{words.amount(figure)} {unit}"


def _groups(title: str, found: Sequence[CostGroup]) -> Iterator[str]:
    yield f"{title}:"
    widest = max((len(one["name"] or NOTHING) for one in found), default=0)
    for one in found:
        yield f"  {(one['name'] or NOTHING).ljust(widest)}  {_with(one['total']['cost'], one['currency'])}"


def _all_of(one: CostGroup) -> str:
    """What isn't known is said of each stack."""
    known = {**one["total"]["cost"], "unknown": []}
    return words.total_line({**one["total"], "cost": known}, one["currency"])


def _problems(found: Sequence[StackCost]) -> Iterator[str]:
    for problem in dict.fromkeys(one["problem"] for one in found if one["problem"]):
        yield ""
        yield clean(f"What is not known: {problem}")


def _amount(one: ResourceEstimate) -> str:
    return "free" if one["free"] else words.amount(one["cost"])


def _kg(one: ResourceEstimate) -> str:
    return NOTHING if one["free"] else words.amount(one["carbon"])
