"""What building blocks cost, as their cards say it."""

from __future__ import annotations

from collections.abc import Iterable

from roadbed.delivery.block_costs import BlockCost
from roadbed.estimates import words
from roadbed.estimates.document import total_document


def by_class(found: Iterable[BlockCost], type: str) -> dict[str, str]:
    """`about 4.10 USD a month`, by class."""
    return {one.resource_class: _said(one) for one in found if one.type == type}


def plain(found: Iterable[BlockCost]) -> dict[str, str]:
    """By type: of the class that is asked for where none is, or of the first."""
    said: dict[str, str] = {}
    for one in sorted(found, key=lambda each: each.resource_class not in ("default", "*")):
        said.setdefault(one.type, _said(one))
    return said


def _said(one: BlockCost) -> str:
    if one.totals is None:
        return f"cost {words.NOT_KNOWN}"
    return words.about(total_document(one.totals)["cost"], one.currency)
