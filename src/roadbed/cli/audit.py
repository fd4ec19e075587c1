"""`roadbed audit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Limit, Output
from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, clean, table
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import AuditRecord, Listing

app = command_group()
_HEADERS = ("AT", "WHO", "DID", "TO", "OUTCOME")


@app.command(
    epilog=examples(
        "roadbed audit",
        "roadbed audit --target 'application orders'",
        "roadbed audit --by user:ada -n 100",
        "roadbed audit --did waiver.decide --detail   with the words that were given",
    )
)
def audit(
    target: Annotated[str | None, typer.Option("--target", help="Only what was done to it.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="PRINCIPAL", help="Only what they did.")] = None,
    did: Annotated[str | None, typer.Option("--did", metavar="ACTION", help="Only that: waiver.decide.")] = None,
    detail: Annotated[bool, typer.Option("--detail", help="With what was noted of each: reasons, comments.")] = False,
    limit: Limit = 50,
    output: Output = Format.text,
) -> None:
    """Show who did what.

    Newest first.
    """
    listing = Client.found().platform.audit(limit=limit, target=target, principal=by, action=did)
    if output is Format.text and not listing["items"]:
        say("Nothing was recorded.")
        return
    show(listing, output, _details if detail else _records)


def _records(listing: Listing[AuditRecord], style: Style) -> str:
    return table(_HEADERS, [_row(item) for item in listing["items"]], style)


def _details(listing: Listing[AuditRecord], style: Style) -> str:
    """The same, and below each what was noted of it: `why: …`."""
    header, *lines = _records(listing, style).split("\n")
    told = [header]
    for line, item in zip(lines, listing["items"], strict=True):
        noted = item.get("detail") or {}
        told += [
            line,
            *(f"    {style.paint(clean(str(name)), 'dim')}  {_fact(value)}" for name, value in noted.items()),
        ]
    return "\n".join(told)


def _row(item: AuditRecord) -> tuple[str, ...]:
    return _stamp(item["at"]), item["principal"], item["action"], item["target"], item["outcome"]


def _fact(value: object) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) or NOTHING


def _stamp(text: str) -> str:
    """To the second, in UTC, as a record is read: `2026-01-01 12:00:00Z`."""
    return text.partition(".")[0].rstrip("Z").replace("T", " ") + "Z"
