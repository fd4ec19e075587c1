"""`roadbed releases` and `rollback`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.deploy import live
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.origins import origin_line
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Detach, Environment, Output, Verbose, Wait
from roadbed.cli.style import Style
from roadbed.cli.text import ago, table
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput

if TYPE_CHECKING:
    from roadbed.client.models import Listing, Release

_RELEASE = re.compile(r"v?\d+")

app = command_group()


@app.command(epilog=examples("roadbed releases", "roadbed releases orders -e prod", "roadbed releases orders -o json"))
def releases(
    application: Application = None, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text
) -> None:
    """List an application's releases.

    Newest first.
    """
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        listing = client.applications.releases(name, environment)
    if output is Format.text and not listing["items"]:
        say(f"{name} has no release in {environment} yet. Make one: roadbed deploy")
        return
    show(listing, output, _releases)


def _releases(listing: Listing[Release], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            item["release"],
            item["status"],
            ago(item.get("created_at"), now),
            item.get("created_by"),
            origin_line(item["origin"]) if "origin" in item else None,
            _note(item),
        )
        for item in listing["items"]
    ]
    return table(("RELEASE", "STATUS", "MADE", "BY", "SOURCE", "MESSAGE"), rows, style)


def _note(release: Release) -> str:
    rollback = f"rollback to {release['rollback_of']}" if release.get("rollback_of") else ""
    open_air = "" if release.get("sandboxed", True) else "not sandboxed"
    return "; ".join(part for part in (release.get("message") or "", rollback, open_air) if part)


@app.command(
    epilog=examples(
        "roadbed rollback orders       to the release before this one",
        "roadbed rollback orders v3",
        "roadbed rollback v3           the application of this directory",
    )
)
def rollback(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[APP] [RELEASE]",
            help="The application, and the release to go back to.",
            autocompletion=names.applications,
            show_default=False,
        ),
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    wait: Wait = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Go back to an earlier release.

    Makes a new release of the old one's build and settings. Databases and their passwords stay as they are; release
    commands are not run backwards.
    """
    application, release = which(words or [])
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        accepted = client.applications.rollback(name, environment, release)
    facts: dict[str, Any] = {"application": name, "environment": environment, "rollback_of": release}
    finish(client, accepted, output, facts=facts, sentence=live, detach=detach, verbose=verbose, wait=wait)


def which(words: list[str]) -> tuple[str | None, str | None]:
    """The application and the release that `[APP] [RELEASE]` means; one word that looks like a release is one."""
    if len(words) > 2:
        raise InvalidInput(
            "too many words", hint="roadbed rollback [APP] [RELEASE], as in `roadbed rollback orders v3`"
        )
    if len(words) == 1 and not _RELEASE.fullmatch(words[0]):
        return words[0], None
    release = words[-1] if words else None
    if release and not _RELEASE.fullmatch(release):
        raise InvalidInput(f"{release!r} is no release", hint="releases are v1, v2, …: see `roadbed releases`")
    application = words[0] if len(words) == 2 else None
    return application, f"v{release.removeprefix('v')}" if release else None
