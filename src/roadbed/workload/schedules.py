"""When a job runs: cron's five fields, in a time zone of the IANA database."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

from roadbed.workload.reader import nearest

_FIELD = r"[0-9A-Za-z*/,\-?L#]+"
SCHEDULE = re.compile(rf"@(?:hourly|daily|weekly|monthly|yearly)|{_FIELD}(?: +{_FIELD}){{4}}")
TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,2}")
LONGEST = 200
_CHANCE = re.compile(r"\b[RrHh]\b")
"""Fields that the library fills by chance: another minute each time the file is read."""


def wrong_schedule(text: str) -> str | None:
    """What is wrong with it, or None. One that can never come (30 February) is wrong, too."""
    if len(text) > LONGEST:
        return f"a schedule has at most {LONGEST} characters"
    if _CHANCE.search(text):
        return f"{text!r} leaves the time to chance"
    from croniter import CroniterError, croniter  # noqa: PLC0415 - 45 ms, and few files have jobs

    try:
        croniter(text, ret_type=float, max_years_between_matches=8).get_next()
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        reason = str(error).strip("'\"").removeprefix(f"[{text}] ")
        return f"{text!r} is no schedule: {reason}"
    return None


def wrong_timezone(text: str) -> str | None:
    zones = _zones()
    if text in zones:
        return None
    meant = nearest(text, zones) or ""
    hint = f"; {meant}" if meant.startswith("did you mean") else ""
    return f"there is no time zone {text!r}{hint}"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
