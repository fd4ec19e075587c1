"""`roadbed deploy`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose, Wait
from roadbed.cli.shipping import accepted, ship
from roadbed.cli.style import Style
from roadbed.cli.text import duration
from roadbed.client.client import Client

app = command_group()


@app.command(
    epilog=examples(
        "roadbed deploy                      this directory, to dev",
        'roadbed deploy ./orders -e prod -m "faster search"',
        "roadbed deploy --ref v1.2           what its git repository has at v1.2",
        "roadbed deploy orders-1.2.tar.gz",
        "roadbed deploy https://example.org/orders.git#main",
        "roadbed deploy --yes                with the databases that it seems to need",
        "roadbed deploy --detach             don't wait",
        "roadbed deploy -o json | jq .url",
    )
)
def deploy(
    source: Annotated[
        str, typer.Argument(metavar="[PATH|URL]", help="A directory, a tar.gz, or the URL of a git repository.")
    ] = ".",
    ref: Annotated[str | None, typer.Option("--ref", metavar="REV", help="The branch, tag or commit to take.")] = None,
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="Deploy it as this application.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    message: Annotated[str | None, typer.Option("--message", "-m", help="What this release brings.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add the databases that it seems to need.")] = False,
    delete_data: Annotated[
        bool, typer.Option("--delete-data", help="Delete databases, buckets and volumes that it no longer declares.")
    ] = False,
    no_final_backup: Annotated[
        bool,
        typer.Option("--no-final-backup", help="Keep nothing of what is deleted; default: a backup for some days."),
    ] = False,
    detach: Detach = False,
    wait: Wait = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Ship a source tree.

    Packs the directory (less what .gitignore leaves out, and .git), builds it, plans the change, and rolls it out. The
    running release stays up until the new one is ready; when that never happens, it simply goes on.

    Without a Score file it takes what Procfile, app.json, fly.toml and others of their kind, or else the code, say of
    it, and shows what it understood. Nothing is written; `roadbed init` does.

    Its name is the one in roadbed.yaml, or in score.yaml. The first deploy creates the application.
    """
    client = Client.found()
    shipped = ship(client, source, ref, application, output=output, every=verbose)
    needs = accepted(client, shipped, environment, yes=yes, output=output)
    begun = client.applications.deploy(
        shipped.application,
        environment,
        shipped.digest,
        message,
        needs=needs,
        delete_data=delete_data,
        final_backups=not no_final_backup,
    )
    facts = {"application": shipped.application, "environment": environment, "release": None, "url": None}
    finish(client, begun, output, facts=facts, sentence=live, detach=detach, verbose=verbose, wait=wait)


def live(result: dict[str, Any], style: Style) -> str:
    """`orders v3 is live in dev: http://… (4.2s)`."""
    if result.get("status") == "unchanged":
        return f"Nothing changed: {result['application']} {result['release']} stays in {result['environment']}."
    named = " ".join(str(part) for part in (result["application"], result.get("release")) if part)
    where = f": {style.paint(str(result['url']), 'bold')}" if result.get("url") else ""
    took = style.paint(f" ({duration(result['duration_s'])})", "dim") if result.get("duration_s") is not None else ""
    open_air = "" if result.get("sandboxed", True) else "\nIt runs without a sandbox; `roadbed doctor` says why."
    return f"{named} is live in {result['environment']}{where}{took}{open_air}"
