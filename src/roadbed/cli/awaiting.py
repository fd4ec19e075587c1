"""Work that waits for somebody's approval: what that is, and how to come back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import typer

from roadbed.cli.asked import people
from roadbed.cli.output import Format, say, show
from roadbed.cli.text import clean
from roadbed.client.client import Client

if TYPE_CHECKING:
    from roadbed.client.models import Approval, Operation

AWAITING = 6
"""The exit code: nothing failed, and nothing is done yet."""


def leave(client: Client, operation: Operation, output: Format, facts: dict[str, Any]) -> NoReturn:
    """Says what it waits for, and ends the command."""
    found = client.approvals.list(operation=operation["id"], state="waiting")["items"]
    told: dict[str, Any] = {**facts, "operation": operation["id"], "status": operation["state"]}
    told |= {"approval": found[0]["id"], "left": found[0]["left"]} if found else {}
    if output is Format.text:
        for line in _lines(operation, found[0] if found else None):
            say(line)
    else:
        show(told, output, lambda _data, _style: "")
    raise typer.Exit(AWAITING)


def _lines(operation: Operation, approval: Approval | None) -> list[str]:
    id_ = operation["id"]
    lines = [f"{clean(operation['target'])} is not changed yet: it waits for {_awaited(approval)}."]
    if approval is not None:
        lines += [f"To approve it, somebody else types: roadbed approval approve {approval['id']}"]
    return [*lines, f"To watch it again: roadbed ops show {id_} --follow", f"To take it back: roadbed ops cancel {id_}"]


def _awaited(approval: Approval | None) -> str:
    if approval is None:
        return "somebody"
    return " and ".join(f"{people(need)} ({clean(need['because'])})" for need in approval["left"]) or "its turn"
