"""Scheduled jobs and their runs as people read them. Pure, but for the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from roadbed.cli.style import Style
from roadbed.cli.text import ago, duration, parse_time, table

if TYPE_CHECKING:
    from roadbed.client.models import Job, JobRun, Listing


def listed(listing: Listing[Job], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            one["name"],
            f"{one['schedule']} ({one['timezone']})",
            one["words"],
            _next(one, now),
            _last_run(one["last"], now),
            one["last"]["state"] if one["last"] else None,
        )
        for one in listing["items"]
    ]
    return table(("JOB", "SCHEDULE", "IN WORDS", "NEXT RUN", "LAST RUN", "RESULT"), rows, style)


def runs_listed(listing: Listing[JobRun], style: Style) -> str:
    now = datetime.now(UTC)
    rows = [
        (
            one["number"],
            one["state"],
            _why(one),
            one["release"],
            ago(one["started_at"] or one["due_at"], now),
            None if one["duration_s"] is None else duration(one["duration_s"]),
            one["reason"],
        )
        for one in listing["items"]
    ]
    return table(("RUN", "RESULT", "WHY", "RELEASE", "BEGAN", "TOOK", "MESSAGE"), rows, style)


def _why(run: JobRun) -> str:
    by = f"asked by {run['asked_by']}" if run["asked_by"] else "schedule"
    return f"{by}, attempt {run['attempt']}" if run["attempt"] > 1 else by


def _last_run(last: JobRun | None, now: datetime) -> str | None:
    return None if last is None else f"#{last['number']}, {ago(last['started_at'], now)}"


def _next(job: Job, now: datetime) -> str:
    if job["suspended"]:
        return f"suspended by {job['suspended_by']}"
    at = parse_time(job["next_at"])
    return "never" if at is None else until(at, now)


def until(at: datetime, now: datetime) -> str:
    """`in 5 min`, `in 3 h 20 min`, `in 2 days`, then the date."""
    minutes, seconds = divmod(max(int((at - now).total_seconds()), 0), 60)
    if minutes < 1:
        return f"in {seconds} s"
    if minutes < 60:
        return f"in {minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"in {hours} h {rest} min" if rest else f"in {hours} h"
    return f"in {hours // 24} days" if hours < 24 * 14 else f"on {at.astimezone():%Y-%m-%d %H:%M}"
