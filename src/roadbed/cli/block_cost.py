"""What building blocks cost, for a person to read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from roadbed.cli.text import clean
from roadbed.estimates import words

if TYPE_CHECKING:
    from roadbed.client.models import BlockCost, BuildingBlock


def priced(blocks: Iterable[BuildingBlock], costs: Iterable[BlockCost]) -> None:
    """Says of each block what its classes cost."""
    known = list(costs)
    for block in blocks:
        block["costs"] = [one for one in known if one["type"] == block["type"]]


def plain_cost(block: BuildingBlock) -> str:
    """`1.96 USD`, of the class that is asked for where none is, or of the first; nothing where none is offered."""
    found = sorted(block.get("costs") or (), key=lambda one: one["class"] not in ("default", "*"))
    return cost_of(found[0]) if found else ""


def cost_of(one: BlockCost) -> str:
    if one["total"] is None:
        return words.NOT_KNOWN
    figure = one["total"]["cost"]
    if figure["low"] is not None and not words.makes_difference(figure):
        return "free"
    return words.amount(figure) + ("" if figure["low"] is None else f" {clean(one['currency'])}")


def cost_line(one: BlockCost) -> str:
    """`about 1.96 USD a month`, for what is asked for with nothing said."""
    if one["total"] is None:
        return f"what it costs is not known: {clean(one['problem'])}"
    return words.about(one["total"]["cost"], clean(one["currency"]))
