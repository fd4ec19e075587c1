"""`roadbed login`, `logout` and `whoami`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from roadbed.cli.group import command_group, examples
from roadbed.cli.output import Format, say, show
from roadbed.cli.parameters import Output
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import entity, pairs
from roadbed.client import credentials
from roadbed.client.client import Client
from roadbed.client.credentials import Credentials
from roadbed.kit.errors import InvalidInput
from roadbed.kit.home import roadbed_home

if TYPE_CHECKING:
    from roadbed.client.models import Whoami

app = command_group()


@app.command(
    epilog=examples(
        "roadbed login                                    asks for name and password",
        "roadbed login --username ada --password-stdin < password",
        "roadbed login --url https://roadbed.example.com --token $TOKEN",
    )
)
def login(
    username: Annotated[str | None, typer.Option("--username", "-u", help="Your name.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    token: Annotated[str | None, typer.Option("--token", help="Use this token, and no password.")] = None,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Where the platform is.")] = None,
    output: Output = Format.text,
) -> None:
    """Log in to a platform.

    Keeps a token in $ROADBED_HOME/client.json, readable by you only.
    """
    address = (url or credentials.find().url).rstrip("/")
    if token is None:
        name, password = _name_and_password(username, from_stdin=password_stdin)
        token = Client(Credentials(address)).platform.login(name, password)["token"]
    proven = Credentials(address, token)
    who = Client(proven).platform.whoami()
    credentials.save(roadbed_home(), proven)
    show(
        {"url": address, "user": who["name"]}, output, lambda data, _style: f"Logged in to {address} as {data['user']}."
    )
    if os.environ.get("ROADBED_TOKEN"):
        say("ROADBED_TOKEN is set, and goes before this login.")


def _name_and_password(username: str | None, *, from_stdin: bool) -> tuple[str, str]:
    if from_stdin:
        if username is None:
            raise InvalidInput("whose password is it?", hint="add --username NAME")
        return username, sys.stdin.readline().rstrip("\n")
    if not is_terminal(sys.stdin):
        raise InvalidInput("there is no terminal to ask for a password", hint="use --password-stdin, or --token")
    name = username or str(typer.prompt("Username", err=True))
    return name, str(typer.prompt("Password", hide_input=True, err=True))


@app.command(epilog=examples("roadbed logout"))
def logout() -> None:
    """Forget the login.

    The token is removed from this machine; the address of the platform stays.
    """
    say("Logged out." if credentials.forget(roadbed_home()) else "Nobody was logged in.")


@app.command(epilog=examples("roadbed whoami", "roadbed whoami -o json"))
def whoami(output: Output = Format.text) -> None:
    """Show who is logged in, and what they may do."""
    client = Client.found()
    show(client.platform.whoami(), output, lambda who, style: _who(who, client.url, style))


def _who(who: Whoami, url: str, style: Style) -> str:
    grants = ", ".join(f"{grant['role']} of {_scope(grant['scope'])}" for grant in who.get("grants") or ())
    facts = [
        ("Name", who["name"]),
        ("Kind", who.get("kind")),
        ("Groups", ", ".join(entity(group) or "" for group in who.get("groups") or ())),
        ("May act as", grants),
        ("Platform", url),
    ]
    return pairs(facts, style)


def _scope(scope: str) -> str:
    return "everything" if scope == "*" else entity(scope) or scope
