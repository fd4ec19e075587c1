"""Approvals as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from roadbed.cli.asked import people
from roadbed.cli.style import Style
from roadbed.cli.text import ago, clean, pairs, plural, table

if TYPE_CHECKING:
    from roadbed.client.models import Approval, ApprovalNeed, Listing

_COLOURS = {"approved": "green", "waiting": "cyan", "refused": "red", "stale": "yellow"}


def listed(found: Listing[Approval], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (one["id"], _state(one), f"{one['stack']} plan {one['plan']}", one["title"], _left(one["left"]),
         one["asked_by"], ago(one["asked_at"], now), "yours to decide" if one["decides"] else "")
        for one in found["items"]
    ]  # fmt: skip
    return table(("ID", "STATE", "WHAT", "TITLE", "MISSING", "ASKED BY", "ASKED", ""), rows, style)


def _state(one: Approval) -> str:
    return "stale" if one["stale"] else one["state"]


def _left(needs: list[ApprovalNeed]) -> str:
    return "; ".join(people(need) for need in needs)


def shown(one: Approval, style: Style) -> str:
    now = datetime.now(UTC)
    state = _state(one)
    reminded = f"{plural(one['reminders'], 'time')}, {ago(one['reminded_at'], now)}" if one["reminders"] else None
    facts = [
        ("Approval", one["id"]),
        ("State", style.paint(state, _COLOURS.get(state, "dim"))),
        ("What", clean(one["title"])),
        ("Plan", f"{one['plan']} of {one['stack']}"),
        ("Asked", f"{ago(one['asked_at'], now)} by {one['asked_by']}"),
        ("Takes", "; ".join(f"{people(need)} ({clean(need['because'])})" for need in one["needs"])),
        ("Missing", _left(one["left"]) or None),
        ("Reminded", reminded),
        ("Ended", clean(one["why"]) or None),
    ]
    lines = [pairs(facts, style)]
    for vote in one["votes"]:
        said = f": {clean(vote['comment'])}" if vote["comment"] else ""
        verb = "approved" if vote["approves"] else "refused"
        lines.append(f"  {vote['by']} {verb} {ago(vote['at'], now)}{said}")
    return "\n".join([*lines, *(["", *hints] if (hints := _hints(one)) else [])])


def _hints(one: Approval) -> list[str]:
    if one["again"]:
        return [f"To plan it again: roadbed approval again {one['id']}"]
    return [f"To decide: roadbed approval approve {one['id']}, or refuse"] if one["decides"] else []


def decided(one: Approval, style: Style) -> str:
    if one["state"] == "refused":
        return f"Refused: plan {one['plan']} of {one['stack']} is not applied."
    if one["left"]:
        return f"Noted. It still takes {_left(one['left'])}."
    watch = f"To watch it: roadbed ops show {one['operation']} --follow"
    return f"Approved: plan {one['plan']} of {one['stack']} is applied now. {watch}"
