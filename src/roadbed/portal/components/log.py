"""A line of a log, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """`who` is the replica or the step; `stream` is `stdout`, `stderr` or `system` (the platform's own words)."""

    at: datetime
    who: str
    stream: str
    text: str
