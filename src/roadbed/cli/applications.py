"""`roadbed apps`, `ps` and `open`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Environment, Output
from roadbed.cli.style import Style, has_browser
from roadbed.cli.text import ago, entity, table
from roadbed.client.client import Client
from roadbed.kit.errors import NotFound

if TYPE_CHECKING:
    from roadbed.client.models import Application as ApplicationAnswer
    from roadbed.client.models import ApplicationDetail, Container, Listing, Replica, ReplicaCount, ResourceAnswer

app = command_group()


@app.command(epilog=examples("roadbed apps", "roadbed apps -e prod", "roadbed apps -o json | jq -r '.items[].url'"))
def apps(
    environment: Annotated[
        str | None, typer.Option("--environment", "-e", metavar="ENV", help="Only those in this environment.")
    ] = None,
    output: Output = Format.text,
) -> None:
    """List the applications."""
    listing = Client.found().applications.list(environment)
    if output is Format.text and not listing["items"]:
        say("No applications yet. Make one: roadbed new python-api orders")
        return
    show(listing, output, _apps)


def _apps(listing: Listing[ApplicationAnswer], style: Style) -> str:
    rows = [
        (
            item["application"],
            item["environment"],
            item.get("health"),
            item.get("release"),
            replica_count(item.get("replicas")),
            entity(item.get("owner")),
            item.get("url"),
        )
        for item in listing["items"]
    ]
    return table(("APPLICATION", "ENVIRONMENT", "HEALTH", "RELEASE", "REPLICAS", "OWNER", "URL"), rows, style)


def replica_count(count: ReplicaCount | None) -> str | None:
    return f"{count['ready']}/{count['desired']}" if count else None


@app.command(epilog=examples("roadbed ps", "roadbed ps orders -e prod", "roadbed ps orders -o json"))
def ps(
    application: Application = None, environment: Environment = DEFAULT_ENVIRONMENT, output: Output = Format.text
) -> None:
    """List an application's replicas, and what its volumes hold."""
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        listing = client.applications.replicas(name, environment)
    if output is Format.text and not listing["items"]:
        say(f"No replica of {name} runs in {environment}.")
        return
    show(listing, output, _replicas)
    if output is Format.text and (volumes := _volumes(client.applications.get(name, environment))):
        show(volumes, output, _held)


def _volumes(application: ApplicationDetail) -> list[ResourceAnswer]:
    return [one for one in application.get("resources") or () if one.get("holds_bytes") is not None]


def _held(volumes: list[ResourceAnswer], style: Style) -> str:
    return "\n" + table(("VOLUME", "HOLDS"), [(one["name"], one.get("note")) for one in volumes], style)


def _replicas(listing: Listing[Replica], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        row for item in listing["items"] for row in (_replica(item, now), *map(_container, item.get("containers", ())))
    ]
    headers = ["REPLICA", "WORKLOAD", "STATE", "RELEASE", "STARTED", "RESTARTS", "MEMORY", "CPU"]
    if any(row[-1] for row in rows):
        headers.append("REASON")
    return table(headers, [row[: len(headers)] for row in rows], style)


def _replica(item: Replica, now: datetime) -> tuple[object, ...]:
    return (
        item["name"],
        item["workload"],
        item["state"],
        item.get("release"),
        ago(item.get("started_at"), now),
        item.get("restarts", 0),
        _figure(item.get("memory_mb"), " MB"),
        _figure(item.get("cpu_percent"), " %"),
        item.get("reason"),
    )


def _container(one: Container) -> tuple[object, ...]:
    """Below its replica: what is the replica's is not said again."""
    return f"  {one['name']}", None, one["state"], None, None, one["restarts"], None, None, one["reason"]


def _figure(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.0f}{unit}"


@app.command(name="open", epilog=examples("roadbed open orders", "curl $(roadbed open orders --no-browser)/healthz"))
def open_application(
    application: Application = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser, where there is one.")] = True,
    output: Output = Format.text,
) -> None:
    """Open an application in the browser.

    Prints its URL; opens a browser where there is one.
    """
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        url = client.applications.get(name, environment)["url"]
    if not url:
        raise NotFound(f"{name} has no URL in {environment}", hint="give it a route in score.yaml, then deploy")
    show({"application": name, "environment": environment, "url": url}, output, lambda _data, _style: url)
    if browser and output is Format.text and has_browser():
        typer.launch(url)
