"""`roadbed deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here
from roadbed.cli.output import Format
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.style import Style
from roadbed.cli.text import duration, plural, size
from roadbed.cli.ticker import Ticker
from roadbed.client.client import Client

app = command_group()


@app.command(
    epilog=examples(
        "roadbed deploy                      this directory, to dev",
        'roadbed deploy ./orders -e prod -m "faster search"',
        "roadbed deploy --detach             don't wait",
        "roadbed deploy -o json | jq .url",
    )
)
def deploy(
    path: Annotated[Path, typer.Argument(metavar="[PATH]", help="The directory that holds the source.")] = Path(),
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="Deploy it as this application.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    message: Annotated[str | None, typer.Option("--message", "-m", help="What this release brings.")] = None,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Ship a source tree.

    Packs the directory (less what .gitignore leaves out, and .git), builds it, plans the change, and rolls it out. The
    running release stays up until the new one is ready; when that never happens, it simply goes on.

    Its name is the one in roadbed.yaml, or in score.yaml. The first deploy creates the application.
    """
    name = application_or_here(application, path)
    client = Client.found()
    digest = send_source(client, path, progress=shows_progress(output is Format.json))
    accepted = client.applications.deploy(name, environment, digest, message)
    facts = {"application": name, "environment": environment, "release": None, "url": None}
    finish(client, accepted, output, facts=facts, sentence=live, detach=detach, verbose=verbose)


def send_source(client: Client, path: Path, *, progress: bool) -> str:
    """Packs and sends what is in `path`; returns the digest that the platform knows it by."""
    from roadbed.cli.source.archive import packed

    ticker = Ticker(enabled=progress)
    try:
        ticker.begin("Packing the source")
        with packed(path) as archive:
            ticker.done(detail=f"{plural(archive.files, 'file')}, {size(archive.size)}")
            ticker.begin("Sending it")
            digest = client.applications.put_source(archive.file)["digest"]
            ticker.done()
            return digest
    finally:
        ticker.stop()


def live(result: dict[str, Any], style: Style) -> str:
    """`orders v3 is live in dev: http://… (4.2s)`."""
    if result.get("status") == "unchanged":
        return f"Nothing changed: {result['application']} {result['release']} stays in {result['environment']}."
    named = " ".join(str(part) for part in (result["application"], result.get("release")) if part)
    where = f": {style.paint(str(result['url']), 'bold')}" if result.get("url") else ""
    took = style.paint(f" ({duration(result['duration_s'])})", "dim") if result.get("duration_s") is not None else ""
    open_air = "" if result.get("sandboxed", True) else "\nIt runs without a sandbox; `roadbed doctor` says why."
    return f"{named} is live in {result['environment']}{where}{took}{open_air}"
