"""`roadbed audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Limit, Output
from roadbed.cli.style import Style
from roadbed.cli.text import table
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import AuditRecord, Listing

app = command_group()


@app.command(
    epilog=examples(
        "roadbed audit", "roadbed audit --target 'application orders'", "roadbed audit --by user:ada -n 100"
    )
)
def audit(
    target: Annotated[str | None, typer.Option("--target", help="Only what was done to it.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="PRINCIPAL", help="Only what they did.")] = None,
    limit: Limit = 50,
    output: Output = Format.text,
) -> None:
    """Show who did what.

    Newest first.
    """
    listing = Client.found().platform.audit(limit=limit, target=target, principal=by)
    if output is Format.text and not listing["items"]:
        say("Nothing was recorded.")
        return
    show(listing, output, _records)


def _records(listing: Listing[AuditRecord], style: Style) -> str:
    rows = [
        (_stamp(item["at"]), item["principal"], item["action"], item["target"], item["outcome"])
        for item in listing["items"]
    ]
    return table(("AT", "WHO", "DID", "TO", "OUTCOME"), rows, style)


def _stamp(text: str) -> str:
    """To the second, in UTC, as a record is read: `2026-01-01 12:00:00Z`."""
    return text.partition(".")[0].rstrip("Z").replace("T", " ") + "Z"
