"""`roadbed config`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.style import Style
from roadbed.cli.text import table
from roadbed.cli.variables import understand
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import ConfigValue, Listing

_MASK = "••••••"

app = command_group()


@app.command(
    epilog=examples(
        "roadbed config orders                            show the variables",
        "roadbed config orders set LOG_LEVEL=debug",
        "roadbed config orders set --secret API_KEY       asks for it, or reads it from stdin",
        "roadbed config orders unset LOG_LEVEL",
    )
)
def config(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[APP] [set NAME=VALUE... | unset NAME...]",
            help="The application, and what to change.",
            autocompletion=names.applications,
            show_default=False,
        ),
    ] = None,
    secret: Annotated[bool, typer.Option("--secret", help="Keep the values sealed, and never show them.")] = False,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Show or change an application's variables.

    A change makes a new release, and rolls it out.
    """
    request = understand(words or [], secret=secret)
    name, client = application_or_here(request.owner), Client.found()
    with suggesting(client, name):
        if not request.changes:
            _show(client, name, environment, output)
            return
        accepted = client.applications.configure(
            name, environment, values=request.known_values, unset=request.unset, secret=secret
        )
    facts: dict[str, Any] = {"application": name, "environment": environment}
    finish(client, accepted, output, facts=facts, sentence=_changed, detach=detach, verbose=verbose)


def _show(client: Client, name: str, environment: str, output: Format) -> None:
    listing = client.applications.config(name, environment)
    if output is Format.text and not listing["items"]:
        say(f"{name} has no variables of its own in {environment}.")
        return
    show(listing, output, _values)


def _values(listing: Listing[ConfigValue], style: Style) -> str:
    rows = [
        (item["name"], _MASK if item.get("secret") else item.get("value"), item.get("source"))
        for item in listing["items"]
    ]
    return table(("NAME", "VALUE", "SET BY"), rows, style)


def _changed(result: dict[str, Any], _style: Style) -> str:
    release = f" {result['release']}" if result.get("release") else ""
    return f"{result['application']}{release} runs with the new variables in {result['environment']}."
