"""`roadbed types`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import Output
from roadbed.cli.style import Style
from roadbed.cli.text import clean, table
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import Listing, ResourceProperty, ResourceType, ResourceTypeSummary

app = command_group()
types = command_group(
    invoke_without_command=True,
    epilog=examples("roadbed types", "roadbed types show postgres:Database", "roadbed types show file:File -o json"),
)
app.add_typer(types, name="types")


@types.callback()
def list_types(context: typer.Context, output: Output = Format.text) -> None:
    """List or show the resource types that a program can declare."""
    if context.invoked_subcommand is None:
        show(Client.found().types.list(), output, _listed)


def _listed(listing: Listing[ResourceTypeSummary], style: Style) -> str:
    return table(("TYPE", "WHAT"), [(item["type"], item["description"]) for item in listing["items"]], style)


@types.command(
    "show", cls=PlainCommand, epilog=examples("roadbed types show postgres:Server", "roadbed types show tls:PrivateKey")
)
def show_type(
    type: Annotated[str, typer.Argument(metavar="TYPE", help="The resource type.", autocompletion=names.types)],
    output: Output = Format.text,
) -> None:
    """Show what a resource type takes and gives, and how it is declared."""
    show(Client.found().types.get(type), output, _shown)


def _shown(found: ResourceType, style: Style) -> str:
    parts = [style.paint(clean(found["type"]), "bold"), clean(found["description"]), *_manners(found)]
    if found["properties"]:
        parts += [
            "",
            table(("PROPERTY", "VALUE", "DEFAULT", "A CHANGE", "WHAT"), map(_property, found["properties"]), style),
        ]
    if found["outputs"]:
        rows = [(one["name"], "secret" if one["secret"] else "", one["description"]) for one in found["outputs"]]
        parts += ["", table(("OUTPUT", "", "WHAT"), rows, style)]
    code = (f"  {clean(line)}".rstrip() for line in found["example"].splitlines())
    return "\n".join([*parts, "", style.paint("In Python", "bold"), *code])


def _manners(found: ResourceType) -> Iterator[str]:
    if found["may_run_twice"]:
        yield "After a crash in the middle of its creation it may be made twice."
    if found["holds_data"]:
        yield "What people have put into one is gone with it: a deployment deletes none unless it is told to."
    if found["replacement"] == "create_first":
        yield "A replacement is made before the old one is removed."


def _property(one: ResourceProperty) -> tuple[str, ...]:
    name = one["name"] + (" (required)" if one["required"] else "")
    shape = one["shape"] + (", a secret" if one["secret"] else "")
    default = "" if one["default"] is None else json.dumps(one["default"], ensure_ascii=False)
    return name, shape, default, "replaces it" if one["replaces"] else "updates it", one["description"]
