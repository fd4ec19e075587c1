"""`roadbed build` and `builds`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli.accepted import finish
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.origins import origin_line
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Limit, Output, Verbose
from roadbed.cli.shipping import ship
from roadbed.cli.style import Style
from roadbed.cli.text import ago, clean, duration, entity, pairs, plural, size, table
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput

if TYPE_CHECKING:
    from roadbed.client.models import Build, Listing

_AGE = re.compile(r"(\d{1,5}(?:\.\d+)?)([hdw])")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0}
_SHORT = 12

app = command_group()
builds = command_group(
    invoke_without_command=True,
    epilog=examples(
        "roadbed builds",
        "roadbed builds show 0f3c9a1b22de       how it was built, and what was installed",
        "roadbed builds prune --dry-run         what could go, and what that would free",
    ),
)
app.add_typer(builds, name="builds")


@app.command(
    epilog=examples(
        "roadbed build                       this directory",
        "roadbed build --ref v1.2            what its repository has at v1.2",
        "roadbed build orders-1.2.tar.gz",
        "roadbed build https://example.org/orders.git#main",
    )
)
def build(
    source: Annotated[
        str, typer.Argument(metavar="[PATH|URL]", help="A directory, a tar.gz, or the URL of a git repository.")
    ] = ".",
    ref: Annotated[str | None, typer.Option("--ref", metavar="REV", help="The branch, tag or commit to take.")] = None,
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="Build it as this application.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Build a source tree without deploying it.

    Prints the build's digest. A deploy of the same source then has nothing left to build. The secrets that
    roadbed.yaml lists in build.secrets are taken from what the application has set in the environment.
    """
    client = Client.found()
    shipped = ship(client, source, ref, application, output=output)
    accepted = client.builds.build(shipped.digest, environment, shipped.application)
    facts = {"application": shipped.application, "build": None, "source": shipped.digest}
    finish(client, accepted, output, facts=facts, sentence=_built, detach=detach, verbose=verbose)


def _built(result: dict[str, Any], style: Style) -> str:
    took = style.paint(f" ({duration(result['duration_s'])})", "dim") if result.get("duration_s") is not None else ""
    return f"{result['build']}{took}"


@builds.callback()
def list_builds(context: typer.Context, limit: Limit = 20, output: Output = Format.text) -> None:
    """List, show or prune builds."""
    if context.invoked_subcommand is not None:
        return
    listing = Client.found().builds.list(limit)
    if output is Format.text and not listing["items"]:
        say("No builds yet. Make one: roadbed build, or roadbed deploy")
        return
    show(listing, output, _listed)


def _listed(listing: Listing[Build], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            item["digest"][:_SHORT],
            _languages(item),
            origin_line(item["origin"]),
            ago(item["created_at"], now),
            size(item["size"]),
            entity(item.get("owner")),
            _used_by(item["used_by"]),
        )
        for item in listing["items"]
    ]
    return table(("BUILD", "OF", "SOURCE", "MADE", "SIZE", "OWNER", "USED BY"), rows, style)


def _used_by(releases: list[str]) -> str:
    """The newest, and how many more."""
    more = f" and {len(releases) - 1} more" if len(releases) > 1 else ""
    return f"{releases[0]}{more}" if releases else ""


def _languages(item: Build) -> str:
    return ", ".join(f"{part['language']} {part['version']}" for part in item["recipe"].get("parts", []))


@builds.command("show", cls=PlainCommand, epilog=examples("roadbed builds show 0f3c9a1b22de", "… --log"))
def show_build(
    digest: Annotated[str, typer.Argument(metavar="BUILD", help="Its digest, or the first digits of it.")],
    log: Annotated[bool, typer.Option("--log", help="Show what was said while it was made.")] = False,
    output: Output = Format.text,
) -> None:
    """Show how a build was made, and what was installed."""
    client = Client.found()
    found = client.builds.get(digest)
    if log:
        sys.stdout.flush()
        client.builds.log(found["digest"], sys.stdout.buffer)
        sys.stdout.flush()
        return
    show(found, output, _shown)


