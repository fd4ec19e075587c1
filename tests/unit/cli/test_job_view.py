"""Scheduled jobs as the command line shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from roadbed.cli.job_view import listed, runs_listed, until
from roadbed.cli.style import PLAIN
from roadbed.client.models import Job, JobRun, Listing

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

RUN: dict[str, Any] = {
    "number": 4, "state": "failed", "release": "v2", "due_at": NOW.isoformat(), "asked_by": None, "attempt": 3,
    "started_at": NOW.isoformat(), "ended_at": NOW.isoformat(), "duration_s": 75.0, "code": 1, "reason": "exit code 1",
}  # fmt: skip
JOB: dict[str, Any] = {
    "name": "report", "schedule": "0 3 * * *", "words": "At 03:00 every day", "timezone": "Europe/Madrid",
    "overlap": "forbid", "timeout_s": 60, "retries": 2, "starting_deadline_s": 60, "history": 5, "release": "v2",
    "suspended": True, "suspended_by": "ada", "next_at": None, "last": None, "running": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "in 0 s"),
        (42, "in 42 s"),
        (300, "in 5 min"),
        (3600, "in 1 h"),
        (12_000, "in 3 h 20 min"),
        (3 * 86_400, "in 3 days"),
    ],
)
def test_how_long_until_it_runs(seconds: int, said: str) -> None:
    assert until(NOW + timedelta(seconds=seconds), NOW) == said


def test_what_comes_in_weeks_has_its_date() -> None:
    assert until(NOW + timedelta(days=40), NOW).startswith("on 2026-07-11 ")


def test_jobs() -> None:
    head, row = listed(cast("Listing[Job]", {"items": [JOB]}), PLAIN).splitlines()
    assert " ".join(head.split()) == "JOB SCHEDULE IN WORDS NEXT RUN LAST RUN RESULT"
    for said in ("report", "0 3 * * * (Europe/Madrid)", "At 03:00 every day", "suspended by ada", "–"):
        assert said in row


def test_runs() -> None:
    asked = {
        **RUN,
        "number": 5,
        "state": "waiting",
        "asked_by": "ada",
        "attempt": 1,
        "duration_s": None,
        "reason": None,
    }
    _, first, second = runs_listed(cast("Listing[JobRun]", {"items": [asked, RUN]}), PLAIN).splitlines()
    assert "asked by ada" in first
    for said in ("failed", "schedule, attempt 3", "1m 15s", "exit code 1"):
        assert said in second
