"""`roadbed destroy`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.applying import carry_out, present
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, prompt, say
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose, Wait
from roadbed.cli.plan_request import Detail, Wish, Yes, make_plan
from roadbed.cli.stack_names import check_stack, looks_like_stack, suggesting_stack
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import duration, plural
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, Refused
from roadbed.kit.names import StackName

if TYPE_CHECKING:
    from roadbed.client.models import Plan

app = command_group()


@app.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed destroy orders",
        "roadbed destroy orders -e dev --yes",
        "roadbed destroy network@dev    a platform module",
    ),
)
def destroy(
    what: Annotated[
        str,
        typer.Argument(
            metavar="APP|STACK",
            help="The application, or a stack: NAME@ENV.",
            autocompletion=names.applications_and_stacks,
        ),
    ],
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    no_final_backup: Annotated[
        bool, typer.Option("--no-final-backup", help="Keep nothing of an application's data; default: some days.")
    ] = False,
    detach: Detach = False,
    wait: Wait = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Delete an application or a stack, and all that is its own.

    Its databases are deleted with all they hold. You are asked to type its name. Of a platform module the plan
    is shown first: what it deletes, and what it lets go because its program says `retain_on_delete`.
    """
    client = Client.found()
    if looks_like_stack(what):
        stack = StackName.parse(check_stack(what))
        with suggesting_stack(client, what):
            kind = client.stacks.get(what)["kind"]
        if kind != "application":
            _destroy_stack(client, what, output, detail=detail, yes=yes, detach=detach, verbose=verbose, wait=wait)
            return
        what, environment = stack.owner, stack.environment
    _destroy_application(
        client, what, environment, output, yes=yes, detach=detach, wait=wait, final_backups=not no_final_backup
    )


def _destroy_application(
    client: Client,
    name: str,
    environment: str,
    output: Format,
    *,
    yes: bool,
    detach: bool,
    wait: bool,
    final_backups: bool,
) -> None:
    name = application_or_here(name)
    with suggesting(client, name):
        client.applications.get(name, environment)
    if not yes:
        kept = "A last backup of each stays for some days." if final_backups else "It can't be undone."
        say_what = f"This deletes {name} in {environment}, and its databases with all they hold. {kept}"
        _confirm(name, "application", say_what)
    accepted = client.applications.destroy(name, environment, final_backups=final_backups)
    facts: dict[str, Any] = {"application": name, "environment": environment}
    finish(client, accepted, output, facts=facts, sentence=_gone, detach=detach, wait=wait)


def _gone(result: dict[str, Any], _style: Style) -> str:
    return f"{result['application']} is gone from {result['environment']}."


def _destroy_stack(
    client: Client, stack: str, output: Format, *, detail: bool, yes: bool, detach: bool, verbose: bool, wait: bool
) -> None:
    plan = make_plan(stack, Wish(destroy=True), progress=shows_progress(output is not Format.text))
    present(plan, output, detail=detail, asking=not yes)
    asked = None if yes else lambda: _confirm(stack, "stack", _warning(plan))
    carry_out(client, plan, output, asked=asked, sentence=_deleted, detach=detach, verbose=verbose, wait=wait)


def _warning(plan: Plan) -> str:
    deleted, kept = (plan["summary"].get(action, 0) for action in ("delete", "retain"))
    stays = f" {plural(kept, 'resource')} will be let go and not deleted." if kept else ""
    return (
        f"This deletes {plural(deleted, 'resource')} of {plan['stack']} with all they hold.{stays} It can't be undone."
    )


def _deleted(result: dict[str, Any], style: Style) -> str:
    deleted, kept = (result["summary"].get(action, 0) for action in ("delete", "retain"))
    stays = f", {plural(kept, 'resource')} let go" if kept else ""
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    return f"{result['stack']} is gone: {plural(deleted, 'resource')} deleted{stays}{took}"


def _confirm(name: str, what: str, warning: str) -> None:
    """Goes on only after the name was typed."""
    if not is_terminal(sys.stdin):
        raise InvalidInput(f"deleting asks for the {what}'s name", hint="run it in a terminal, or add --yes")
    say(warning)
    if prompt(f"Type {name} to go on:") != name:
        raise Refused("that is another name; nothing was deleted")
