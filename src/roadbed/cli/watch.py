"""An operation's events as they come, through lost connections, with a tick in every quiet moment."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from roadbed.client.operations import ENDED, Operations
from roadbed.kit.errors import RoadbedError, Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import Operation, OperationLogLine

_TICK = 0.1
_PATIENCE = 60.0
_PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Changed:
    operation: Operation

    @property
    def ended(self) -> bool:
        return self.operation["state"] in ENDED

    @property
    def waiting(self) -> bool:
        return self.operation["state"] == "waiting"


@dataclass(frozen=True, slots=True)
class Logged:
    line: OperationLogLine


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection broke; it is being tried again."""

    error: Unavailable


Seen: TypeAlias = Changed | Logged | Lost


def watch(operations: Operations, identifier: str, *, waits: bool = True) -> Iterator[Seen | None]:
    """Yields what is seen, and None about ten times a second in between.

    Ends after the operation has, or where it waits for somebody, if not this `waits`, too. The server may die and
    return meanwhile: for a minute it is asked again. A thread reads, so that the caller can draw and be interrupted.
    """
    seen: queue.SimpleQueue[Seen | RoadbedError] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(operations, identifier, seen), daemon=True).start()
    while True:
        try:
            what = seen.get(timeout=_TICK)
        except queue.Empty:
            yield None
            continue
        if isinstance(what, RoadbedError):
            raise what
        yield what
        if isinstance(what, Changed) and (what.ended or (what.waiting and not waits)):
            return


def _read(operations: Operations, identifier: str, seen: queue.SimpleQueue[Seen | RoadbedError]) -> None:
    patience_ends = time.monotonic() + _PATIENCE
    last_line = 0
    while True:
        try:
            for what in _stream(operations, identifier):
                patience_ends = time.monotonic() + _PATIENCE
                if isinstance(what, Logged):
                    if what.line["sequence"] <= last_line:
                        continue  # told again after a reconnection
                    last_line = what.line["sequence"]
                seen.put(what)
                if isinstance(what, Changed) and what.ended:
                    return
        except Unavailable as error:
            if isinstance(error.__cause__, TimeoutError):
                continue  # nothing to tell for a while: no reason to alarm anybody
            if time.monotonic() > patience_ends:
                seen.put(error)
                return
            seen.put(Lost(error))
        except RoadbedError as error:
            seen.put(error)
            return
        time.sleep(_PAUSE)


def _stream(operations: Operations, identifier: str) -> Iterator[Changed | Logged]:
    """How the operation is now, since a stream may have been cut off before it told; then what one connection tells."""
    yield Changed(operations.get(identifier))
    for event in operations.events(identifier):
        if event.event == "operation":
            yield Changed(cast("Operation", event.data))
        elif event.event == "log":
            yield Logged(cast("OperationLogLine", event.data))
