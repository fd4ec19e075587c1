"""An apply's journal as it grows, read by a thread so that the caller can draw meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from roadbed.client.client import Client
from roadbed.kit.errors import RoadbedError, Unavailable

if TYPE_CHECKING:
    from roadbed.client.models import ProgressEntry

_PAUSE_S = 0.5


class Journal:
    """Follows plan `number` of `stack` from its first entry, through lost connections, until it was applied."""

    def __init__(self, client: Client, stack: str, number: int) -> None:
        self._client, self._stack, self._number = client, stack, number
        self._read: deque[ProgressEntry] = deque()
        self._taken = 0
        self._stopped = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    def take(self) -> list[ProgressEntry]:
        """What came since the last time."""
        return self._new([self._read.popleft() for _ in range(len(self._read))])

    def rest(self) -> list[ProgressEntry]:
        """What is left once the apply is known to be over: asked for anew, which is answered at once."""
        self._stopped.set()
        found = self.take()
        with suppress(RoadbedError):
            for entries in self._entries(self._taken):
                found += self._new(entries)
        return found

    def _new(self, entries: list[ProgressEntry]) -> list[ProgressEntry]:
        """Those that were not taken before."""
        new = [entry for entry in entries if entry["id"] > self._taken]
        self._taken = new[-1]["id"] if new else self._taken
        return new

    def _follow(self) -> None:
        after = 0
        while not self._stopped.is_set():
            try:
                for entries in self._entries(after):
                    self._read.extend(entries)
                    after = entries[-1]["id"]
            except Unavailable:
                self._stopped.wait(_PAUSE_S)  # whoever watches the operation says so
                continue
            except RoadbedError:
                pass  # its end is told by the operation
            return

    def _entries(self, after: int) -> Iterator[list[ProgressEntry]]:
        """Raises Unavailable when the connection is lost before the end."""
        for event in self._client.stacks.progress(self._stack, self._number, after):
            if event.event == "end":
                return
            if event.event == "progress" and event.data["entries"]:
                yield event.data["entries"]
        raise Unavailable("the progress was cut off")
