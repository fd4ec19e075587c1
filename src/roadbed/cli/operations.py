"""`roadbed ops`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.errors import shows_progress
from roadbed.cli.follow import counted, failure_of, follow, step_seconds, taken_up_again
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Limit, Output, Verbose
from roadbed.cli.stopping import stops, told_to_stop
from roadbed.cli.style import Style
from roadbed.cli.text import NOTHING, ago, clean, duration, pairs, table
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import Listing, Operation

_MARKS = {"succeeded": "✓", "failed": "✗", "running": "▸", "skipped": "–", "waiting": "·"}

Identifier = Annotated[str, typer.Argument(metavar="ID", help="The operation.")]

app = command_group()
ops = command_group(
    invoke_without_command=True,
    epilog=examples(
        "roadbed ops", "roadbed ops --target orders@dev", "roadbed ops show op_01jd…", "roadbed ops cancel op_01jd…"
    ),
)
app.add_typer(ops, name="ops")


@ops.callback()
def list_operations(
    context: typer.Context,
    target: Annotated[str | None, typer.Option("--target", metavar="APP@ENV", help="Only what is about it.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only those that are so: running, failed, …")] = None,
    limit: Limit = 20,
    output: Output = Format.text,
) -> None:
    """List, show or cancel background work."""
    if context.invoked_subcommand is not None:
        return
    listing = Client.found().operations.list(target=target, state=state, limit=limit)
    if output is Format.text and not listing["items"]:
        say("No operations.")
        return
    show(listing, output, _operations)


def _operations(listing: Listing[Operation], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            item["id"],
            item["state"],
            item["title"],
            item["target"],
            item.get("requested_by"),
            ago(item.get("created_at"), now),
        )
        for item in listing["items"]
    ]
    return table(("ID", "STATE", "WHAT", "TARGET", "BY", "ASKED"), rows, style)


@ops.command(
    "show", cls=PlainCommand, epilog=examples("roadbed ops show op_01jd…", "roadbed ops show op_01jd… --follow")
)
def show_operation(
    identifier: Identifier,
    watching: Annotated[bool, typer.Option("--follow", "-f", help="Watch it to its end.")] = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Show an operation: its steps, and with -v its log."""
    client = Client.found()
    if watching:
        progress = shows_progress(output is Format.json)
        operation = follow(client, identifier, verbose=verbose, progress=progress, waits=True)
        show(operation, output, lambda data, style: f"{data['title']} {style.state(data['state'])}")
        return
    show(client.operations.get(identifier), output, render)
    if verbose and output is Format.text:
        show(
            client.operations.log(identifier),
            output,
            lambda log, _style: "\n".join(clean(line["text"]) for line in log["items"]),
        )


def render(operation: Operation, style: Style) -> str:
    from roadbed.cli import errors

    now = datetime.now(UTC)
    facts = [
        ("Operation", operation["id"]),
        ("State", operation["state"]),
        ("Note", taken_up_again(operation)),
        ("Cancel", told_to_stop(operation) if stops(operation) else None),
        ("Target", operation["target"]),
        ("Asked", f"{ago(operation.get('created_at'), now)} by {operation.get('requested_by') or NOTHING}"),
    ]
    lines = [style.paint(operation["title"], "bold"), pairs(facts, style), ""]
    for step in operation.get("steps") or ():
        seconds = step_seconds(step)
        took = f"  {style.paint(duration(seconds), 'dim')}" if seconds is not None else ""
        mark = style.paint(
            _MARKS.get(step["state"], "·"), {"succeeded": "green", "failed": "red"}.get(step["state"], "dim")
        )
        detail = f"  {style.paint(clean(counted(step)), 'dim')}" if counted(step) else ""
        lines.append(f"  {mark} {step.get('title') or step['name']}{detail}{took}")
    if operation["state"] == "failed":
        lines += ["", errors.render(failure_of(operation), style)]
    return "\n".join(lines)


@ops.command("cancel", cls=PlainCommand, epilog=examples("roadbed ops cancel op_01jd…"))
def cancel_operation(identifier: Identifier, output: Output = Format.text) -> None:
    """Ask an operation to stop.

    It stops at the next safe point: what runs then may still end, for about a minute. What was done is recorded.
    """
    client = Client.found()
    operation = client.operations.cancel(identifier) or client.operations.get(identifier)
    show(operation, output, lambda _data, _style: f"{identifier} was asked to stop.")
