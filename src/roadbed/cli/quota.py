"""`roadbed quota` and `roadbed budget`."""

from __future__ import annotations

from functools import partial
from typing import Annotated, TypeAlias

import typer

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.output import Format, show
from roadbed.cli.parameters import Output
from roadbed.client.client import Client

app = command_group()


Team: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="[TEAM]", help="A team; default: all that you may see.", autocompletion=names.teams, show_default=False
    ),
]
OnlyEnvironment: TypeAlias = Annotated[
    str | None,
    typer.Option("--environment", "-e", metavar="ENV", help="Only this one.", autocompletion=names.environments),
]


@app.command(
    "quota",
    cls=PlainCommand,
    epilog=examples(
        "roadbed quota                     your teams, in every environment",
        "roadbed quota payments -e prod    one of them, in production",
        "roadbed quota -o json",
    ),
)
def show_quota(team: Team = None, environment: OnlyEnvironment = None, output: Output = Format.text) -> None:
    """Show how much teams have of what they may have.

    Replicas, cpu, memory, storage and resources by type.
    """
    from roadbed.cli.quota_view import standings

    show(Client.found().quotas.list(team, environment), output, partial(standings, whole=team is not None))


@app.command(
    "budget",
    cls=PlainCommand,
    epilog=examples("roadbed budget", "roadbed budget payments -e prod", "roadbed budget -o json"),
)
def show_budget(team: Team = None, environment: OnlyEnvironment = None, output: Output = Format.text) -> None:
    """Show how much teams spend of what they may spend.

    By the month, as the price sheet lets estimate it.
    """
    from roadbed.cli.quota_view import budgets

    show(Client.found().quotas.budgets(team, environment), output, partial(budgets, whole=team is not None))
