"""`roadbed resource add`, `remove`, `attach`, `detach` and `resize`: what changes what an application declares."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from roadbed.cli import names
from roadbed.cli.group import examples
from roadbed.cli.resource_command import Asking, add_command
from roadbed.cli.resource_options import Name
from roadbed.client.resources import added
from roadbed.kit.errors import InvalidInput

Workloads: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--workload", "-w", metavar="WORKLOAD", help="Only this workload; repeatable. Default: all."),
]
Settings: TypeAlias = Annotated[
    list[str] | None, typer.Option("--set", metavar="PARAM=VALUE", help="What it is to be like; repeatable.")
]


def add_commands(resource: typer.Typer) -> None:
    add_command(resource, add, _ADD)
    add_command(resource, remove, _REMOVE)
    add_command(resource, attach, _ATTACH)
    add_command(resource, detach, _DETACH)
    add_command(resource, resize, _RESIZE)


_ADD = examples(
    "roadbed resource add postgres                        a database, called db",
    "roadbed resource add s3 --name exports --set versioned=true",
    "roadbed resource add redis --workload worker --yes",
    "roadbed resource add postgres -a orders -e prod      of an application whose source is elsewhere",
)
_REMOVE = examples("roadbed resource remove cache", "roadbed resource remove db --delete-data --yes")
_ATTACH = examples("roadbed resource attach db                 to all workloads", "roadbed resource attach db -w web")
_DETACH = examples(
    "roadbed resource detach db -w worker", "roadbed resource detach db                 of all workloads"
)
_RESIZE = examples(
    "roadbed resource resize cache --set max_memory_mb=256",
    "roadbed resource resize db --class large -e prod",
)


def add(
    asking: Asking,
    type: Annotated[str, typer.Argument(metavar="TYPE", help="What to add.", autocompletion=names.blocks)],
    name: Annotated[str, typer.Option("--name", help="What it is called; default: after its type.")] = "",
    resource_class: Annotated[str, typer.Option("--class", metavar="CLASS", help="Which kind of it.")] = "default",
    settings: Settings = None,
    workloads: Workloads = None,
    prefix: Annotated[
        str | None, typer.Option("--prefix", help="What its variables begin with; default: its name in capitals.")
    ] = None,
) -> None:
    """Add a resource to an application.

    Writes it into roadbed.yaml, shows the edit and the plan, asks, and applies it to the release that runs: no
    code of this directory is shipped with it. The workloads get its variables. Where the application's source isn't
    here, it is a setting of the application until roadbed.yaml says the same.
    """
    params = asking.params(type, resource_class, settings)
    asking.add(
        added(type, name=name, resource_class=resource_class, params=params, workloads=workloads or None, prefix=prefix)
    )


def remove(
    asking: Asking,
    name: Name,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Delete it with all that is in it.")] = False,
    no_final_backup: Annotated[
        bool, typer.Option("--no-final-backup", help="Keep nothing of it; default: a backup for some days.")
    ] = False,
) -> None:
    """Take a resource away from an application, out of roadbed.yaml, too.

    One that holds data is deleted only after its name was typed, or with --delete-data. What was in it can be brought
    back for some days: roadbed resource backups.
    """
    asking.change({"action": "remove", "name": name}, delete_data=delete_data, final_backups=not no_final_backup)


def attach(asking: Asking, name: Name, workloads: Workloads = None) -> None:
    """Give a resource's variables to workloads."""
    asking.change({"action": "attach", "name": name, "workloads": workloads or None})


def detach(asking: Asking, name: Name, workloads: Workloads = None) -> None:
    """Take a resource's variables from workloads. It stays, with what is in it."""
    asking.change({"action": "detach", "name": name, "workloads": workloads or None})


def resize(
    asking: Asking,
    name: Name,
    resource_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Which kind of it; default: as it is.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Change what a resource is like: how large it is, when it is backed up, whether it is protected.

    Writes it into roadbed.yaml, shows the edit and the plan, asks, and applies it. What would lose data, or make a
    resource smaller than what is in it, is refused.
    """
    if resource_class is None and not settings:
        raise InvalidInput("say what it is to be", hint="for example: --set size=20Gi, or --class large")
    now = asking.resource(name)
    params = asking.params(now["type"], resource_class or "default", settings)
    change = {"action": "resize", "name": name, "class": resource_class or now["class"], "params": params}
    asking.change(change)
