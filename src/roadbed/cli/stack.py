"""`roadbed stack`: what there is and how it is. What corrects the state is in `stack_state`."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names, stack_secrets, stack_state
from roadbed.cli.accepted import outcome
from roadbed.cli.errors import shows_progress
from roadbed.cli.follow import follow
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Detach, ExpectNoChanges, Limit, Output
from roadbed.cli.stack_names import check_stack, suggesting_stack
from roadbed.cli.stack_state import StackArgument
from roadbed.cli.stack_view import (
    drift_report,
    history_table,
    outputs_table,
    plans_table,
    resource_view,
    stack_table,
    stack_view,
    versions_view,
)
from roadbed.cli.style import Style, columns_of
from roadbed.cli.text import duration
from roadbed.client.client import Client
from roadbed.client.operations import id_of
from roadbed.kit.errors import NotFound, OperationFailed, Refused

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, StackResource

app = command_group()
stack = command_group(
    epilog=examples(
        "roadbed stack list",
        "roadbed stack show network@dev",
        "roadbed stack drift network@dev",
        "roadbed stack outputs network@dev vpc_id",
        "roadbed stack graph",
    )
)
app.add_typer(stack, name="stack")


@stack.callback()
def stacks() -> None:
    """Look at stacks, and put their state in order.

    A stack is an application or a platform module in one environment: NAME@ENV. `roadbed plan` and `roadbed apply`
    change what it holds.
    """


@stack.command("list", epilog=examples("roadbed stack list", "roadbed stack list -e prod -o json"))
def list_stacks(
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment",
            "-e",
            metavar="ENV",
            help="Only those in this environment.",
            autocompletion=names.environments,
        ),
    ] = None,
    output: Output = Format.text,
) -> None:
    """List the stacks."""
    listing = Client.found().stacks.list(environment)
    if output is Format.text and not listing["items"]:
        say("No stacks yet. Deploy an application, or write modules/NAME/roadbed.py in the platform repo.")
        return
    show(listing, output, stack_table)


class Picture(StrEnum):
    text = "text"
    dot = "dot"
    mermaid = "mermaid"


@stack.command(
    "graph",
    cls=PlainCommand,
    epilog=examples(
        "roadbed stack graph                        who uses what of whom",
        "roadbed stack graph network@dev            all that is tied to one stack",
        "roadbed stack graph -e prod --as mermaid   for a page of the docs",
        "roadbed stack graph --as dot | dot -Tsvg > stacks.svg",
    ),
)
def graph(
    name: Annotated[
        str | None, typer.Argument(metavar="[STACK]", help="Only what is tied to this one.", show_default=False)
    ] = None,
    environment: Annotated[
        str | None,
        typer.Option(
            "--environment", "-e", metavar="ENV", help="Only this environment.", autocompletion=names.environments
        ),
    ] = None,
    picture: Annotated[Picture, typer.Option("--as", help="How to draw it.")] = Picture.text,
    output: Output = Format.text,
) -> None:
    """Show which stack uses what of which.

    What another stack uses can't be deleted, and its export can't be taken away.
    """
    from roadbed.cli import stack_graph

    client = Client.found()
    if name is None:
        found = client.stacks.graph(environment)
    else:
        name = check_stack(name)
        with suggesting_stack(client, name):
            found = client.stacks.graph(environment, name)
    drawn = {Picture.dot: stack_graph.dot, Picture.mermaid: stack_graph.mermaid}.get(picture)
    show(found, output, stack_graph.tree if drawn is None else lambda each, _style: drawn(each))


@stack.command(
    "show", cls=PlainCommand, epilog=examples("roadbed stack show network@dev", "roadbed stack show network@dev web/db")
)
def show_stack(
    name: StackArgument,
    resource: Annotated[
        str | None, typer.Argument(metavar="[RESOURCE]", help="Only this one, by URN, path or name.")
    ] = None,
    detail: Annotated[bool, typer.Option("--detail", help="Every resource on its own.")] = False,
    output: Output = Format.text,
) -> None:
    """Show a stack and its resources, or one resource."""
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        resources = client.stacks.resources(name)["items"]
    if resource is not None:
        show(_one(resources, resource, name), output, resource_view)
        return
    facts: dict[str, Any] = {**client.stacks.get(name), "items": resources}
    show(facts, output, lambda found, style: stack_view(found, style, detail=detail))


def _one(resources: list[StackResource], wanted: str, stack: str) -> StackResource:
    """By URN, else by path, else by a name that only one has."""
    for found in (
        [each for each in resources if each["urn"] == wanted],
        [each for each in resources if each["urn"].partition("#")[0] == f"{stack}/{wanted}"],
        [each for each in resources if each["name"] == wanted],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            urns = ", ".join(each["urn"] for each in found)
            raise NotFound(f"several resources of {stack} are called {wanted!r}", hint=f"say which: {urns}")
    raise NotFound(f"{stack} has no resource {wanted!r}", hint=f"see `roadbed stack show {stack} --detail`")


@stack.command(
    "history",
    cls=PlainCommand,
    epilog=examples("roadbed stack history network@dev -n 5", "roadbed stack history network@dev --resource subnet"),
)
def history(
    name: StackArgument,
    resource: Annotated[
        str | None,
        typer.Option("--resource", "-r", metavar="RESOURCE", help="What became of this one; by URN, path or name."),
    ] = None,
    limit: Limit = 20,
    output: Output = Format.text,
) -> None:
    """List the changes of a stack's state, newest first."""
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        if resource is not None:
            urn = resource if "#" in resource else _one(client.stacks.resources(name)["items"], resource, name)["urn"]
            versions = client.stacks.versions(name, urn)
            show({**versions, "items": versions["items"][:limit]}, output, versions_view)
            return
        listing = client.stacks.history(name, limit)
    if output is Format.text and not listing["items"]:
        say(f"Nothing has happened to {name} yet.")
        return
    show(listing, output, history_table)


