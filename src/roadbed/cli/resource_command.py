"""What every command has that changes an application's resources: its options, and how the change is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any

import typer

from roadbed.cli.group import PlainCommand
from roadbed.cli.here import suggesting
from roadbed.cli.output import Format, say
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.plan_request import Detail, Yes
from roadbed.cli.resource_change import Manner, carry_through, write_only
from roadbed.cli.resource_file import Tree, tree_of
from roadbed.cli.resource_options import App
from roadbed.cli.resource_params import read_params, unnamed_class
from roadbed.client.client import Client
from roadbed.kit.errors import NotFound

if TYPE_CHECKING:
    from roadbed.client.models import AskedResource


@dataclass(frozen=True, slots=True)
class Asking:
    """A command that was given: of which application, where, and how it is to be carried out."""

    client: Client
    tree: Tree
    environment: str
    manner: Manner

    def resource(self, name: str) -> AskedResource:
        with suggesting(self.client, self.tree.application):
            return self.client.resources.get(self.tree.application, self.environment, name)

    def params(self, type: str, resource_class: str, settings: Sequence[str] | None) -> dict[str, Any]:
        """What `--set` says of a resource of this type. A class of which nobody has heard is told of."""
        blocks = self.client.resources.blocks()["items"]
        if note := unnamed_class(blocks, type, resource_class, self.environment):
            say(note)
        return read_params(settings or (), blocks, type)

    def change(self, change: Mapping[str, Any], *, delete_data: bool = False, final_backups: bool = True) -> None:
        manner = replace(self.manner, delete_data=delete_data, final_backups=final_backups)
        carry_through(self.client, self.tree, self.environment, change, manner)

    def add(self, change: Mapping[str, Any]) -> None:
        """To an application that isn't deployed there yet the file is all that there is to change."""
        if self.tree.root is None or self._runs():
            self.change(change)
            return
        checked = self.client.resources.check(self.environment, change)
        write_only(self.tree, self.environment, {**change, "name": checked["name"]}, self.manner)

    def _runs(self) -> bool:
        """Whether a release of it is in force there."""
        try:
            return self.client.applications.get(self.tree.application, self.environment)["release"] is not None
        except NotFound:
            return False


def add_command(resource: typer.Typer, function: Callable[..., None], epilog: str) -> None:
    """A command called like `function`, which gets an `Asking` first: its own parameters, then those of all."""
    own = list(signature(function, eval_str=True).parameters.values())[1:]
    shared = signature(_asking, eval_str=True).parameters
    given = [*own, *shared.values()]

    @wraps(function)
    def command(**values: Any) -> None:
        function(_asking(**{name: values.pop(name) for name in shared}), **values)

    vars(command)["__signature__"] = Signature(given)
    command.__annotations__ = {each.name: each.annotation for each in given}
    resource.command(function.__name__, cls=PlainCommand, epilog=epilog)(command)


def _asking(
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detail: Detail = False,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> Asking:
    """Its parameters are the options of every such command."""
    manner = Manner(output, yes=yes, detail=detail, detach=detach, verbose=verbose)
    return Asking(Client.found(), tree_of(application), environment, manner)
