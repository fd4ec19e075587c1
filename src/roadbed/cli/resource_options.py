"""The options and arguments that the commands of `roadbed resource` share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from roadbed.cli import names

App: TypeAlias = Annotated[
    str | None,
    typer.Option("--app", "-a", metavar="APP", help="The application; default: the one of this directory."),
]
Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="The resource.", autocompletion=names.resources)]
