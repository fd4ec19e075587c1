"""Waivers as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from roadbed.cli.asked import day
from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, ago, clean, pairs, table

if TYPE_CHECKING:
    from roadbed.client.models import Listing, Waiver

_COLOURS = {"approved": "green", "waiting": "cyan", "refused": "red"}


def listed(found: Listing[Waiver], style: Style) -> str:
    rows = [
        (one["id"], _status(one), one["policy"], clean(one["subject"]), day(one["until"]), one["asked_by"])
        for one in found["items"]
    ]
    return table(("ID", "STATUS", "POLICY", "FOR", "UNTIL", "ASKED BY"), rows, style)


def _status(one: Waiver) -> str:
    return "ends soon" if one["ends_soon"] else one["status"]


def asked(one: Waiver, style: Style) -> str:
    return f"{shown(one, style)}\n\nAnother person decides: roadbed waiver approve {one['id']}"


def shown(one: Waiver, style: Style) -> str:
    now = datetime.now(UTC)
    decided = f"{ago(one['decided_at'], now)} by {one['decided_by']}" if one["decided_by"] else NOTHING
    ended = f"{ago(one['ended_at'], now)} by {one['ended_by']}" if one["ended_by"] else None
    soon = style.paint("  ends soon", "yellow") if one["ends_soon"] else ""
    facts = [
        ("Waiver", one["id"]),
        ("Status", style.paint(one["status"], _COLOURS.get(one["status"], "dim")) + soon),
        ("Policy", one["policy"]),
        ("For", clean(one["subject"])),
        ("Where", one["environment"] or "every environment"),
        ("Why", clean(one["why"])),
        ("Until", day(one["until"])),
        ("Asked", f"{ago(one['asked_at'], now)} by {one['asked_by']}"),
        ("Decided", decided),
        ("Taken back", ended),
        ("Comment", clean(one["comment"]) or None),
    ]
    return pairs(facts, style)
