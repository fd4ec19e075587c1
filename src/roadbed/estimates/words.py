"""Estimates as people read them, from their documents (see `document.py`). Pure, and light to import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def change_in(figure: Mapping[str, Any], currency: str) -> str:
    """`+1.96 USD`; `+1.96 USD and what is not known`, where not all is."""
    if figure["low"] is None:
        return NOT_KNOWN
    return f"{change(figure)} {currency}" + (" and what is not known" if figure["unknown"] else "")


def makes_difference(figure: Mapping[str, Any]) -> bool:
    """Whether there is one, or may be."""
    if figure["low"] is None or figure["unknown"]:
        return True
    return any(abs(figure[end]) >= _SMALLEST for end in ("low", "high"))


def short(urn: str) -> str:
    """`web/db` of `orders@dev/web/db#postgres:Database`."""
    return urn.partition("#")[0].partition("/")[2]


def plan_line(cost: Mapping[str, Any], name: Callable[[str], str] = short) -> str:
    """One sentence on what a plan makes of what its stack costs; none where nothing costs anything, before or after.
    `name` makes a URN short.
    """
    if cost["problem"]:
        return f"What it costs is not known: {cost['problem']}"
    before, after, difference = (cost["total"][when] for when in ("before", "after", "difference"))
    if after["cost"]["low"] is None:
        return f"{_not_known(after['cost']['unknown'], name)}{_why(cost['resources'], after['cost']['unknown'])}."
    lacking = _without(after["cost"]["unknown"], name) or _gone(difference["cost"]["unknown"], name)
    existed = any(one["before"] for one in cost["resources"]) or makes_difference(before["cost"])
    than_before = _than_before(difference) if existed else ""
    if makes_difference(after["cost"]):
        return f"{_stated(after, cost['currency'])}{than_before}{lacking}."
    if difference["cost"]["low"] is None or makes_difference(difference["cost"]):
        return f"Nothing is left that costs{_given_back(difference, cost['currency'])}{lacking}."
    return ""


def total_line(total: Mapping[str, Any], currency: str, name: Callable[[str], str] = short) -> str:
    """One sentence on what something costs."""
    unknown = total["cost"]["unknown"]
    if total["cost"]["low"] is None:
        return f"{_not_known(unknown, name)}."
    if not makes_difference(total["cost"]):
        return "Costs nothing."
    return f"{_stated(total, currency)}{_without(unknown, name)}."


def electricity(location: str, grid: str) -> str:
    """Whose electricity is meant, and by whose word it emits what it does."""
    whose = {"": "prices.yaml", "world": "the world"}.get(location, location)
    return f"Electricity of {whose}: {grid}"


def about(figure: Mapping[str, Any], currency: str) -> str:
    """`about 4.10 USD a month`, `costs nothing by itself`, or that it is not known."""
    if figure["low"] is None:
        return f"cost {NOT_KNOWN}"
    if not figure["unknown"] and not makes_difference(figure):
        return "costs nothing by itself"
    return f"{_about(amount(figure))} {currency} a month"


def _stated(total: Mapping[str, Any], currency: str) -> str:
    """`Costs about 5.89 USD a month and 0.19 kg of CO2e`."""
    carbon = {**total["carbon"], "unknown": []}
    emits = carbon["low"] is not None and makes_difference(carbon)
    behind = f" and {amount(carbon)} kg of CO2e" if emits else ""
    return f"Costs {_about(amount(total['cost']))} {currency} a month{behind}"


def _about(said: str) -> str:
    return said if said.startswith(("at least", "less")) else f"about {said}"


def _than_before(difference: Mapping[str, Any]) -> str:
    cost, carbon = difference["cost"], difference["carbon"]
    if cost["low"] is None:
        return ""
    if not makes_difference({**cost, "unknown": []}):
        return ", as before"
    emitted = carbon["low"] is not None and makes_difference({**carbon, "unknown": []})
    return f": {change(cost)}" + (f", {change(carbon)} kg" if emitted else "") + " by this plan"


def _given_back(difference: Mapping[str, Any], currency: str) -> str:
    cost, carbon = difference["cost"], difference["carbon"]
    if cost["low"] is None:
        return ""
    emitted = carbon["low"] is not None and makes_difference({**carbon, "unknown": []})
    return f": {change(cost)} {currency} a month" + (f", {change(carbon)} kg of CO2e" if emitted else "")


def _without(urns: Sequence[str], name: Callable[[str], str]) -> str:
    if not urns:
        return ""
    whose = "whose cost is not known" if len(urns) == 1 else "whose costs are not known"
    return f", without {named(urns, name)}, {whose}"


def _gone(urns: Sequence[str], name: Callable[[str], str]) -> str:
    return f"; what was paid for {named(urns, name)} is not known" if urns else ""


def _not_known(urns: Sequence[str], name: Callable[[str], str]) -> str:
    return f"What {named(urns, name)} {'costs' if len(urns) == 1 else 'cost'} is not known"


def named(urns: Sequence[str], name: Callable[[str], str]) -> str:
    """`a, b and c`; `a, b, c and 4 more`. Two of one name (a workload and its job) are told once."""
    names = list(dict.fromkeys(map(name, urns)))
    if (more := len(names) - _NAMED) > 0:
        names = [*names[:_NAMED], f"{more} more"]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _why(resources: Iterable[Mapping[str, Any]], unknown: Sequence[str]) -> str:
    """Where it is one thing that isn't known."""
    sides = [one["after"] or one["before"] for one in resources if [one["urn"]] == list(unknown)]
    return f": {' and '.join(sides[0]['cost']['unknown'])}" if sides else ""


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _plain(value: float) -> str:
    return "less than 0.01" if 0 < value < _SMALLEST else f"{value:,.2f}"


def _signed(value: float) -> str:
    return "0.00" if abs(value) < _SMALLEST else f"{value:+,.2f}"
