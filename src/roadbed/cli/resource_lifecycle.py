"""`roadbed resource rotate` and `resize`: what is done to a resource that stays."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.group import PlainCommand, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.plan_request import Detail, Yes
from roadbed.cli.resource_change import Manner, carry_through
from roadbed.cli.resource_file import tree_of
from roadbed.cli.resource_options import App, Name
from roadbed.cli.resource_params import read_params
from roadbed.cli.style import Style
from roadbed.cli.text import duration
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput


def add_commands(resource: typer.Typer) -> None:
    resource.command(cls=PlainCommand, epilog=_ROTATE)(rotate)
    resource.command(cls=PlainCommand, epilog=_RESIZE)(resize)


_ROTATE = examples("roadbed resource rotate db", "roadbed resource rotate db -a orders -e prod")
_RESIZE = examples(
    "roadbed resource resize cache --set max_memory_mb=256",
    "roadbed resource resize db --class large -e prod",
)


def rotate(
    name: Name,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Exchange a resource's credentials.

    New ones are made beside the old ones, the workloads that use them are rolled without losing a request, and then
    the old ones end. If anything fails before, the old ones go on.
    """
    client, owner = Client.found(), application_or_here(application)
    with suggesting(client, owner):
        accepted = client.resources.rotate(owner, environment, name)
    facts = {"application": owner, "environment": environment, "resource": name}
    finish(client, accepted, output, facts=facts, sentence=_rotated, detach=detach, verbose=verbose)


def resize(
    name: Name,
    resource_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Which kind of it; default: as it is.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="What it is to be like; repeatable.")
    ] = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Change how large a resource is.

    Writes it into roadbed.yaml, shows the edit and the plan, asks, and applies it. What would lose data, or make a
    resource smaller than what is in it, is refused.
    """
    if resource_class is None and not settings:
        raise InvalidInput("say what it is to be", hint="for example: --set size=20Gi, or --class large")
    client, tree = Client.found(), tree_of(application)
    with suggesting(client, tree.application):
        now = client.resources.get(tree.application, environment, name)
    change: dict[str, Any] = {
        "action": "resize",
        "name": name,
        "class": resource_class or now["class"],
        "params": read_params(settings or [], client.resources.blocks()["items"], now["type"]),
    }
    carry_through(client, tree, environment, change, Manner(output, yes, detail, False, detach, verbose))


def _rotated(result: dict[str, Any], style: Style) -> str:
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    rolled = f"; {result['release']} uses them" if result.get("release") else ""
    return f"{result['resource']} of {result['application']} has new credentials{rolled}, and the old ones ended{took}"
