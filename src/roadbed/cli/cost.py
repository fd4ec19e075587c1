"""`roadbed cost`."""

from __future__ import annotations

from typing import Annotated

import typer

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import Output
from roadbed.cli.stack_names import looks_like_stack, suggesting_stack
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput

app = command_group()


@app.command(
    "cost",
    cls=PlainCommand,
    epilog=examples(
        "roadbed cost                 every stack, by environment and by owner",
        "roadbed cost orders          an application, in all environments",
        "roadbed cost orders@dev      each resource of a stack, and how it comes to that",
        "roadbed cost -e prod -o json | jq .total",
        "roadbed plan --cost          what a change would make of it",
    ),
)
def cost(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[APP|STACK]",
            help="An application or a module, or a stack: NAME@ENV.",
            autocompletion=names.stacks,
        ),
    ] = None,
    environment: Annotated[
        str | None, typer.Option("--env", "-e", metavar="ENV", help="Only this environment.")
    ] = None,
    output: Output = Format.text,
) -> None:
    """Show what runs costs and emits by the month.

    Estimated from what resources ask for and the platform team's price sheet.
    """
    from roadbed.cli.cost_view import reported, stack_told

    client = Client.found()
    if what is not None and looks_like_stack(what):
        if environment is not None:
            raise InvalidInput(f"{what} is in one environment already", hint="leave -e out")
        with suggesting_stack(client, what):
            found = client.costs.stack(what)
        show(found, output, stack_told)
    else:
        show(client.costs.report(what, environment), output, reported)
