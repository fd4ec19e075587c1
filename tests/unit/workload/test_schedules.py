"""Schedules: what is one, and when it comes, also where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roadbed.workload.durations import duration, seconds_of
from roadbed.workload.schedules import in_words, next_time, times, wrong_schedule, wrong_timezone

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("0 3 * * *", None),
        ("*/15 8-18 * * MON-FRI", None),
        ("0 0 29 2 *", None),
        ("0 0 L * *", None),
        ("0 9 * * 1#1", None),
        ("@weekly", None),
        ("60 * * * *", "the minute of '60 * * * *' is wrong: '60' is not within 0 to 59"),
        ("0 24 * * *", "the hour of '0 24 * * *' is wrong: '24' is not within 0 to 23"),
        ("0 0 0 * *", "the day of the month of '0 0 0 * *' is wrong: '0' is not within 1 to 31, or L for the last"),
        ("0 0 * 13 *", "the month of '0 0 * 13 *' is wrong: '13' is not within 1 to 12, or JAN to DEC"),
        ("0 0 * * XYZ", "the day of the week of '0 0 * * XYZ' is wrong: 'XYZ' is not within 0 to 7, where 0 and 7 are"),
        ("5-1 * * * *", "the minute of '5-1 * * * *' is wrong"),
        ("*/0 * * * *", "the minute of '*/0 * * * *' is wrong"),
        ("R * * * *", "the minute of 'R * * * *' is wrong"),
        ("0 3 * *", "'0 3 * *' has 4 of the five fields of a schedule: minute, hour, day of the month, month, day of"),
        ("0 0 3 * * *", "'0 0 3 * * *' has 6 of the five fields"),
        ("0 0 31 2 *", "'0 0 31 2 *' never comes: no month that it names has such a day"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("@reboot", "there is no '@reboot': there are @hourly, @daily, @weekly, @monthly, @yearly"),
        ("0 " * 200, "a schedule has at most 200 characters"),
    ],
)
def test_what_is_wrong_with_a_schedule(text: str, wrong: str | None) -> None:
    found = wrong_schedule(text)
    assert (found is None) == (wrong is None)
    assert (wrong or "") in (found or "")


@given(st.text(alphabet="0123456789*/,-LW#? @MONJA\n\0²", max_size=24))
def test_any_text_is_judged(text: str) -> None:
    if wrong_schedule(text) is None:
        assert next_time(text, "Europe/Madrid", datetime(2026, 3, 1, tzinfo=UTC)) is not None
        assert in_words(text)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "expected"),
    [
        # 02:30 is skipped: it comes at the first minute after the gap.
        ("30 2 * * *", "Europe/Madrid", "2026-03-28T03:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"]),
        # Of several that are skipped, one comes.
        ("0,30 2 * * *", "Europe/Madrid", "2026-03-28T03:00", ["2026-03-29T03:00+02:00", "2026-03-30T02:00+02:00"]),
        # 02:30 comes twice by the clock: it runs once.
        ("30 2 * * *", "Europe/Madrid", "2026-10-24T03:00", ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"]),
        # A wildcard goes by real time: both passes.
        ("0 * * * *", "Europe/Madrid", "2026-10-25T01:30", ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]),
        ("*/30 * * * *", "Europe/Madrid", "2026-03-29T01:00", ["2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00"]),
        # Midnight itself is skipped.
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T01:00", ["2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"]),
        # Half an hour's change.
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"]),
        ("@daily", "Asia/Kathmandu", "2026-01-01T00:00", ["2026-01-02T00:00+05:45"]),
    ],
)
def test_where_clocks_change(schedule: str, zone: str, after: str, expected: list[str]) -> None:
    begin = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    found = list(islice(times(schedule, zone, begin), len(expected)))
    assert found == [datetime.fromisoformat(each) for each in expected]


def test_from_within_a_repeated_hour_nothing_comes_that_is_past() -> None:
    second_pass = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    assert next_time("50 2 * * *", "Europe/Madrid", second_pass) == datetime(2026, 10, 26, 1, 50, tzinfo=UTC)


def by_hand(minute: int | None, hour: int | None, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """Minute by minute: a fixed time of day comes at its first pass, or where the gap that holds it ends."""
    local = ZoneInfo(zone)
    found, seen = [], set()
    time = begin
    while (time := time + timedelta(minutes=1)) <= end:
        wall, before = time.astimezone(local), (time - timedelta(minutes=1)).astimezone(local)
        gap = wall.replace(tzinfo=None) - before.replace(tzinfo=None)
        passed = [before + timedelta(minutes=n) for n in range(1, max(int(gap.total_seconds() // 60), 1))]
        walls = [wall.replace(tzinfo=None)]
        if minute is not None and hour is not None:
            walls += [one.replace(tzinfo=None) for one in passed]
        hits = [one for one in walls if minute in (None, one.minute) and hour in (None, one.hour)]
        fixed = minute is not None and hour is not None
        fresh = [one for one in hits if not fixed or one not in seen]
        seen.update(hits)
        if fresh:
            found.append(time)
    return found


CHANGES = (
    "2026-03-29",
    "2026-10-25",
    "2026-03-08",
    "2026-11-01",
    "2026-04-05",
    "2026-10-04",
    "2018-11-04",
    "2018-02-18",
)


@settings(max_examples=12, deadline=None)
@given(
    st.one_of(st.none(), st.integers(0, 59)),
    st.one_of(st.none(), st.integers(0, 5)),
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
)
@example(30, 2, "Europe/Madrid", "2026-10-25")
@example(15, None, "Australia/Lord_Howe", "2026-04-05")
def test_it_comes_as_the_clock_on_the_wall_says(minute: int | None, hour: int | None, zone: str, day: str) -> None:
    schedule = f"{'*' if minute is None else minute} {'*' if hour is None else hour} * * *"
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=12)
    end = begin + timedelta(hours=30)
    found = []
    for time in times(schedule, zone, begin):
        if time > end:
            break
        found.append(time)
    assert found == by_hand(minute, hour, zone, begin, end)


def test_a_schedule_in_words() -> None:
    assert in_words("0 9 * * MON-FRI") == "At 09:00 on Monday through Friday"
    assert in_words("@daily") == "At 00:00 every day"


def test_a_time_zone_is_named_whole() -> None:
    assert wrong_timezone("Europe/Madrid") is None
    assert wrong_timezone("Europe/Madird") == "there is no time zone 'Europe/Madird'; did you mean 'Europe/Madrid'?"
    assert wrong_timezone("\0") == "there is no time zone '\\x00'"


def test_lengths_of_time() -> None:
    assert [seconds_of(each) for each in ("30s", "5m", "1h", "2d")] == [30, 300, 3600, 172_800]
    judge = duration("1s", "1h").judge
    assert judge("1h") is None
    assert judge("2h") == "'2h' is not between 1s and 1h"
    assert judge("soon") == "'soon' is no length of time"
