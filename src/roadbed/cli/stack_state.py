"""The part of `roadbed stack` that corrects the state by hand: export, import, move and forget."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from roadbed.cli import names
from roadbed.cli.group import PlainCommand, examples
from roadbed.cli.output import Format, confirmed, say, show
from roadbed.cli.parameters import Output
from roadbed.cli.plan_request import Yes
from roadbed.cli.stack_names import check_stack, looks_like_stack, suggesting_stack
from roadbed.cli.style import is_terminal
from roadbed.cli.text import clean, plural
from roadbed.client.client import Client
from roadbed.client.files import write_private
from roadbed.kit.errors import InvalidInput, Refused

StackArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="STACK", help="NAME@ENV.", autocompletion=names.stacks)
]
Resources: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="RESOURCE...", help="By URN, path, name or pattern (subnets/*).")
]
_LIMIT = 512 << 20


def add_to(group: typer.Typer) -> None:
    group.command(
        "export",
        cls=PlainCommand,
        epilog=examples(
            "roadbed stack export network@dev > network.json", "roadbed stack export network@dev --file network.json"
        ),
    )(export)
    group.command(
        "import",
        cls=PlainCommand,
        epilog=examples(
            "roadbed stack import network@dev network.json", "roadbed stack import network@dev - < network.json"
        ),
    )(import_state)
    group.command(
        "move",
        cls=PlainCommand,
        epilog=examples(
            "roadbed stack move network@dev subnet --to network@dev/main/subnet    another path",
            "roadbed stack move network@dev 'cache/*' --to cache@dev               another stack",
        ),
    )(move)
    group.command("forget", cls=PlainCommand, epilog=examples("roadbed stack forget network@dev subnet --yes"))(forget)


def export(
    name: StackArgument,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", metavar="FILE", help="Write it there, for your eyes only.")
    ] = None,
) -> None:
    """Print a stack's state as a JSON document.

    It is to be imported again by this platform; secrets in it are encrypted by it.
    """
    name, client = check_stack(name), Client.found()
    with suggesting_stack(client, name):
        document = client.stacks.export(name)
    if file is None:
        show(document, Format.json, lambda _document, _style: "")
        return
    write_private(file, json.dumps(document, indent=2, ensure_ascii=False))
    say(f"The state of {name} is in {file}.")


def import_state(
    name: StackArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What an export wrote; - for stdin.", allow_dash=True)],
    replace: Annotated[bool, typer.Option("--replace", help="In place of the resources that it has.")] = False,
    yes: Yes = False,
    output: Output = Format.text,
) -> None:
    """Take in a state that was exported.

    Changes nothing in the world. What the stack knew before is in its history.
    """
    name, client = check_stack(name), Client.found()
    document = _read(file)
    if not yes:
        _ask(f"This replaces the state of {name} by what {file} says." if replace else f"This gives {name} a state.")
    with suggesting_stack(client, name):
        imported = client.stacks.import_(name, document, replace=replace)
    show(imported, output, lambda found, _style: f"{name} holds {plural(found['resources'], 'resource')} now.")


def _read(file: Path) -> dict[str, Any]:
    try:
        if str(file) == "-":
            text = sys.stdin.read(_LIMIT)
        else:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_LIMIT)
        document = json.loads(text)
    except UnicodeDecodeError as error:
        raise InvalidInput("this is not UTF-8 text", file=str(file)) from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"is no JSON: {error.msg}", file=str(file), line=error.lineno, column=error.colno) from error
    if not isinstance(document, dict):
        raise InvalidInput("holds no object, so no exported state", file=str(file))
    return document


def move(
    name: StackArgument,
    resources: Resources,
    to: Annotated[
        str, typer.Option("--to", metavar="STACK[/PATH]", help="Another stack, or a stack and the resource's new path.")
    ],
    yes: Yes = False,
    output: Output = Format.text,
) -> None:
    """Move resources within a stack's state, or to another stack.

    Changes nothing in the world: declare them in their new place, too, or the next plan deletes them there. Within one
    stack `aliases` in the program do the same with a plan to look at.
    """
    name, client = check_stack(name), Client.found()
    target = to if looks_like_stack(to.partition("/")[0]) else f"{name}/{to}"
    if not yes:
        _ask(f"This moves {', '.join(resources)} of {name} to {target}, in the state only.")
    with suggesting_stack(client, name):
        moved = client.stacks.move(name, resources, target)
    show(
        moved, output, lambda found, _style: "\n".join(f"{clean(e['was'])} → {clean(e['urn'])}" for e in found["items"])
    )


def forget(
    name: StackArgument,
    resources: Resources,
    force: Annotated[bool, typer.Option("--force", help="Also what others depend on.")] = False,
    yes: Yes = False,
    output: Output = Format.text,
) -> None:
    """Drop resources from a stack's state, and leave them in the world.

    The platform doesn't look after them any more. While they are declared, the next apply creates them anew, and fails
    where what stays is in the way: `import_` in the program takes that up again.
    """
    name, client = check_stack(name), Client.found()
    if not yes:
        _ask(
            f"This drops {', '.join(resources)} from the state of {name}; in the world they stay."
            " What is declared with `import_` is taken up again."
        )
    with suggesting_stack(client, name):
        forgotten = client.stacks.forget(name, resources, force=force)
    show(forgotten, output, lambda found, _style: "\n".join(f"{clean(urn)} is forgotten" for urn in found["items"]))


def _ask(warning: str) -> None:
    if not is_terminal(sys.stdin):
        raise InvalidInput("this asks first, and nobody is here to be asked", hint="add --yes")
    say(warning)
    if not confirmed("Go on?"):
        raise Refused("you said no; nothing was changed")
