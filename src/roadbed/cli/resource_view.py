"""An application's resources, and the building blocks, as people read them. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from roadbed.cli.block_cost import cost_line, plain_cost
from roadbed.cli.style import Style
from roadbed.cli.text import clean, pairs, plural, table

if TYPE_CHECKING:
    from roadbed.client.models import AskedResource, BlockOffer, BuildingBlock, Listing


def listed(listing: Listing[AskedResource], style: Style) -> str:
    rows = [
        (one["name"], _kind(one), one["state"], ", ".join(one["workloads"]), _said(one)) for one in listing["items"]
    ]
    return table(("NAME", "TYPE", "STATE", "USED BY", "DECLARED"), rows, style)


def shown(one: AskedResource, style: Style) -> str:
    rows: list[tuple[str, object]] = [
        ("type", _kind(one)),
        ("state", one["state"]),
        ("declared", _said(one)),
        ("params", json.dumps(one["params"], ensure_ascii=False) if one["params"] else None),
        ("used by", ", ".join(one["workloads"])),
        ("variables", ", ".join(one["variables"])),
        ("outputs", ", ".join(one["outputs"])),
        ("made by", one["provisioner"]),
    ]
    parts = [f"  {clean(part['urn'])}  {style.state(part['state'])}" for part in one["parts"]]
    return "\n".join([style.paint(clean(one["name"]), "bold"), pairs(rows, style), *(["", *parts] if parts else [])])


def _kind(one: AskedResource) -> str:
    return one["type"] if one["class"] == "default" else f"{one['type']}, {one['class']}"


def _said(one: AskedResource) -> str:
    """`roadbed.yaml:7`, `set by ada`, or both where the setting lies over the file."""
    set_by = f"set by {one['set_by']}" if one["set_by"] else None
    places = [place for place in one["declared"] if place != set_by]
    return ", ".join([*([set_by] if set_by else []), *places])


def blocks_listed(listing: Listing[BuildingBlock], style: Style, environment: str) -> str:
    rows = [
        (one["type"], one["description"], ", ".join(one["environments"]), plain_cost(one)) for one in listing["items"]
    ]
    return table(("TYPE", "WHAT", "OFFERED IN", f"A MONTH IN {environment.upper()}"), rows, style)


def block_shown(block: BuildingBlock, style: Style) -> str:
    title = clean(block["type"]) if block["title"] == block["type"] else f"{block['type']}: {clean(block['title'])}"
    lines = [style.paint(title, "bold"), clean(block["description"])]
    if block["outputs"]:
        lines += ["", f"It gives: {', '.join(block['outputs'])}"]
    for offer in block["offers"]:
        costs = [one for one in block.get("costs") or () if one["class"] == offer["class"]]
        lines += ["", *_offer(offer, style), *(f"  {cost_line(one)}" for one in costs[:1])]
    return "\n".join(lines)


def _offer(offer: BlockOffer, style: Style) -> Iterator[str]:
    where = ", ".join(offer["environments"]) or "nowhere"
    yield f"Offered in {where}" + ("" if offer["class"] == "*" else f" as class {offer['class']}")
    if offer["description"]:
        yield f"  {clean(offer['description'])}"
    told = [(label, offer[key]) for label, key in _TOLD if offer.get(key)]  # type: ignore[literal-required]
    yield "  " + ", ".join([*(f"{label} {value}".lstrip() for label, value in told), offer["place"]])
    if offer["params"] is None:
        yield "  takes any param"
    elif offer["params"]:
        rows = [(one["name"], _shape(one), _default(one["default"]), one["help"]) for one in offer["params"]]
        yield from (f"  {line}" for line in table(("PARAM", "VALUE", "DEFAULT", "WHAT"), rows, style).splitlines())
    else:
        yield "  takes no params"


_TOLD = (
    ("owner", "owner"),
    ("version", "version"),
    ("", "maturity"),
    ("see", "docs"),
    ("ask instead for", "successor"),
)


def _shape(param: Any) -> str:
    shape = " or ".join(map(str, param["choices"])) if param["choices"] else " or ".join(param["types"]) or "anything"
    return f"{shape} (required)" if param["required"] else shape


def _default(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def changed(result: dict[str, Any], style: Style) -> str:
    """`orders v4 has db in dev (2.1s)`."""
    verbs = {
        "add": "has",
        "remove": "is without",
        "attach": "uses",
        "detach": "runs on with",
        "resize": "has changed",
    }
    if result.get("status") == "unchanged":
        return f"Nothing changed: {result['application']} {result['release']} stays in {result['environment']}."
    took = style.paint(f" ({result['duration_s']:.1f}s)", "dim") if result.get("duration_s") is not None else ""
    named = f"{result['application']} {result.get('release') or ''}".strip()
    return f"{named} {verbs[result['action']]} {result['resource']} in {result['environment']}{took}"


def variables_told(one: AskedResource) -> str:
    """What the application knows it by."""
    if not one["variables"]:
        return f"No workload gets its variables: roadbed resource attach {one['name']}"
    who = plural(len(one["workloads"]), "workload") if len(one["workloads"]) > 3 else ", ".join(one["workloads"])
    return f"{who} gets {', '.join(one['variables'])}"
