"""When something runs by the clock: cron's five fields, in a time zone of the IANA database. Pure.

Where clocks change, it is as Debian's cron has it. A time of day that is skipped in spring comes at the first minute
after the gap, one that is repeated in autumn comes once, at its first pass. A schedule whose hours or minutes are a
wildcard (`*`, `*/5`) goes by real time: it comes in both passes, and never in the gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from roadbed.workload.reader import nearest

if TYPE_CHECKING:
    from cronsim import CronSim

_FIELD = r"[0-9A-Za-z*/,\-L#]+"
SCHEDULE = re.compile(rf"@(?:hourly|daily|weekly|monthly|yearly)|{_FIELD}(?: +{_FIELD}){{4}}")
TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,2}")
LONGEST = 200
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_FIELDS = (
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of the month", "1 to 31, or L for the last"),
    ("month", "1 to 12, or JAN to DEC"),
    ("day of the week", "0 to 7, where 0 and 7 are Sunday, or SUN to SAT"),
)
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def wrong_schedule(text: str) -> str | None:
    """What is wrong with it, or None. One that can never come (30 February) is wrong, too."""
    if len(text) > LONGEST:
        return f"a schedule has at most {LONGEST} characters"
    if text.startswith("@"):
        return None if text in ALIASES else f"there is no {text!r}: there are {', '.join(ALIASES)}"
    fields = text.split()
    if len(fields) != len(_FIELDS):
        names = ", ".join(name for name, _ in _FIELDS)
        return f"{text!r} has {len(fields)} of the five fields of a schedule: {names}"
    for index, (field, (name, range_)) in enumerate(zip(fields, _FIELDS, strict=True)):
        if not _reads(" ".join("*" if other != index else field for other in range(len(_FIELDS)))):
            return f"the {name} of {text!r} is wrong: {field!r} is not within {range_}"
    if not _reads(text) or next_time(text, "UTC", _SOME_TIME) is None:
        return f"{text!r} never comes: no month that it names has such a day"
    return None


def wrong_timezone(text: str) -> str | None:
    zones = _zones()
    if text in zones:
        return None
    meant = nearest(text, zones) or ""
    hint = f"; {meant}" if meant.startswith("did you mean") else ""
    return f"there is no time zone {text!r}{hint}"


def times(schedule: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The times after `after`, in UTC, the first one first, each once. Ends where none comes in fifty years."""
    last = after.astimezone(UTC)
    # From within a repeated hour the library begins with the first pass, which is over, and of a gap all comes at once.
    for local in _cron(schedule, last.astimezone(ZoneInfo(timezone))):
        if (time := local.astimezone(UTC)) > last:
            last = time
            yield time


def next_time(schedule: str, timezone: str, after: datetime) -> datetime | None:
    return next(times(schedule, timezone, after), None)


def in_words(schedule: str) -> str:
    """`At 03:00 on Monday through Friday`."""
    return _cron(schedule, _SOME_TIME).explain()


def _reads(text: str) -> bool:
    from cronsim import CronSimError  # noqa: PLC0415 - few files have jobs

    try:
        _cron(text, _SOME_TIME)
    except CronSimError:
        return False
    return True


def _cron(schedule: str, after: datetime) -> CronSim:
    from cronsim import CronSim  # noqa: PLC0415 - 30 ms, and few files have jobs

    return CronSim(ALIASES.get(schedule, schedule), after)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
