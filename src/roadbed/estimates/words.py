"""Estimates as people read them, from their documents (see `document.py`). Pure, and light to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

NOT_KNOWN = "not known"
_SMALLEST = 0.005
_NAMED = 3


def amount(figure: Mapping[str, Any]) -> str:
    """`4.10`, `4.10 to 12.30`, `at least 4.10`, `less than 0.01`, or that it is not known."""
    low, high = figure["low"], figure["high"]
    if low is None:
        return NOT_KNOWN
    text = _between(_plain(low), _plain(high))
    return f"at least {text}" if figure["unknown"] else text


def change(figure: Mapping[str, Any]) -> str:
    """`+1.96`, `-0.40`, `0.00`; `not known`, where nothing is."""
    low, high = figure["low"], figure["high"]
    return NOT_KNOWN if low is None else _between(_signed(low), _signed(high))


def makes_difference(figure: Mapping[str, Any]) -> bool:
    """Whether there is one, or may be."""
    if figure["low"] is None or figure["unknown"]:
        return True
    return any(abs(figure[end]) >= _SMALLEST for end in ("low", "high"))


def plan_line(cost: Mapping[str, Any], name: Callable[[str], str] = str) -> str:
    """One sentence on what a plan makes of what its stack costs. `name` makes a URN short."""
    if cost["problem"]:
        return f"What it costs is not known: {cost['problem']}"
    after, difference = cost["total"]["after"], cost["total"]["difference"]
    unknown = _unknown(difference["cost"]["unknown"] or after["cost"]["unknown"], name)
    if after["cost"]["low"] is None and difference["cost"]["low"] is None:
        return f"What it costs is not known{unknown}"
    existed = any(one["before"] for one in cost["resources"]) or makes_difference(cost["total"]["before"]["cost"])
    told = f"{_stated(after, cost['currency'])}{_than_before(difference) if existed else ''}."
    return f"{told} Not known{unknown}" if unknown != "." else told


def total_line(total: Mapping[str, Any], currency: str, name: Callable[[str], str] = str) -> str:
    """One sentence on what something costs."""
    unknown = _unknown(total["cost"]["unknown"], name)
    if total["cost"]["low"] is None:
        return f"What it costs is not known{unknown}"
    return f"{_stated(total, currency)}." + (f" Not known{unknown}" if unknown != "." else "")


def electricity(location: str, grid: str) -> str:
    """Whose electricity is meant, and by whose word it emits what it does."""
    whose = {"": "prices.yaml", "world": "the world"}.get(location, location)
    return f"Electricity of {whose}: {grid}"


def about(figure: Mapping[str, Any], currency: str) -> str:
    """`about 4.10 USD a month`, `nothing`, or that it is not known."""
    if figure["low"] is None:
        return f"cost {NOT_KNOWN}"
    if not figure["unknown"] and not makes_difference(figure):
        return "costs nothing by itself"
    said = amount(figure)
    return f"{said if said.startswith(('at least', 'less')) else f'about {said}'} {currency} a month"


def _stated(total: Mapping[str, Any], currency: str) -> str:
    """`Costs about 5.89 USD a month and 0.19 kg of CO2e`."""
    cost = {**total["cost"], "unknown": []}
    carbon = {**total["carbon"], "unknown": []}
    behind = "" if carbon["low"] is None else f" and {amount(carbon)} kg of CO2e"
    return f"Costs about {amount(cost)} {currency} a month{behind}".replace("about less", "less")


def _than_before(difference: Mapping[str, Any]) -> str:
    cost, carbon = difference["cost"], difference["carbon"]
    if cost["low"] is None:
        return "; what this changes of it is not known"
    if not makes_difference({**cost, "unknown": []}):
        return ", as before"
    emitted = carbon["low"] is not None and makes_difference({**carbon, "unknown": []})
    return f": {change(cost)}" + (f", {change(carbon)} kg" if emitted else "") + " by this plan"


def _unknown(urns: Sequence[str], name: Callable[[str], str]) -> str:
    if not urns:
        return "."
    more = f" and {len(urns) - _NAMED} more" if len(urns) > _NAMED else ""
    return f": {', '.join(name(urn) for urn in urns[:_NAMED])}{more}."


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _plain(value: float) -> str:
    return "less than 0.01" if 0 < value < _SMALLEST else f"{value:,.2f}"


def _signed(value: float) -> str:
    return "0.00" if abs(value) < _SMALLEST else f"{value:+,.2f}"
