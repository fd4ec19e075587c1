"""`roadbed stack secrets`: what a module's program calls `secret("NAME")`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Output
from roadbed.cli.stack_names import check_stack, suggesting_stack
from roadbed.cli.stack_state import StackArgument
from roadbed.cli.style import Style
from roadbed.cli.text import ago, clean, table
from roadbed.cli.variables import Request, understand
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import Listing, StackSecret


def add_to(group: typer.Typer) -> None:
    group.command(
        "secrets",
        cls=PlainCommand,
        epilog=examples(
            "roadbed stack secrets network@dev                      list their names",
            "roadbed stack secrets network@dev set TOKEN            asks for it, or reads it from stdin",
            "roadbed stack secrets network@dev set TOKEN=abc123",
            "roadbed stack secrets network@dev unset TOKEN",
        ),
    )(secrets)


def secrets(
    name: StackArgument,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[set NAME[=VALUE]... | unset NAME...]",
            help="What to change.",
            autocompletion=names.stack_secrets,
            show_default=False,
        ),
    ] = None,
    output: Output = Format.text,
) -> None:
    """List, set or unset the secrets of a module's stack.

    They are kept sealed and never shown. A change is seen by the next plan, and makes those before it stale. An
    application's secrets are set with `roadbed config`.
    """
    name = check_stack(name)
    request = understand([name, *(words or [])], secret=True, command=f"roadbed stack secrets {name}")
    client = Client.found()
    with suggesting_stack(client, name):
        if not request.changes:
            _show(client.stacks.secrets(name), name, output)
            return
        done = _change(client, name, request)
    show(done, output, _changed)


def _show(listing: Listing[StackSecret], name: str, output: Format) -> None:
    if output is Format.text and not listing["items"]:
        say(f"No secrets are set for {name}.")
        return
    show(listing, output, _names)


def _names(listing: Listing[StackSecret], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [(item["name"], ago(item["set_at"], now), item["set_by"]) for item in listing["items"]]
    return table(("NAME", "SET", "BY"), rows, style)


def _change(client: Client, name: str, request: Request) -> dict[str, Any]:
    """One after the other: what is refused leaves those before it as they were said."""
    changed = {key: client.stacks.set_secret(name, key, value) for key, value in request.known_values.items()}
    for key in request.unset:
        client.stacks.unset_secret(name, key)
    return {
        "stack": name,
        "set": [key for key, is_change in changed.items() if is_change],
        "unchanged": [key for key, is_change in changed.items() if not is_change],
        "unset": [*request.unset],
    }


def _changed(done: dict[str, Any], _style: Style) -> str:
    parts = [f"{verb} {', '.join(map(clean, done[verb]))}" for verb in ("set", "unset") if done[verb]]
    if not parts:
        return "Nothing to change."
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]} for {done['stack']}. What that changes: roadbed plan {done['stack']}"
