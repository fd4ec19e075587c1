"""`roadbed deploy`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.directories import check_directory
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_in, application_or_here, names_score_files
from roadbed.cli.output import Format, say
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.sending import Sent, send
from roadbed.cli.source.given import source_of
from roadbed.cli.standing_needs import standing_in
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import duration
from roadbed.client.client import Client
from roadbed.detection.beside import beside
from roadbed.kit.names import check_label

if TYPE_CHECKING:
    from roadbed.detection.places import Where

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
    detach: Detach = False,
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
    given = sent(client, source, ref, application, environment, yes=yes, output=output)
    with given.placed():
        accepted = client.applications.deploy(
            given.application, environment, given.digest, message, delete_data=delete_data
        )
        facts = {"application": given.application, "environment": environment, "release": None, "url": None}
        finish(client, accepted, output, facts=facts, sentence=live, detach=detach, verbose=verbose)


_SAY_WHAT_RUNS = ("score.yaml", "score.yml", "roadbed.py")
"""With one of them there is nothing to understand, and no time to be spent on it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is deployed: under which name, and with which files beside those of the directory; `where` leads from places
    in them to the directory's.
    """

    name: str
    added: Mapping[str, bytes] = field(default_factory=dict)
    where: Where | None = None


def prepare(
    client: Client,
    path: Path,
    application: str | None,
    environment: str,
    *,
    yes: bool,
    output: Format,
    asks: bool = True,
) -> Prepared:
    """Shows what is understood of a directory without a Score file; files are added where somebody accepts a need."""
    root = check_directory(path)
    progress = shows_progress(output is Format.json)
    if any((root / name).is_file() for name in _SAY_WHAT_RUNS) or names_score_files(root):
        return _as_it_is(root, application, progress=progress)
    from roadbed.cli import understanding
    from roadbed.detection.source import says_what_runs

    name = None if application is None else check_label(application, "the application")
    directory = understanding.open_directory(root)
    if says_what_runs(directory.read):
        return _as_it_is(root, application, progress=progress)
    found = understanding.detect_in(root, directory, name or application_in(root))
    if progress:
        understanding.show_understood(found)
    known = standing_in(client, found, environment)
    asks = asks and output is Format.text and is_terminal(sys.stdin)
    needs = understanding.accepted_needs(found, yes=yes, asks=asks, known=known)
    if set(needs) == set(found.stated) and not found.requirements:
        return Prepared(found.name)
    added = understanding.completed(directory, found, needs)
    return Prepared(found.name, added, understanding.placing(directory, found, added))


def _as_it_is(root: Path, application: str | None, *, progress: bool) -> Prepared:
    """A directory that says itself what runs. What lies beside that, and isn't read, is named."""
    if progress and (problem := beside(lambda name: (root / name).is_file())) is not None:
        say(f"note: {problem.message} ({problem.hint})")
    return Prepared(application_or_here(application, root))


def sent(
    client: Client,
    source: str,
    ref: str | None,
    application: str | None,
    environment: str,
    *,
    yes: bool,
    output: Format,
    asks: bool = True,
) -> Sent:
    """Has the platform take a source, with the files that a need that is accepted adds to it.

    What it fetches itself is read there alone: nothing is asked about its needs.
    """
    progress = shows_progress(output is Format.json)
    with source_of(source, ref) as given:
        if given.url is None:
            prepared = prepare(client, given.directory, application, environment, yes=yes, output=output, asks=asks)
            digest = send(client, given, progress=progress, added=prepared.added).digest
            return Sent(digest, prepared.name, prepared.where)
        found = send(client, given, progress=progress)
        return Sent(found.digest, check_label(application or found.application or "", "the application"))


def live(result: dict[str, Any], style: Style) -> str:
    """`orders v3 is live in dev: http://… (4.2s)`."""
    if result.get("status") == "unchanged":
        return f"Nothing changed: {result['application']} {result['release']} stays in {result['environment']}."
    named = " ".join(str(part) for part in (result["application"], result.get("release")) if part)
    where = f": {style.paint(str(result['url']), 'bold')}" if result.get("url") else ""
    took = style.paint(f" ({duration(result['duration_s'])})", "dim") if result.get("duration_s") is not None else ""
    open_air = "" if result.get("sandboxed", True) else "\nIt runs without a sandbox; `roadbed doctor` says why."
    return f"{named} is live in {result['environment']}{where}{took}{open_air}"
