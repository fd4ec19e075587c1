"""Lengths of time as files write them: `30s`, `5m`, `1h`, `2d`."""

from __future__ import annotations

import re
from collections.abc import Callable

from roadbed.workload.forms import Judged, Text

DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
RULE = "a number and a unit: 30s, 5m, 1h, 2d"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> int:
    """Raises ValueError for what has another form."""
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _SECONDS[match[2]]


def duration(shortest: str, longest: str) -> Judged:
    """The form of one that lies between these two, themselves included."""
    return Judged(Text(DURATION, RULE), _judge(shortest, longest))


def _judge(shortest: str, longest: str) -> Callable[[str], str | None]:
    def wrong(text: str) -> str | None:
        if not DURATION.fullmatch(text):
            return f"{text!r} is no length of time"
        if not seconds_of(shortest) <= seconds_of(text) <= seconds_of(longest):
            return f"{text!r} is not between {shortest} and {longest}"
        return None

    return wrong
