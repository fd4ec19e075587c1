"""`roadbed explain`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Environment, Output
from roadbed.cli.sending import send
from roadbed.cli.source.given import source_of
from roadbed.cli.style import Style
from roadbed.cli.text import clean, shorten, size, table
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import (
        ExplainedFile,
        ExplainedResource,
        ExplainedVariable,
        ExplainedVolume,
        ExplainedWorkload,
        Explanation,
        Layer,
    )

app = command_group()

_VALUE_COLUMNS = 48
_LAYERS = {
    "platform": "Roadbed",
    "start": "Roadbed, at its start",
    "environment": "environments.yaml",
    "config": "roadbed config",
    "scale": "roadbed scale",
    "default": "default",
}
"""How a layer without a place of its own is called."""


@app.command(
    epilog=examples(
        "roadbed explain orders                where each variable and resource in dev comes from",
        "roadbed explain orders -e prod -o json",
        "roadbed explain --path .              of the source in this directory, before it is deployed",
    )
)
def explain(
    application: Application = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    path: Annotated[
        Path | None, typer.Option("--path", metavar="DIRECTORY", help="Explain this source, not the one in force.")
    ] = None,
    output: Output = Format.text,
) -> None:
    """Show where each variable, file and resource of an application comes from.

    That is a file and line, a default, a provisioner or a setting. Values of secrets are not shown.
    """
    client, name = Client.found(), application_or_here(application, path)
    with suggesting(client, name):
        digest = _sent(client, path, progress=shows_progress(output is not Format.text)) if path else None
        show(client.applications.explanation(name, environment, digest), output, _explained)


def _sent(client: Client, path: Path, *, progress: bool) -> str:
    with source_of(str(path)) as given:
        return send(client, given, progress=progress).digest


def _explained(found: Explanation, style: Style) -> str:
    release = f", {found['release']}" if found["release"] else ""
    lines = [style.paint(clean(f"{found['application']} in {found['environment']}{release}"), "bold")]
    for workload in found["workloads"]:
        lines += _workload(workload, style)
    if found["resources"]:
        rows = [_resource(each) for each in found["resources"]]
        lines += ["", table(("RESOURCE", "DECLARED", "PROVISIONER", "OUTPUTS"), rows, style)]
    if said := [*found.get("removed", ()), *found["not_in_force"]]:
        lines += ["", *(f"· {clean(each['message'])}  {each['file']}:{each['line']}" for each in said)]
    return "\n".join(lines)


def _workload(workload: ExplainedWorkload, style: Style) -> Iterator[str]:
    replicas, count = workload["replicas"], workload["replicas"]["value"]
    for container in workload["containers"]:
        name = f"{workload['name']}/{container['name']}"
        told = f"{container['place']}; {count} × ({_from(replicas)})"
        yield f"\n{style.paint(clean(name), 'bold')}  {style.paint(clean(told), 'dim')}"
        yield table(("VARIABLE", "VALUE", "FROM", "OVER"), map(_variable, container["variables"]), style)
        if files := container.get("files"):
            yield "\n" + table(("FILE", "CONTENT", "MODE", "FROM"), map(_file, files), style)
        if volumes := container.get("volumes"):
            yield "\n" + table(("VOLUME", "OF", "ACCESS", "SIZE", "FROM"), map(_volume, volumes), style)


def _variable(variable: ExplainedVariable) -> tuple[str, str, str, str]:
    over = ", ".join(_from(each) for each in variable["over"])
    return variable["name"], _value(variable), _from(variable), over


def _file(file: ExplainedFile) -> tuple[str, str, str, str]:
    content = file["source"] or file["content"]
    kept = "" if file["expanded"] else ", as it is"
    return file["target"], f"{content}, {size(file['size'])}{kept}", file["mode"], file["place"]


def _volume(volume: ExplainedVolume) -> tuple[str, str, str, str | None, str]:
    of = f"{volume['uid']}, {volume['path']}" if volume["path"] else volume["uid"]
    access = "read-only" if volume["read_only"] else "writable"
    return volume["target"], of, access, volume["size"], volume["place"]


def _value(variable: ExplainedVariable) -> str:
    if variable["secret"]:
        return "(secret)"
    if variable.get("left_out"):  # an older server says nothing of it
        return "(left out: the environment has no such variable)"
    if variable["value"] is not None:
        return shorten(clean(variable["value"].replace("\n", "⏎")), _VALUE_COLUMNS)
    return shorten(clean(variable["written"] or "(known after apply)"), _VALUE_COLUMNS)


def _from(layer: Layer) -> str:
    return layer["place"] or _LAYERS.get(layer["layer"], layer["layer"])


def _resource(resource: ExplainedResource) -> tuple[str, str, str | None, str]:
    return (
        resource["uid"],
        ", ".join(resource["declared"]),
        resource["provisioner"],
        ", ".join(resource["outputs"]),
    )
