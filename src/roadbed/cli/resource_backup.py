"""`roadbed resource backup`, `backups` and `restore`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from roadbed.cli import names
from roadbed.cli.accepted import finish
from roadbed.cli.group import PlainCommand, examples
from roadbed.cli.here import application_or_here, suggesting
from roadbed.cli.output import Format, prompt, say, show
from roadbed.cli.parameters import DEFAULT_ENVIRONMENT, Detach, Environment, Output, Verbose
from roadbed.cli.plan_request import Yes
from roadbed.cli.resource_options import App, Name
from roadbed.cli.style import Style, is_terminal
from roadbed.cli.text import ago, duration, size, table
from roadbed.client.client import Client
from roadbed.kit.errors import InvalidInput, Refused
from roadbed.kit.names import resource_name

if TYPE_CHECKING:
    from roadbed.client.models import Backup, BackupSchedule

_DAYS = {"d": 1.0, "w": 7.0}


def add_commands(resource: typer.Typer) -> None:
    resource.command(cls=PlainCommand, epilog=_BACKUP)(backup)
    resource.command(cls=PlainCommand, epilog=_BACKUPS)(backups)
    resource.command(cls=PlainCommand, epilog=_RESTORE)(restore)


_BACKUP = examples(
    "roadbed resource backup db                     tried by restoring it into a scratch resource",
    "roadbed resource backup db --for 30d           gone after 30 days",
    "roadbed resource backup db -a orders -e prod",
)
_BACKUPS = examples(
    "roadbed resource backups                       of all resources of the application here",
    "roadbed resource backups db -e prod",
    "roadbed resource backups --remove bak_06g3…    for good",
    "roadbed resource backups -o json | jq '.items[0].id'",
)
_RESTORE = examples(
    "roadbed resource restore db --backup bak_06g3…",
    "roadbed resource restore db --backup bak_06g3… --into copy",
    "roadbed resource restore db --backup latest --yes",
)


def backup(
    name: Name,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="How long it stays (7d, 2w); default: until removed.")
    ] = None,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Back a resource up.

    The backup is encrypted, and tried: it is restored into a scratch resource of the same kind, and what is in that is
    counted and compared.
    """
    client, owner = Client.found(), application_or_here(application)
    with suggesting(client, owner):
        accepted = client.backups.make(owner, environment, name, keep_days=_days(for_))
    facts = {"application": owner, "environment": environment, "resource": name}
    finish(client, accepted, output, facts=facts, sentence=_made, detach=detach, verbose=verbose)


def backups(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this resource's.", autocompletion=names.resources)
    ] = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="ID", help="Remove this one for good; repeatable.")
    ] = None,
    yes: Yes = False,
    output: Output = Format.text,
) -> None:
    """List backups, newest first, and when the next ones are made.

    Those of what was deleted are listed, too, as long as they stay.
    """
    client, owner = Client.found(), application_or_here(application)
    if remove:
        _remove(client, remove, yes=yes)
    with suggesting(client, owner):
        listing = client.backups.list(owner, environment, name)
    schedules = _schedules(client, owner, environment)
    if output is Format.text and not listing["items"]:
        hint = f"Make one: roadbed resource backup {name or 'NAME'}"
        say(f"There is no backup of {name or owner} in {environment}. {hint}")
    found = {"items": listing["items"], "schedules": schedules}
    show(found, output, lambda _found, style: _listed(listing["items"], schedules, style))


