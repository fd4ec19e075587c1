"""`roadbed apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli import names
from roadbed.cli.applying import applied, ask, carry_out, present
from roadbed.cli.errors import shows_progress
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format
from roadbed.cli.parameters import Detach, Output, Verbose, Wait
from roadbed.cli.plan_request import (
    Destroy,
    Detail,
    Refresh,
    Replace,
    TargetDependents,
    Targets,
    Wish,
    Yes,
    make_plan,
)
from roadbed.cli.stack_names import check_stack, suggesting_stack
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput

if TYPE_CHECKING:
    from roadbed.client.models import Plan

app = command_group()


@app.command(
    cls=PlainCommand,
    epilog=examples(
        "roadbed apply network@dev                 plan, show, ask, apply",
        "roadbed apply network@dev --plan 4        just what plan 4 says",
        "roadbed apply network@dev --refresh --yes",
        "roadbed apply network@dev --replace server --target server --target-dependents",
        "roadbed apply network@dev --yes -o json | jq .status",
    ),
)
def apply(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="NAME@ENV.", autocompletion=names.stacks)],
    number: Annotated[
        int | None, typer.Option("--plan", metavar="N", min=1, help="Apply this plan, made and looked at before.")
    ] = None,
    targets: Targets = None,
    target_dependents: TargetDependents = False,
    replace: Replace = None,
    refresh: Refresh = False,
    destroy: Destroy = False,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    wait: Wait = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Make a stack what its program says.

    Plans, shows the plan, asks, and applies just that plan. What doesn't depend on a failed step is still done, and the
    state says truly what stands: apply again after mending. A source tree is shipped by `roadbed deploy` instead.
    """
    name, client = check_stack(stack), Client.found()
    wish = Wish(tuple(targets or ()), target_dependents, tuple(replace or ()), refresh, destroy)
    progress = shows_progress(output is not Format.text)
    plan = make_plan(name, wish, progress=progress) if number is None else _made(client, name, number, wish)
    present(plan, output, detail=detail, asking=not yes)
    asked = None if yes else lambda: ask(plan)
    carry_out(client, plan, output, asked=asked, sentence=applied, detach=detach, verbose=verbose, wait=wait)


def _made(client: Client, stack: str, number: int, wish: Wish) -> Plan:
    if options := wish.given():
        raise InvalidInput(
            f"plan {number} was made already: {options[0]} comes too late", hint="leave one of the two out"
        )
    with suggesting_stack(client, stack):
        return client.stacks.get_plan(stack, number, all=False)
