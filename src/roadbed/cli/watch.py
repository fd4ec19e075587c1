"""An operation's events as they come, through lost connections, with a tick in every quiet moment."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from roadbed.client.models import Operation, OperationLogLine
from roadbed.client.operations import ENDED, Operations
from roadbed.kit.errors import RoadbedError, Unavailable

_TICK = 0.1
_PATIENCE = 60.0
_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection broke; it is being tried again."""

    error: Unavailable


Seen = Operation | OperationLogLine | Lost | RoadbedError


def watch(operations: Operations, identifier: str) -> Iterator[tuple[str, Seen] | None]:
    """Yields `("operation", …)`, `("log", …)`, `("lost", …)`, and None about ten times a second in between.

    Ends after the operation has. The server may die and return meanwhile: for a minute it is asked again. A thread
    reads, so that the caller can draw and be interrupted.
    """
    seen: queue.SimpleQueue[tuple[str, Seen]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(operations, identifier, seen), daemon=True).start()
    while True:
        try:
            kind, what = seen.get(timeout=_TICK)
        except queue.Empty:
            yield None
            continue
        if isinstance(what, RoadbedError):
            raise what
        yield kind, what
        if kind == "operation" and has_ended(what):
            return


def has_ended(what: Seen) -> bool:
    return isinstance(what, dict) and what.get("state") in ENDED


def _read(operations: Operations, identifier: str, seen: queue.SimpleQueue[tuple[str, Seen]]) -> None:
    patience_ends = time.monotonic() + _PATIENCE
    last_line = 0
    while True:
        try:
            for event in operations.events(identifier):
                patience_ends = time.monotonic() + _PATIENCE
                if event.event == "log":
                    if event.data["sequence"] <= last_line:
                        continue  # told again after a reconnection
                    last_line = event.data["sequence"]
                seen.put((event.event, event.data))
                if event.event == "operation" and has_ended(event.data):
                    return
            seen.put(("operation", operations.get(identifier)))
        except Unavailable as error:
            if time.monotonic() > patience_ends:
                seen.put(("error", error))
                return
            seen.put(("lost", Lost(error)))
        except RoadbedError as error:
            seen.put(("error", error))
            return
        time.sleep(_PAUSE)
