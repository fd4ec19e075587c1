"""`roadbed resource`."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import typer

from roadbed.cli import names
from roadbed.cli.connecting import opening_of, shown_opening
from roadbed.cli.group import PlainCommand, command_group, examples, nearest
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.plan_request import Detail, Yes
from roadbed.cli.resource_backup import add_commands as add_backup_commands
from roadbed.cli.resource_change import Manner, carry_through, write_only
from roadbed.cli.resource_file import tree_of
from roadbed.cli.resource_lifecycle import add_commands as add_lifecycle_commands
from roadbed.cli.resource_options import App, Name
from roadbed.cli.resource_params import read_params
from roadbed.cli.resource_view import block_shown, blocks_listed, listed, shown
from roadbed.client.client import Client
from roadbed.client.resources import added
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

Workloads: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--workload", "-w", metavar="WORKLOAD", help="Only this workload; repeatable. Default: all."),
]


@resource.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed resource types                   all of them",
        "roadbed resource types postgres          who offers it, where, and with which params",
        "roadbed resource types -o json | jq '.items[].type'",
    ),
)
def types(
    type: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="Only this one, whole.", autocompletion=names.blocks)
    ] = None,
    output: Output = Format.text,
) -> None:
    """List what can be asked for, and where it is offered."""
    listing = Client.found().resources.blocks()
    if type is None:
        show(listing, output, blocks_listed)
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
        "roadbed resource add postgres                        a database, called db",
        "roadbed resource add s3 --name exports --set versioned=true",
        "roadbed resource add redis --workload worker --yes",
        "roadbed resource add postgres -a orders -e prod      of an application whose source is elsewhere",
    ),
)
def add(
    type: Annotated[str, typer.Argument(metavar="TYPE", help="What to add.", autocompletion=names.blocks)],
    name: Annotated[str, typer.Option("--name", help="What it is called; default: after its type.")] = "",
    resource_class: Annotated[str, typer.Option("--class", metavar="CLASS", help="Which kind of it.")] = "default",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="What it is to be like; repeatable.")
    ] = None,
    workloads: Workloads = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What its variables begin with; default: its name in capitals.")
    ] = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Add a resource to an application.

    Writes it into roadbed.yaml, shows the edit and the plan, asks, and applies it to the release that runs: no
    code of this directory is shipped with it. The workloads get its variables. Where the application's source isn't
    here, it is a setting of the application until roadbed.yaml says the same.
    """
    client, tree = Client.found(), tree_of(application)
    params = read_params(settings or [], client.resources.blocks()["items"], type)
    change = added(
        type, name=name, resource_class=resource_class, params=params, workloads=workloads or None, prefix=prefix
    )
    manner = Manner(output, yes=yes, detail=detail, detach=detach, verbose=verbose)
    if tree.root is not None and not _runs(client, tree.application, environment):
        checked = client.resources.check(environment, change)
        write_only(tree, environment, {**change, "name": checked["name"]}, manner)
        return
    carry_through(client, tree, environment, change, manner)


@resource.command(
    cls=PlainCommand,
    epilog=examples("roadbed resource remove cache", "roadbed resource remove db --delete-data --yes"),
)
def remove(
    name: Name,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Delete it with all that is in it.")] = False,
    no_final_backup: Annotated[
        bool, typer.Option("--no-final-backup", help="Keep nothing of it; default: a backup for some days.")
    ] = False,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Take a resource away from an application, out of roadbed.yaml, too.

    One that holds data is deleted only after its name was typed, or with --delete-data. What was in it can be brought
    back for some days: roadbed resource backups.
    """
    manner = Manner(output, yes, detail, delete_data, detach, verbose, final_backups=not no_final_backup)
    _change({"action": "remove", "name": name}, application, environment, manner)


@resource.command(
    cls=PlainCommand,
    epilog=examples("roadbed resource attach db                 to all workloads", "roadbed resource attach db -w web"),
)
def attach(
    name: Name,
    workloads: Workloads = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Give a resource's variables to workloads."""
    change = {"action": "attach", "name": name, "workloads": workloads or None}
    _change(change, application, environment, Manner(output, yes, detail, False, detach, verbose))


@resource.command(
    "detach",
    cls=PlainCommand,
    epilog=examples(
        "roadbed resource detach db -w worker", "roadbed resource detach db                 of all workloads"
    ),
)
def detach_(
    name: Name,
    workloads: Workloads = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Take a resource's variables from workloads. It stays, with what is in it."""
    change = {"action": "detach", "name": name, "workloads": workloads or None}
    _change(change, application, environment, Manner(output, yes, detail, False, detach, verbose))


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


def _change(change: dict[str, Any], application: str | None, environment: str, manner: Manner) -> None:
    client = Client.found()
    carry_through(client, tree_of(application), environment, change, manner)


def _runs(client: Client, name: str, environment: str) -> bool:
    """Whether a release of it is in force there."""
    try:
        return client.applications.get(name, environment)["release"] is not None
    except NotFound:
        return False


add_backup_commands(resource)
add_lifecycle_commands(resource)
