"""`roadbed resource rotate`."""

from __future__ import annotations

from typing import Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.group import PlainCommand, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.resource_options import App, Name
from roadbed.cli.style import Style
from roadbed.cli.text import duration
from roadbed.client.client import Client


def add_commands(resource: typer.Typer) -> None:
    resource.command(cls=PlainCommand, epilog=_ROTATE)(rotate)


_ROTATE = examples("roadbed resource rotate db", "roadbed resource rotate db -a orders -e prod")


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


def _rotated(result: dict[str, Any], style: Style) -> str:
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    rolled = f"; {result['release']} uses them" if result.get("release") else ""
    return f"{result['resource']} of {result['application']} has new credentials{rolled}, and the old ones ended{took}"
