"""`roadbed new` and `templates`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import outcome
from roadbed.cli.awaiting import AWAITING
from roadbed.cli.errors import shows_progress
from roadbed.cli.follow import follow
from roadbed.cli.group import PlainCommand, command_group, examples, nearest
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Environment, Output, Verbose
from roadbed.cli.style import Style
from roadbed.cli.template_parameters import coerce, properties_of
from roadbed.cli.text import entity, table
from roadbed.client.client import Client
from roadbed.client.operations import id_of
from roadbed.kit.errors import NotFound, OperationFailed
from roadbed.kit.names import check_label

if TYPE_CHECKING:
    from roadbed.client.models import Listing, TemplateDetail, TemplateSummary

app = command_group()


@app.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed new python-api orders",
        "roadbed new python-api orders --owner group:default/payments -p description='Takes orders'",
        "roadbed new python-api orders --no-wait",
    ),
)
def new(
    template: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="The golden path.", autocompletion=names.templates)
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the service.")],
    owner: Annotated[str | None, typer.Option("--owner", metavar="GROUP", help="The team that owns it.")] = None,
    parameters: Annotated[
        list[str] | None, typer.Option("--param", "-p", metavar="KEY=VALUE", help="A parameter of the golden path.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", "-C", metavar="DIR", help="Where to put the source; default: ./NAME.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it runs, then fetch its source.")] = True,
    environment: Environment = DEFAULT_ENVIRONMENT,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Make a running, owned service from a golden path.

    The platform makes its repository, registers it in the catalog and deploys it; then its source is cloned to ./NAME.
    """
    from roadbed.cli import clone

    check_label(name, "the service")
    target = directory or Path(name)
    if wait:
        clone.check(target)
    client = Client.found()
    given = _parameters(client, template, name, owner, environment, parameters or [])
    identifier = id_of(client.platform.run_template(template, given))
    if identifier is None:
        raise OperationFailed("the platform accepted nothing", hint="have client and platform the same version?")
    facts: dict[str, Any] = {"application": name, "environment": environment, "template": template}
    if not wait:
        show({**facts, "operation": identifier, "status": "queued"}, output, lambda data, _style: data["operation"])
        return
    operation = follow(client, identifier, verbose=verbose, progress=shows_progress(output is Format.json))
    result = outcome(operation, facts)
    clone.clone(client, name, result.get("environment") or environment, target)
    show({**result, "directory": str(target)}, output, _made)
    if _waits(result):
        raise typer.Exit(AWAITING)


def _parameters(
    client: Client, template: str, name: str, owner: str | None, environment: str, words: list[str]
) -> dict[str, Any]:
    properties = properties_of(_template(client, template).get("parameters"))
    given: dict[str, Any] = {"name": name, **coerce(words, properties)}
    if "environment" in properties:
        given.setdefault("environment", environment)
    if owner is None and "owner" in properties and "owner" not in given:
        groups = client.platform.whoami().get("groups") or []
        owner = groups[0] if len(groups) == 1 else None  # with several the platform asks which
    return given | ({"owner": owner} if owner else {})


def _template(client: Client, name: str) -> TemplateDetail:
    try:
        return client.platform.template(name)
    except NotFound as error:
        known = [item["name"] for item in client.platform.templates()["items"]]
        meant = nearest(name, known)
        hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(known)}" if known else error.hint
        raise NotFound(f"there is no golden path {name!r}", hint=hint) from error


def _waits(result: dict[str, Any]) -> bool:
    """Its deployment waits for an approval: it is no release yet."""
    return "release" in result and result["release"] is None


def _made(result: dict[str, Any], style: Style) -> str:
    where = f" at {style.paint(str(result['url']), 'bold')}" if result.get("url") else ""
    directory = result["directory"]
    runs = f"{result['application']} runs in {result['environment']}{where}"
    if _waits(result):
        runs = f"{result['application']} waits for an approval in {result['environment']}: roadbed approval list"
    return f"{runs}\nIts source is in {directory}. Change something, then: cd {directory} && roadbed deploy"


@app.command(epilog=examples("roadbed templates", "roadbed templates -o json"))
def templates(output: Output = Format.text) -> None:
    """List the golden paths."""
    listing = Client.found().platform.templates()
    if output is Format.text and not listing["items"]:
        say("There is no golden path yet; they live in `templates/` of the platform repo.")
        return
    show(listing, output, _templates)


def _templates(listing: Listing[TemplateSummary], style: Style) -> str:
    rows = [
        (item["name"], item.get("title"), entity(item.get("owner")), ", ".join(item.get("tags") or ()))
        for item in listing["items"]
    ]
    return table(("NAME", "WHAT", "OWNER", "TAGS"), rows, style)
