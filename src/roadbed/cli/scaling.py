"""`roadbed scale` and `restart`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.group import PlainCommand, command_group, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Application, Detach, Environment, Output, Verbose
from roadbed.cli.style import Style
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput

app = command_group()


@app.command(cls=PlainCommand, epilog=examples("roadbed scale orders web=3", "roadbed scale web=3 worker=1 -e prod"))
def scale(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[APP] WORKLOAD=COUNT...",
            help="The application, and how many replicas each workload gets.",
            autocompletion=names.applications,
        ),
    ],
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Change how many replicas run."""
    application, replicas = counts(words)
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        accepted = client.applications.scale(name, environment, replicas)
    facts: dict[str, Any] = {"application": name, "environment": environment, "replicas": replicas}
    finish(client, accepted, output, facts=facts, sentence=_scaled, detach=detach, verbose=verbose)


def counts(words: list[str]) -> tuple[str | None, dict[str, int]]:
    """`["orders", "web=3"]` as the application and its counts."""
    application = words[0] if "=" not in words[0] else None
    replicas = dict(_count(word) for word in words[1 if application else 0 :])
    if not replicas:
        raise InvalidInput("how many of what?", hint="write WORKLOAD=COUNT, as in `roadbed scale orders web=3`")
    return application, replicas


def _count(word: str) -> tuple[str, int]:
    workload, _, count = word.partition("=")
    if not workload or not count.isascii() or not count.isdigit():
        raise InvalidInput(f"{word!r} says no number of replicas", hint="write WORKLOAD=COUNT, as in web=3")
    return workload, int(count)


def _scaled(result: dict[str, Any], _style: Style) -> str:
    counted = ", ".join(f"{workload}={count}" for workload, count in (result.get("replicas") or {}).items())
    return f"{result['application']} runs {counted or 'as asked'} in {result['environment']}."


@app.command(epilog=examples("roadbed restart orders", "roadbed restart orders -w web"))
def restart(
    application: Application = None,
    workload: Annotated[
        str | None, typer.Option("--workload", "-w", metavar="NAME", help="Only this workload.")
    ] = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Restart an application, replica by replica.

    No request is lost: each new replica is ready before an old one goes.
    """
    name, client = application_or_here(application), Client.found()
    with suggesting(client, name):
        accepted = client.applications.restart(name, environment, workload)
    facts: dict[str, Any] = {"application": name, "environment": environment}
    finish(client, accepted, output, facts=facts, sentence=_restarted, detach=detach, verbose=verbose)


def _restarted(result: dict[str, Any], _style: Style) -> str:
    return f"{result['application']} was restarted in {result['environment']}."