def restore(
    name: Name,
    backup: Annotated[str, typer.Option("--backup", metavar="ID", help="Which; `latest` for the newest of its.")],
    into: Annotated[
        str | None, typer.Option("--into", metavar="OTHER", help="Into another resource of the same type.")
    ] = None,
    application: App = None,
    environment: Environment = DEFAULT_ENVIRONMENT,
    yes: Yes = False,
    detach: Detach = False,
    verbose: Verbose = False,
    output: Output = Format.text,
) -> None:
    """Make a resource what a backup holds.

    What is in it now is overwritten, and backed up before. You are asked to type its name. A database's
    connections end once, when the restored one takes its place.
    """
    client, owner, target = Client.found(), application_or_here(application), into or name
    with suggesting(client, owner):
        target = client.resources.get(owner, environment, target)["name"]
    chosen = _latest(client, owner, environment, name) if backup == "latest" else backup
    if not yes:
        _confirm(f"This overwrites {target} of {owner} in {environment} by what {chosen} holds.", target)
    accepted = client.backups.restore(owner, environment, target, chosen, confirm=target)
    facts = {"application": owner, "environment": environment, "resource": target, "backup": chosen}
    finish(client, accepted, output, facts=facts, sentence=_restored, detach=detach, verbose=verbose)


def _days(text: str | None) -> float | None:
    if text is None:
        return None
    if (found := re.fullmatch(r"(\d+)([dw])", text)) is None or int(found[1]) == 0:
        raise InvalidInput(f"{text!r} is no time for which a backup could stay", hint="for example 7d or 2w")
    return int(found[1]) * _DAYS[found[2]]


def _latest(client: Client, application: str, environment: str, name: str) -> str:
    for each in client.backups.list(application, environment, name)["items"]:
        if each["state"] != "damaged" and each["reason"] != "before restore":
            return each["id"]
    raise InvalidInput(f"there is no backup of {name}", hint=f"make one: roadbed resource backup {name}")


def _schedules(client: Client, application: str, environment: str) -> list[BackupSchedule]:
    """None of an application that is no more."""
    from roadbed.kit.errors import NotFound

    try:
        return client.backups.schedules(application, environment)["items"]
    except NotFound:
        return []


def _remove(client: Client, ids: Sequence[str], *, yes: bool) -> None:
    if not yes:
        _confirm(f"This removes {', '.join(ids)} for good.", ids[0])
    for each in ids:
        client.backups.remove(each)


def _confirm(warning: str, word: str) -> None:
    """Goes on only after the word was typed."""
    if not is_terminal(sys.stdin):
        raise InvalidInput(warning, hint="say that you mean it: --yes")
    say(warning)
    if prompt(f"Type {word} to go on:") != word:
        raise Refused("that is something else; nothing was changed")


def _made(result: dict[str, Any], style: Style) -> str:
    lines = [f"{each['id']}: {_held(each)}, {each['state']}" for each in result["backups"]]
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    return "\n".join([f"{result['resource']} of {result['application']} is backed up{took}", *lines])


def _restored(result: dict[str, Any], style: Style) -> str:
    took = style.paint(f" ({duration(result['duration_s'])})", "dim")
    told = f"{result['resource']} holds {result['total']} {result['unit']} again, from {result['backup']}{took}"
    back = f"what was in it before: {result['before']}" if result.get("before") else ""
    return "\n".join(filter(None, [told, back]))


def _held(each: dict[str, Any]) -> str:
    return f"{each['total']} {each['unit']}, {size(each['size'])}"


def _listed(items: Sequence[Backup], schedules: Sequence[BackupSchedule], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            each["id"],
            each["resource"],
            ago(each["created_at"], now),
            each["reason"],
            f"{each['contents']['total']} {each['contents']['unit']}",
            size(each["size"]),
            each["state"],
            (each["expires_at"] or "")[:10],
        )
        for each in items
    ]
    head = ("BACKUP", "RESOURCE", "MADE", "WHY", "HOLDS", "SIZE", "STATE", "UNTIL")
    return "\n".join([*([table(head, rows, style)] if rows else []), *map(_scheduled, schedules)])


def _scheduled(one: BackupSchedule) -> str:
    following = (one["next_at"] or "never")[:16].replace("T", " ")
    kept = one["retention"]
    days = f", and those of {kept['days']:g} days" if kept["days"] else ""
    kept_of_it = f"the newest {kept['keep']} stay{days}"
    return f"{resource_name(one['urn'])}: {one['schedule']} ({one['timezone']}), {kept_of_it}; next: {following} UTC"
