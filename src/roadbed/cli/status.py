"""`roadbed status`, `doctor` and `version`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from roadbed import __version__
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Environment, Output
from roadbed.cli.style import Style
from roadbed.cli.text import ago, entity, pairs, plural, table
from roadbed.client.client import Client
from roadbed.kit.errors import RoadbedError

if TYPE_CHECKING:
    from roadbed.client.models import ApplicationDetail, Check, Isolation, Listing, PlatformStatus

app = command_group()


@app.command(
    epilog=examples(
        "roadbed status            the platform",
        "roadbed status orders     an application",
        "roadbed status orders -e prod -o json",
    )
)
def status(
    application: Application = None, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text
) -> None:
    """Show how the platform or an application is.

    Without APP: the platform, its parts and how well it can isolate what it runs.
    """
    client = Client.found()
    if application is None:
        show(client.platform.status(), output, _platform)
        return
    name = application_or_here(application)
    with suggesting(client, name):
        show(client.applications.get(name, environment), output, _application)


def _platform(status: PlatformStatus, style: Style) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in (status.get("counts") or {}).items())
    facts = [
        ("Roadbed", status["version"]),
        ("URL", status.get("url")),
        ("Home", status.get("home")),
        ("Started", ago(status.get("started_at"), datetime.now(UTC))),
        ("Isolation", _isolation(status.get("isolation"))),
        ("Holds", counts),
    ]
    rows = [
        (part["name"], part["state"], _megabytes(part.get("memory_mb")), part.get("detail"))
        for part in status.get("components") or ()
    ]
    return f"{pairs(facts, style)}\n\n{table(('PART', 'STATE', 'MEMORY', 'DETAIL'), rows, style)}"


def _isolation(isolation: Isolation | None) -> str | None:
    if isolation is None:
        return None
    if not isolation["sandbox"]:
        return f"none: {isolation.get('reason') or 'the kernel allows no sandbox'}"
    user = f", as the user {isolation['user']}" if isolation.get("user") else ""
    return f"sandbox{user}; memory by {isolation.get('memory') or 'watch'}"


def _megabytes(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f} MB"


def _application(detail: ApplicationDetail, style: Style) -> str:
    facts = [
        ("Application", detail["application"]),
        ("About", detail.get("description")),
        ("Environment", detail["environment"]),
        ("Health", detail.get("health")),
        ("Release", detail.get("release")),
        ("URL", detail.get("url")),
        ("Owner", entity(detail.get("owner"))),
        ("System", detail.get("system")),
        ("Changed", ago(detail.get("updated_at"), datetime.now(UTC))),
        ("Isolation", None if detail.get("sandboxed", True) else "none: it runs without a sandbox"),
    ]
    workloads = [
        (each["name"], f"{each['replicas']['ready']}/{each['replicas']['desired']}", each.get("reason"))
        for each in detail.get("workloads") or ()
    ]
    told = 3 if any(row[-1] for row in workloads) else 2
    resources = [
        (each["name"], each["type"], each["state"], each.get("note")) for each in detail.get("resources") or ()
    ]
    shown = 4 if any(row[-1] for row in resources) else 3
    parts = [pairs(facts, style)]
    parts += (
        [table(("WORKLOAD", "READY", "REASON")[:told], [row[:told] for row in workloads], style)] if workloads else []
    )
    parts += (
        [table(("RESOURCE", "TYPE", "STATE", "HOLDS")[:shown], [row[:shown] for row in resources], style)]
        if resources
        else []
    )
    return "\n\n".join(parts)


@app.command(epilog=examples("roadbed doctor", "roadbed doctor -o json | jq '.items[] | select(.state != \"ok\")'"))
def doctor(output: Output = Format.text) -> None:
    """Check what is missing and how to mend it.

    Works without a running platform too. Ends with 1 when something is missing.
    """
    from roadbed.cli.checks import local_checks

    items = local_checks()
    try:
        client = Client.found()
        told = client.platform.doctor()["items"]
        known = {item["check"] for item in told}
        items = [*told, *(item for item in items if item["check"] not in known)]  # its own word on its own machine
    except RoadbedError as error:
        items.append({"check": "platform", "state": "warning", "detail": error.message, "remedy": error.hint})
    listing: Listing[Check] = {"items": items}
    show(listing, output, lambda data, style: checkup(data["items"], style))
    if any(item["state"] == "missing" for item in items):
        raise typer.Exit(1)


def checkup(items: Sequence[Check], style: Style) -> str:
    marks = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "missing": ("✗", "red")}
    longest = max(len(item["check"]) for item in items)
    lines = []
    for item in items:
        mark, colour = marks.get(item["state"], ("?", "dim"))
        lines.append(f"{style.paint(mark, colour, 'bold')} {item['check']:<{longest}}  {item['detail']}")
        if item["state"] != "ok" and item.get("remedy"):
            lines.append(f"  {'':<{longest}}  {style.paint('→', 'cyan')} {item['remedy']}")
    wrong = sum(item["state"] != "ok" for item in items)
    return "\n".join([*lines, "", f"{plural(wrong, 'thing')} to look at." if wrong else "All is well."])


@app.command(epilog=examples("roadbed version", "roadbed version -o json"))
def version(output: Output = Format.text) -> None:
    """Show the versions of this command and of the platform."""
    data: dict[str, Any] = {"client": __version__, "platform": _platform_version()}
    show(
        data, output, lambda found, style: pairs([("roadbed", found["client"]), ("platform", found["platform"])], style)
    )


def _platform_version() -> str | None:
    try:
        return Client.found(timeout=2).platform.health().get("version")
    except RoadbedError:
        return None
