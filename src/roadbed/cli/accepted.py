"""What to do with work that the platform accepted: follow it, or say where it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from roadbed.cli.awaiting import leave
from roadbed.cli.errors import shows_progress
from roadbed.cli.follow import follow
from roadbed.cli.output import Format, say, show
from roadbed.cli.style import Style
from roadbed.cli.text import clean
from roadbed.client.client import Client
from roadbed.client.operations import id_of

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, Operation


def finish(
    client: Client,
    accepted: Accepted,
    output: Format,
    *,
    facts: dict[str, Any],
    sentence: Callable[[dict[str, Any], Style], str],
    detach: bool = False,
    verbose: bool = False,
    wait: bool = False,
) -> None:
    """Follows to the end, then prints what came of it: the operation's result laid over `facts`.

    Where somebody must approve it first, it says so and leaves, unless it is to `wait` for that, too. With `detach`
    prints the operation's id instead. `sentence` says the result to a person; its notes are messages.
    """
    if (identifier := id_of(accepted)) is None:
        show({**facts, "status": "unchanged"}, output, lambda _data, _style: "Nothing to change.")
        return
    if detach:
        show({**facts, "operation": identifier, "status": "queued"}, output, lambda data, _style: data["operation"])
        if output is Format.text:
            say(f"It goes on in the background. To watch it: roadbed ops show {identifier} --follow")
        return
    began = time.monotonic()
    operation = follow(client, identifier, verbose=verbose, progress=shows_progress(output is Format.json), waits=wait)
    if operation["state"] == "waiting":
        leave(client, operation, output, facts)
    facts = {**facts, "duration_s": round(time.monotonic() - began, 3)}
    done = outcome(operation, facts)
    show(done, output, sentence)
    if output is Format.text:
        for note in done.get("notes") or ():
            say(f"note: {clean(note)}")


def outcome(operation: Operation, facts: dict[str, Any]) -> dict[str, Any]:
    """The result as a program reads it; what the server left out comes from `facts`."""
    return {**facts, "operation": operation["id"], "status": operation["state"], **(operation.get("result") or {})}
