"""`roadbed approval`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.asked import only
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Detach, Output, Verbose, Wait
from roadbed.cli.style import Style
from roadbed.client.client import Client

app = command_group()
approval = command_group(
    epilog=examples(
        "roadbed approval list",
        "roadbed approval show apr_01jd…",
        "roadbed approval approve apr_01jd… -m 'looks right'",
        "roadbed approval refuse apr_01jd… -m 'not before Monday'",
    ),
)
app.add_typer(approval, name="approval")

Identifier = Annotated[
    str,
    typer.Argument(
        metavar="ID|STACK", help="The approval, or the stack of which just one waits.", autocompletion=names.approvals
    ),
]
Comment = Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What you have to say about it.")]


@approval.callback()
def about() -> None:
    """See what waits for approval, and decide on it."""


@approval.command(
    "list",
    cls=PlainCommand,
    epilog=examples("roadbed approval list", "roadbed approval list --all --stack orders@prod"),
)
def list_approvals(
    stack: Annotated[
        str | None, typer.Option("--stack", metavar="STACK", help="Only of it.", autocompletion=names.stacks)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what was decided or has ended.")] = False,
    output: Output = Format.text,
) -> None:
    """List what waits for approval, the newest first; what you may decide on is marked."""
    from roadbed.cli.approval_view import listed

    found = Client.found().approvals.list(stack=stack, state=None if every else "waiting")
    if output is Format.text and not found["items"]:
        say("Nothing was asked to be approved." if every else "Nothing waits for approval.")
        return
    show(found, output, listed)


@approval.command("show", cls=PlainCommand, epilog=examples("roadbed approval show apr_01jd…"))
def show_approval(identifier: Identifier, output: Output = Format.text) -> None:
    """Show what is asked to be approved, by whom, what is still missing, and the plan itself."""
    from roadbed.cli.approval_view import shown
    from roadbed.cli.plan_view import render

    client = Client.found()
    found = client.approvals.get(_meant(client, identifier))
    if output is Format.text:
        plan = client.stacks.get_plan(found["stack"], found["plan"], all=False)
        show(plan, output, lambda plan, style: render(plan, style) + "\n")
    show(found, output, shown)


@approval.command("approve", cls=PlainCommand, epilog=examples("roadbed approval approve apr_01jd… -m 'looks right'"))
def approve(identifier: Identifier, comment: Comment = "", output: Output = Format.text) -> None:
    """Approve a plan: with the last approval that is missing, it is applied as it is stored."""
    from roadbed.cli.approval_view import decided

    client = Client.found()
    show(client.approvals.approve(_meant(client, identifier), comment), output, decided)


@approval.command(
    "refuse", cls=PlainCommand, epilog=examples("roadbed approval refuse apr_01jd… -m 'not before Monday'")
)
def refuse(identifier: Identifier, comment: Comment = "", output: Output = Format.text) -> None:
    """Refuse a plan: it is not applied, and who asked reads why."""
    from roadbed.cli.approval_view import decided

    client = Client.found()
    show(client.approvals.refuse(_meant(client, identifier), comment), output, decided)


@approval.command("again", cls=PlainCommand, epilog=examples("roadbed approval again apr_01jd…"))
def again(
    identifier: Identifier,
    detach: Detach = False,
    wait: Wait = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Plan again what has become stale or was refused, and ask for approval of that."""
    client = Client.found()
    before = client.approvals.get(identifier)
    facts: dict[str, Any] = {"stack": before["stack"], "again": identifier}
    accepted = client.approvals.again(identifier)
    finish(client, accepted, output, facts=facts, sentence=_done, detach=detach, verbose=verbose, wait=wait)


def _done(result: dict[str, Any], _style: Style) -> str:
    return f"{result['stack']}: {result['status']}."


def _meant(client: Client, text: str) -> str:
    """The id, or that of the only one that waits in a stack. Raises NotFound for none, InvalidInput for several."""
    if "@" not in text:
        return text
    found = [one["id"] for one in client.approvals.list(stack=text, state="waiting")["items"]]
    return only(found, f"waits for approval in {text}", "roadbed approval list")
