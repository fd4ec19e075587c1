"""`roadbed resource`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from roadbed.cli import names
from roadbed.cli.block_cost import priced
from roadbed.cli.connecting import opening_of, shown_opening
from roadbed.cli.group import PlainCommand, command_group, examples, nearest
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Environment, Output
from roadbed.cli.resource_backup import add_commands as add_backup_commands
from roadbed.cli.resource_edit import add_commands as add_edit_commands
from roadbed.cli.resource_options import App, Name
from roadbed.cli.resource_rotate import add_commands as add_rotate_commands
from roadbed.cli.resource_view import block_shown, blocks_listed, listed, shown
from roadbed.client.client import Client
from roadbed.kit.errors import NotFound

app = command_group()
resource = command_group(
    help="Add databases and the like to an application, and look at them.",
    epilog=examples(
        "roadbed resource types                   what can be asked for",
        "roadbed resource add postgres            a database for the application here",
        "roadbed resource connect db              opens it",
        "roadbed resource backup db               keeps what is in it now",
    ),
)
app.add_typer(resource, name="resource")


@resource.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed resource types                   all of them, and what they cost in dev",
        "roadbed resource types -e prod           and in prod",
        "roadbed resource types postgres          who offers it, where, and with which params",
        "roadbed resource types -o json | jq '.items[].type'",
    ),
)
def types(
    type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Only this one, whole.", autocompletion=names.blocks)
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    output: Output = Format.text,
) -> None:
    """List what can be asked for, where it is offered, and what it costs.

    What it costs is that in one environment, as it is asked for with nothing said.
    """
    client = Client.found()
    listing = client.resources.blocks()
    offered = {name for block in listing["items"] for name in block["environments"]}
    if environment != DEFAULT_ENVIRONMENT or environment in offered:  # there need not be one of that name
        priced(listing["items"], client.costs.blocks(environment))
    if type is None:
        show(listing, output, partial(blocks_listed, environment=environment))
        return
    for block in listing["items"]:
        if block["type"] == type:
            show(block, output, block_shown)
            return
    known = [block["type"] for block in listing["items"]]
    near = nearest(type, known)
    hint = f"did you mean {near!r}?" if near else f"offered are: {', '.join(known)}"
    raise NotFound(f"nobody offers a resource of type {type!r}", hint=hint)


@resource.command(
    "list", cls=PlainCommand, epilog=examples("roadbed resource list", "roadbed resource list -a orders -e prod")
)
def list_(
    application: App = None, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text
) -> None:
    """List the resources that an application has, and where each is declared."""
    client, name = Client.found(), application_or_here(application)
    with suggesting(client, name):
        show(client.resources.list(name, environment), output, listed)


@resource.command(
    "show", cls=PlainCommand, epilog=examples("roadbed resource show db", "roadbed resource show db -o json")
)
def show_(
    name: Name,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    output: Output = Format.text,
) -> None:
    """Show one resource: where it is declared, who uses it and by which variables. No value of a secret is shown."""
    client, owner = Client.found(), application_or_here(application)
    show(client.resources.get(owner, environment, name), output, shown)


@resource.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed resource connect db                       opens psql",
        "roadbed resource connect db -- -c 'select 1'      what follows goes to the program",
        "roadbed resource connect files                    a shell for a bucket: ls, get, put",
        "roadbed resource connect db --print               the command, its password masked",
    ),
)
def connect(
    name: Name,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[-- ARGUMENTS]", help="For the program.", show_default=False)
    ] = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    print_: Annotated[bool, typer.Option("--print", help="Show how it is opened, and don't open it.")] = False,
    output: Output = Format.text,
) -> None:
    """Open a resource with its own program: psql, valkey-cli, a shell for a bucket.

    The program gets the credentials in its environment: they stand on no command line, and nowhere on the screen.
    Who connects is noted in the audit log.
    """
    client, owner = Client.found(), application_or_here(application)
    opening = opening_of(client.resources.connect(owner, environment, name), words or [])
    if print_:
        show(shown_opening(opening), output, lambda found, _style: found["shown"])
        return
    opening.run()


add_edit_commands(resource)
add_backup_commands(resource)
add_rotate_commands(resource)
