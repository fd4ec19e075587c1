"""The options and arguments that many commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from roadbed.cli import names
from roadbed.cli.output import Format

DEFAULT_ENVIRONMENT = "dev"

Application: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="[APP]",
        help="The application; default: the one described in this directory.",
        autocompletion=names.applications,
        show_default=False,
    ),
]
Environment: TypeAlias = Annotated[
    str,
    typer.Option(
        "--environment",
        "-e",
        envvar="ROADBED_ENVIRONMENT",
        metavar="ENV",
        help="The environment.",
        autocompletion=names.environments,
    ),
]
Output: TypeAlias = Annotated[Format, typer.Option("--output", "-o", help="How to print what is shown.")]
Detach: TypeAlias = Annotated[bool, typer.Option("--detach", "-d", help="Don't wait until it is done.")]
Wait: TypeAlias = Annotated[
    bool, typer.Option("--wait", help="Where somebody must approve it: wait for that, too, instead of leaving with 6.")
]
Verbose: TypeAlias = Annotated[bool, typer.Option("--verbose", "-v", help="Show the log of every step.")]
ExpectNoChanges: TypeAlias = Annotated[
    bool, typer.Option("--expect-no-changes", help="End with 1 if there are any: for CI.")
]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many, newest first.")]
