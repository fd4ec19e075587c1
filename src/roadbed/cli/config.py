"""`roadbed config`."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.group import command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import table
from roadbed.client.client import Client
from roadbed.client.models import ConfigValue, Listing
from roadbed.kit.errors import InvalidInput

_MASK = "••••••"

app = command_group()


@dataclass(frozen=True, slots=True)
class Request:
    """What the words ask for. A value of None is one that has to be asked for."""

    application: str | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    unset: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.values or self.unset)


@app.command(
    epilog=examples(
        "roadbed config orders                            show the variables",
        "roadbed config orders set LOG_LEVEL=debug",
        "roadbed config orders set --secret API_KEY       asks for it, or reads it from stdin",
        "roadbed config orders unset LOG_LEVEL",
    )
)
def config(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[APP] [set NAME=VALUE... | unset NAME...]",
            help="The application, and what to change.",
            autocompletion=names.applications,
            show_default=False,
        ),
    ] = None,
    secret: Annotated[bool, typer.Option("--secret", help="Keep the values sealed, and never show them.")] = False,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Show or change an application's variables.

    A change makes a new release, and rolls it out.
    """
    request = understand(words or [], secret=secret)
    name, client = application_or_here(request.application), Client.found()
    with suggesting(client, name):
        if not request.changes:
            _show(client, name, environment, output)
            return
        values = {key: _ask(key) if value is None else value for key, value in request.values.items()}
        accepted = client.applications.configure(name, environment, values=values, unset=request.unset, secret=secret)
    facts: dict[str, Any] = {"application": name, "environment": environment}
    finish(client, accepted, output, facts=facts, sentence=_changed, detach=detach, verbose=verbose)


def understand(words: list[str], *, secret: bool) -> Request:
    """`[APP] [set NAME=VALUE... | unset NAME...]`."""
    application = words[0] if words and words[0] not in ("set", "unset") else None
    verb, *rest = words[1 if application else 0 :] or [""]
    if not verb:
        return Request(application)
    if verb not in ("set", "unset"):
        raise InvalidInput(f"{verb!r} is neither set nor unset", hint="as in `roadbed config orders set NAME=VALUE`")
    if not rest:
        raise InvalidInput(
            f"what to {verb}?", hint=f"as in `roadbed config orders {verb} NAME{'=VALUE' * (verb == 'set')}`"
        )
    if verb == "unset":
        return Request(application, unset=tuple(rest))
    return Request(application, dict(_assignment(word, secret=secret) for word in rest))


def _assignment(word: str, *, secret: bool) -> tuple[str, str | None]:
    name, separator, value = word.partition("=")
    if not name or not (separator or secret):
        raise InvalidInput(
            f"{word!r} sets nothing", hint="write NAME=VALUE; with --secret, NAME alone asks for the value"
        )
    return name, value if separator else None


def _ask(name: str) -> str:
    """A value that stays out of the shell's history: typed unseen, or a line of stdin."""
    if is_terminal(sys.stdin):
        return str(typer.prompt(name, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise InvalidInput(f"stdin holds no value for {name}", hint="give one line for each name")
    return line


def _show(client: Client, name: str, environment: str, output: Format) -> None:
    listing = client.applications.config(name, environment)
    if output is Format.text and not listing["items"]:
        say(f"{name} has no variables of its own in {environment}.")
        return
    show(listing, output, _values)


def _values(listing: Listing[ConfigValue], style: Style) -> str:
    rows = [
        (item["name"], _MASK if item.get("secret") else item.get("value"), item.get("source"))
        for item in listing["items"]
    ]
    return table(("NAME", "VALUE", "SET BY"), rows, style)


def _changed(result: dict[str, Any], _style: Style) -> str:
    release = f" {result['release']}" if result.get("release") else ""
    return f"{result['application']}{release} runs with the new variables in {result['environment']}."
