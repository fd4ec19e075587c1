"""What is said of an operation that somebody asked to stop: while it still runs, and after it has ended. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from roadbed.client.operations import ENDED
from roadbed.kit.errors import OperationFailed

if TYPE_CHECKING:
    from roadbed.client.models import Operation

_STOPPING = {
    "stack.apply": "nothing more begins, and what runs has about a minute to end",
    "deployment": "nothing more begins, and what runs has about a minute to end",
    "destruction": "nothing more begins, and what runs has about a minute to end",
}


def stops(operation: Operation) -> bool:
    """Whether somebody asked it to stop, and it still runs."""
    return operation.get("cancel_requested", False) and operation["state"] not in ENDED


def told_to_stop(operation: Operation) -> str:
    """`asked to stop: it does so at the next safe point`."""
    return f"asked to stop: {_STOPPING.get(operation['kind'], 'it does so at the next safe point')}"


def cancelled(operation: Operation, *, told: str = "", again: str = "") -> OperationFailed:
    """What has become of it. `told` says how far it came, `again` is the command that goes on from there."""
    behind = told or _ended(operation)
    message = f"{operation['title']} was cancelled{f': {behind}' if behind else ''}"
    return OperationFailed(message, hint=_left(operation, again))


def _ended(operation: Operation) -> str:
    """`3 of 10 steps had ended`, as far as it counts them."""
    if operation["kind"] != "stack.apply":
        return ""
    total = sum(step.get("total") or 0 for step in operation.get("steps") or ())
    ended = sum(step.get("done") or 0 for step in operation.get("steps") or ())
    return f"{ended:,} of {total:,} steps had ended" if total else ""


def _left(operation: Operation, again: str) -> str:
    if operation.get("started_at") is None:
        return "it had not begun: nothing was changed"
    match operation["kind"]:
        case "stack.apply":
            way = f"to go on from there: {again}" if again else "plan again to go on from there"
            return f"what was done is recorded; {way}"
        case "deployment":
            return "what was in force before it is in force; databases and the like that it made stay"
        case "destruction":
            return f"what it deleted is gone; to delete the rest: roadbed destroy {operation['target']}"
        case _:
            return "what it had done by then stays"
