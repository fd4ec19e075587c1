"""An apply's journal as it grows, read by a thread so that the caller can draw meanwhile."""

from __future__ import annotations

import threading
from collections import deque

from roadbed.client.client import Client
from roadbed.client.models import ProgressEntry
from roadbed.kit.errors import RoadbedError, Unavailable

_PAUSE_S = 0.5


class Journal:
    """Follows plan `number` of `stack` from its first entry, through lost connections, until it was applied."""

    def __init__(self, client: Client, stack: str, number: int) -> None:
        self._client, self._stack, self._number = client, stack, number
        self._entries: deque[ProgressEntry] = deque()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def take(self) -> list[ProgressEntry]:
        """What came since the last time."""
        return [self._entries.popleft() for _ in range(len(self._entries))]

    def finish(self, patience: float) -> list[ProgressEntry]:
        """What is left, once the apply is known to be over; `patience` in seconds."""
        self._thread.join(patience)
        self._stopped.set()
        return self.take()

    def _follow(self) -> None:
        after = 0
        while not self._stopped.is_set():
            try:
                for event in self._client.stacks.progress(self._stack, self._number, after):
                    if event.event == "end":
                        return
                    if event.event == "progress" and (entries := event.data["entries"]):
                        self._entries.extend(entries)
                        after = entries[-1]["id"]
            except Unavailable:
                pass  # whoever watches the operation says so
            except RoadbedError:
                return  # its end is told by the operation
            self._stopped.wait(_PAUSE_S)