@stack.command(
    "plans", cls=PlainCommand, epilog=examples("roadbed stack plans network@dev", "roadbed apply network@dev --plan 12")
)
def plans(name: StackArgument, limit: Limit = 20, output: Output = Format.text) -> None:
    """List a stack's plans and what became of each, newest first.

    One that is open waits to be applied; one that is stale can't be: the stack has changed since.
    """
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        listing = client.stacks.plans(name, limit)
    if output is Format.text and not listing["items"]:
        say(f"Nothing was planned for {name} yet: roadbed plan {name}")
        return
    show(listing, output, plans_table)


@stack.command(
    "outputs",
    cls=PlainCommand,
    epilog=examples("roadbed stack outputs network@dev", "vpc=$(roadbed stack outputs network@dev vpc_id)"),
)
def outputs(
    name: StackArgument,
    output_name: Annotated[str | None, typer.Argument(metavar="[OUTPUT]", help="Only this one's value.")] = None,
    output: Output = Format.text,
) -> None:
    """Show what a stack exports, and which stacks use it."""
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        listing = client.stacks.outputs(name)
    if output_name is not None:
        found = {item["name"]: item for item in listing["items"]}
        if output_name not in found:
            raise NotFound(f"{name} exports no {output_name!r}", hint=f"it exports: {', '.join(found) or 'nothing'}")
        if found[output_name]["secret"] and output is Format.text:
            raise Refused(
                f"{output_name!r} of {name} is secret, and not shown",
                hint=f'in a program: stack("{name}")["{output_name}"]',
            )
        show(found[output_name], output, lambda item, _style: _plain(item["value"]))
        return
    if output is Format.text and not listing["items"]:
        say(f"{name} exports nothing.")
        return
    show(listing, output, outputs_table)


def _plain(value: Any) -> str:
    """As a shell wants it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@stack.command(
    "drift",
    cls=PlainCommand,
    epilog=examples("roadbed stack drift network@dev", "roadbed stack drift network@dev --last -o json"),
)
def drift(
    name: StackArgument,
    last: Annotated[bool, typer.Option("--last", help="Show what the last look found; don't look again.")] = False,
    expect_no_changes: ExpectNoChanges = False,
    output: Output = Format.text,
) -> None:
    """Look for what was changed behind the platform's back.

    Changes nothing. To take it back: roadbed apply STACK --refresh. To accept it: roadbed stack refresh STACK.
    """
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        if not last:
            _followed(client, client.stacks.scan(name), output)
        report = client.stacks.drift(name)
    if output is Format.text and report["at"] is None:
        say(f"Nobody has looked at {name} yet; leave --last out.")
        return
    columns = columns_of(sys.stdout)
    show(report, output, lambda found, style: drift_report(found, style, columns=columns))
    if expect_no_changes and (report["items"] or report["stale"]):
        raise OperationFailed(f"{name} is not as its state says", hint=f"take it back: roadbed apply {name} --refresh")


@stack.command("refresh", cls=PlainCommand, epilog=examples("roadbed stack refresh network@dev"))
def refresh(name: StackArgument, detach: Detach = False, output: Output = Format.text) -> None:
    """Make the state say what there really is.

    Changes nothing in the world; the next plan shows how that differs from what is declared.
    """
    name, client = check_stack(name), Client.found()
    began = time.monotonic()
    with suggesting_stack(client, name):
        accepted = client.stacks.refresh(name)
    facts: dict[str, Any] = {"stack": name}
    if detach:
        show(
            {**facts, "operation": id_of(accepted), "status": "queued"}, output, lambda data, _style: data["operation"]
        )
        return
    result = {**facts, **_followed(client, accepted, output)}
    result["duration_s"] = round(time.monotonic() - began, 3)
    show(result, output, _refreshed)


def _refreshed(result: dict[str, Any], style: Style) -> str:
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    return f"The state of {result['stack']} says what there is{took}. What that means: roadbed plan {result['stack']}"


def _followed(client: Client, accepted: Accepted, output: Format) -> dict[str, Any]:
    identifier = id_of(accepted)
    if identifier is None:
        return {"status": "unchanged"}
    return outcome(follow(client, identifier, progress=shows_progress(output is not Format.text)), {})


stack_secrets.add_to(stack)
stack_state.add_to(stack)
