"""Two line formats of a stream: server-sent events and newline-delimited JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One server-sent event; `data` is its JSON."""

    event: str
    data: Any
    id: str | None = None


def read_events(lines: Iterable[bytes]) -> Iterator[ServerEvent]:
    """Parses `text/event-stream` as the HTML standard says; an event that its end cut off is dropped."""
    event, last_id = "message", None
    data: list[str] = []
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            if data:
                yield ServerEvent(event, json.loads("\n".join(data)), last_id)
            event, data = "message", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
        elif name == "id":
            last_id = value


def read_ndjson(lines: Iterable[bytes]) -> Iterator[Any]:
    """One value a line; blank lines, which servers send to keep a connection alive, are skipped."""
    for line in lines:
        if line.strip():
            yield json.loads(line)
