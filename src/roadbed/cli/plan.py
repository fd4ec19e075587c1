"""`roadbed plan`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli import names
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Environment, ExpectNoChanges, Output
from roadbed.cli.plan_cost import cost_table
from roadbed.cli.plan_request import (
    Cost,
    Destroy,
    Detail,
    Refresh,
    Replace,
    TargetDependents,
    Targets,
    Wish,
    make_plan,
    refuse_if_forbidden,
)
from roadbed.cli.plan_view import changes_nothing, loses_data, render
from roadbed.cli.shipping import accepted, ship
from roadbed.cli.stack_names import check_stack, looks_like_stack
from roadbed.cli.style import columns_of
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, OperationFailed

if TYPE_CHECKING:
    from roadbed.client.models import Plan

app = command_group()


@app.command(
    epilog=examples(
        "roadbed plan                          what deploying this directory to dev would change",
        "roadbed plan ./orders -e prod",
        "roadbed plan --ref v1.2               what deploying its repository's v1.2 would change",
        "roadbed plan network@dev              what the platform module's program would change",
        "roadbed plan network@dev --refresh    … after a look at what there really is",
        "roadbed plan network@dev --target 'subnets/*' --target-dependents",
        "roadbed plan --cost                   … and what each resource costs, before and after",
        "roadbed plan network@dev -o json | jq .summary",
    )
)
def plan(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="[PATH|STACK]",
            help="An application's source (a directory, a tar.gz, a git URL), or a stack: NAME@ENV.",
            autocompletion=names.stacks_and_folders,
        ),
    ] = ".",
    ref: Annotated[
        str | None, typer.Option("--ref", metavar="REV", help="The branch, tag or commit of a source to take.")
    ] = None,
    application: Annotated[
        str | None, typer.Option("--app", "-a", metavar="APP", help="Plan it as this application.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    targets: Targets = None,
    target_dependents: TargetDependents = False,
    replace: Replace = None,
    refresh: Refresh = False,
    destroy: Destroy = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With the databases that it seems to need.")] = False,
    detail: Detail = False,
    cost: Cost = False,
    expect_no_changes: ExpectNoChanges = False,
    output: Output = Format.text,
) -> None:
    """Show what a deploy or an apply would change.

    Nothing is changed. + is created, ~ updated, - deleted; -/+ and +/- are replaced.
    """
    wish = Wish(tuple(targets or ()), target_dependents, tuple(replace or ()), refresh, destroy)
    every = cost or (detail and output is not Format.text)
    progress = shows_progress(output is not Format.text)
    if looks_like_stack(what):
        _check_environment(context, what, environment)
        if ref is not None:
            raise InvalidInput(f"{what} is a stack, which has no revisions", hint="leave --ref out")
        found = make_plan(check_stack(what), wish, all=every, progress=progress)
        show_plan(found, output, detail=detail, cost=cost)
        check_plan(found, unchanged=expect_no_changes)
        if output is Format.text and not changes_nothing(found):
            say(f"To apply it: roadbed apply {found['stack']} --plan {found['number']}")
        return
    if options := wish.given():
        raise InvalidInput(
            f"{options[0]} is for the plan of a stack, and {what} is an application's source",
            hint="a stack is written NAME@ENV: orders@dev",
        )
    client = Client.found()
    shipped = ship(client, what, ref, application, output=output, every=True)
    needs = accepted(client, shipped, environment, yes=yes, output=output, asks=False)
    found = client.applications.plan(shipped.application, environment, shipped.digest, needs=needs, all=every)
    show_plan(found, output, detail=detail, cost=cost)
    if output is Format.text and loses_data(found):
        say("A deploy refuses that, unless it is told to: roadbed deploy --delete-data")
    check_plan(found, unchanged=expect_no_changes)


def check_plan(plan: Plan, *, unchanged: bool) -> None:
    """Raises Refused where a policy forbids it, and OperationFailed for one that changes something unexpectedly."""
    refuse_if_forbidden(plan)
    if unchanged and not changes_nothing(plan):
        raise OperationFailed(f"{plan['stack']} is not as it is declared", hint="see the plan above")


def show_plan(plan: Plan, output: Format, *, detail: bool, cost: bool = False) -> None:
    if cost:
        show(plan, output, cost_table)
        return
    columns = columns_of(sys.stdout)
    show(plan, output, lambda found, style: render(found, style, detail=detail, columns=columns))


def _check_environment(context: typer.Context, stack: str, environment: str) -> None:
    """`-e prod` beside `orders@dev` is a contradiction; one that the shell's environment says is not."""
    source = context.get_parameter_source("environment")
    if source is not None and source.name == "COMMANDLINE" and not stack.endswith(f"@{environment}"):
        raise InvalidInput(f"{stack} and -e {environment} contradict each other", hint="leave -e out")