def _shown(item: Build, style: Style) -> str:
    now = datetime.now(UTC)
    recipe = item["recipe"]
    facts = [
        ("Build", item["digest"]),
        ("Source", f"{item['source'][:_SHORT]}, {origin_line(item['origin'])}"),
        ("Made", f"{ago(item['created_at'], now)} by {item['created_by']}, in {duration(item['duration_s'])}"),
        ("Last used", ago(item["used_at"], now)),
        ("Size", size(item["size"])),
        ("Owner", entity(item.get("owner"))),
        ("Used by", ", ".join(item["used_by"]) or "no release"),
    ]
    parts = [pairs(facts, style), "", *_recipe(recipe)]
    if item.get("lock"):
        parts += ["", style.paint("Installed", "bold"), clean_lines(str(item["lock"]))]
    return "\n".join([*parts, "", f"Its log: roadbed builds show {item['digest'][:_SHORT]} --log"])


def _recipe(recipe: dict[str, Any]) -> Iterator[str]:
    for part in recipe.get("parts", []):
        by = part.get("dependencies") or " ".join(filter(None, part.get("manager") or []))
        yield clean(f"{part['language']} {part['version']}{f', by {by}' if by else ''}, layer {part['layer'][:_SHORT]}")
    for command in recipe.get("commands", []):
        yield clean(f"$ {' '.join(command)}")
    if secrets := recipe.get("secrets"):
        yield clean(f"shown of the secrets {', '.join(secrets)} those that were set")


def clean_lines(text: str) -> str:
    return "\n".join(f"  {clean(line)}" for line in text.splitlines())


@builds.command(
    "prune",
    epilog=examples(
        "roadbed builds prune --dry-run", "roadbed builds prune --keep 3", "roadbed builds prune --older-than 30d"
    ),
)
def prune(
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, metavar="N", help="Keep so many that no release needs.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="AGE", help="Only what was last used so long ago: 30d, 12h.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what could go. Nothing is removed.")] = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Remove builds that no release needs.

    What a release in force uses stays, and what one that can be gone back to does, and what was used in the last hour.
    What isn't said is as the platform's settings have it, which prune daily: ROADBED_BUILDS__KEEP and
    ROADBED_BUILDS__OLDER_THAN_DAYS.
    """
    client = Client.found()
    accepted = client.builds.prune(keep=keep, older_than_days=_days(older_than), dry_run=dry_run)
    finish(client, accepted, output, facts={"dry_run": dry_run}, sentence=_pruned, detach=detach, verbose=verbose)


def _days(age: str | None) -> float | None:
    if age is None:
        return None
    match = _AGE.fullmatch(age)
    if match is None:
        raise InvalidInput(f"{age!r} is no age", hint="write a number and a unit: 12h, 30d, 4w")
    return float(match[1]) * _DAYS[match[2]]


def _pruned(result: dict[str, Any], style: Style) -> str:
    before, after = result["before"], result["after"]
    names = ("sources", "layers", "artifacts", "cache", "total")
    rows = [(name, size(before[name]), size(after[name])) for name in names]
    would = "would be removed" if result["dry_run"] else "removed"
    gone = f"{plural(len(result['builds']), 'build')} and {plural(result['layers'], 'layer')} {would}"
    later = "AFTERWARDS" if result["dry_run"] else "NOW"
    shown = f"{table(('ON DISK', 'BEFORE', later), rows, style)}\n\n{gone}: {size(max(result['freed'], 0))} freed"
    return shown if result["builds"] else f"{shown}\n{_why_kept(result['kept'])}"


def _why_kept(kept: dict[str, int]) -> str:
    """`3 builds stay: 2 that a release needs, 1 that was used in the last hour`."""
    if not (total := sum(kept.values())):
        return "There is no build."
    were = {name: "was" if count == 1 else "were" for name, count in kept.items()}
    reasons = {
        "needed": "that a release needs",
        "newest": "kept as the last used of the others (--keep)",
        "recent": f"that {were['recent']} used too lately for --older-than",
        "last_hour": f"that {were['last_hour']} used in the last hour",
    }
    told = ", ".join(f"{kept[name]} {reason}" for name, reason in reasons.items() if kept[name])
    return f"{plural(total, 'build')} {'stays' if total == 1 else 'stay'}: {told}"
