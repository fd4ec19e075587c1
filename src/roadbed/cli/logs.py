"""`roadbed logs`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, show, show_each
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Environment, Output
from roadbed.cli.style import Style
from roadbed.cli.text import clean, parse_time
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import LogEntry

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")

app = command_group()


@app.command(
    epilog=examples(
        "roadbed logs                    the last 100 lines of this directory's application",
        "roadbed logs orders -f          and whatever comes next",
        "roadbed logs orders -n 1000 -w web",
        "roadbed logs orders -f -o json  a JSON object on each line",
    )
)
def logs(
    application: Application = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on showing what comes.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=10_000, help="How many of the past.")] = 100,
    workload: Annotated[
        str | None, typer.Option("--workload", "-w", metavar="NAME", help="Only those of this workload.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    output: Output = Format.text,
) -> None:
    """Show what an application prints.

    Secrets are masked. Lines of all replicas, by time.
    """
    name, client = application_or_here(application), Client.found()
    # A stream that only waits must not run into a time limit; a lost server ends it.
    found = Client.found(timeout=86_400).applications if follow else client.applications
    entries = found.logs(name, environment, lines=lines, follow=follow, workload=workload)
    with suggesting(client, name):
        if follow:
            _show_until_interrupted(entries, output)
        elif output is Format.text:
            show_each(entries, output, render)
        else:
            show({"items": list(entries)}, output, lambda _data, _style: "")


def _show_until_interrupted(entries: Iterator[LogEntry], output: Format) -> None:
    try:
        show_each(entries, output, render)
    except KeyboardInterrupt:
        raise typer.Exit from None


def render(entry: LogEntry, style: Style) -> str:
    """`12:04:05 web-1 │ text`, with the time where the reader is."""
    at = parse_time(entry.get("at"))
    clock = at.astimezone().strftime("%H:%M:%S") if at else "--:--:--"
    replica = entry.get("replica") or "roadbed"
    colour = _COLOURS[sum(replica.encode()) % len(_COLOURS)]
    text = clean(entry.get("text", ""))
    if entry.get("stream") == "system":
        text = style.paint(text, "dim")
    return f"{style.paint(clock, 'dim')} {style.paint(replica, colour)} {style.paint('│', 'dim')} {text}"
