"""`roadbed waiver`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from roadbed.cli import names
from roadbed.cli.asked import end, only
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Output
from roadbed.client.client import Client

app = command_group()
waiver = command_group(
    epilog=examples(
        "roadbed waiver request one-replica --for orders@prod --why 'licence for one node until May' --days 30",
        "roadbed waiver list",
        "roadbed waiver approve wv_01jd… -m 'until the new licence'",
    ),
)
app.add_typer(waiver, name="waiver")

Identifier = Annotated[
    str,
    typer.Argument(
        metavar="ID|STACK|APP",
        help="The waiver, or what the only one that waits is for.",
        autocompletion=names.waivers,
    ),
]
Comment = Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What you have to say about it.")]


@waiver.callback()
def about() -> None:
    """Ask for, list and decide on exceptions from policies."""


@waiver.command(
    "request",
    cls=PlainCommand,
    epilog=examples(
        "roadbed waiver request one-replica --for orders@prod --why 'licence for one node until May' --days 30",
        "roadbed waiver request no-public --for 'orders@dev/exports#s3:Bucket' --why 'open data' --until 2026-12-31",
        "roadbed waiver request quota --for orders --why 'the sale in November' --days 14    in all environments",
    ),
)
def request_waiver(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="What is not to be held.", autocompletion=names.policies)
    ],
    subject: Annotated[
        str, typer.Option("--for", metavar="URN|STACK|APP", help="A resource, a stack, or an application everywhere.")
    ],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it is needed: who decides reads just this.")],
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Its last day, in UTC.")] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, max=3650, help="How long it lasts.")] = None,
    output: Output = Format.text,
) -> None:
    """Ask that a finding of a policy may pass, for a while.

    Another person with the right decides. From then until its end it acts on every plan, also on those that are made
    already; then it stops by itself.
    """
    from roadbed.cli.waiver_view import asked

    made = Client.found().waivers.request(policy, subject, why, end(until, days, datetime.now(UTC)))
    show(made, output, asked)


@waiver.command(
    "list", cls=PlainCommand, epilog=examples("roadbed waiver list", "roadbed waiver list --for orders@prod -o json")
)
def list_waivers(
    place: Annotated[str | None, typer.Option("--for", metavar="APP|STACK", help="Only those for it.")] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="POLICY", help="Only those from it.", autocompletion=names.policies),
    ] = None,
    output: Output = Format.text,
) -> None:
    """List waivers, the newest first; those that end soon are marked."""
    from roadbed.cli.waiver_view import listed

    found = Client.found().waivers.list(place, policy)
    if output is Format.text and not found["items"]:
        say("No waivers.")
        return
    show(found, output, listed)


@waiver.command("show", cls=PlainCommand, epilog=examples("roadbed waiver show wv_01jd…"))
def show_waiver(identifier: Identifier, output: Output = Format.text) -> None:
    """Show a waiver: who, for what exactly, why, and until when."""
    from roadbed.cli.waiver_view import shown

    show(Client.found().waivers.get(identifier), output, shown)


@waiver.command(
    "approve", cls=PlainCommand, epilog=examples("roadbed waiver approve wv_01jd… -m 'until the new licence'")
)
def approve_waiver(identifier: Identifier, comment: Comment = "", output: Output = Format.text) -> None:
    """Let the finding pass until the waiver ends."""
    from roadbed.cli.waiver_view import shown

    client = Client.found()
    show(client.waivers.approve(_meant(client, identifier), comment), output, shown)


@waiver.command("refuse", cls=PlainCommand, epilog=examples("roadbed waiver refuse wv_01jd… -m 'use the proxy'"))
def refuse_waiver(identifier: Identifier, comment: Comment = "", output: Output = Format.text) -> None:
    """Say no to what was asked for."""
    from roadbed.cli.waiver_view import shown

    client = Client.found()
    show(client.waivers.refuse(_meant(client, identifier), comment), output, shown)


@waiver.command("revoke", cls=PlainCommand, epilog=examples("roadbed waiver revoke wv_01jd… -m 'mended in v12'"))
def revoke_waiver(identifier: Identifier, comment: Comment = "", output: Output = Format.text) -> None:
    """Take a waiver back before its end: whoever may decide on it, or asked for it."""
    from roadbed.cli.waiver_view import shown

    show(Client.found().waivers.revoke(identifier, comment), output, shown)


def _meant(client: Client, text: str) -> str:
    """The id, or that of the only one that waits for a decision and is for just this; or, where none is, for it too.

    Raises NotFound for none, InvalidInput for several.
    """
    if text.startswith("wv_"):
        return text
    waiting = [one for one in client.waivers.list(text)["items"] if one["status"] == "waiting"]
    found = [one["id"] for one in waiting if one["subject"] == text] or [one["id"] for one in waiting]
    return only(found, f"waits to be decided on for {text}", f"roadbed waiver list --for {text}")
