"""`roadbed plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from roadbed.cli.deploy import send_source
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Environment, Output
from roadbed.cli.plan_view import render
from roadbed.client.client import Client

app = command_group()


@app.command(
    epilog=examples(
        "roadbed plan                 what deploying this directory to dev would change",
        "roadbed plan ./orders -e prod",
        "roadbed plan -o json | jq .summary",
    )
)
def plan(
    path: Annotated[Path, typer.Argument(metavar="[PATH]", help="The directory that holds the source.")] = Path(),
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="Plan it as this application.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    output: Output = Format.text,
) -> None:
    """Show what a deploy would change.

    Nothing is changed. + is created, ~ updated, ± replaced, - deleted; secrets are shown as •••.
    """
    name = application_or_here(application, path)
    client = Client.found()
    digest = send_source(client, path, progress=shows_progress(output is Format.json))
    show(client.applications.plan(name, environment, digest), output, render)
