"""The scheduled jobs of the platform in memory behind the portal's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

from fakes.portal_data import before
from roadbed.kit.errors import Conflict, NotFound
from roadbed.runtimes.logs import LogRecord
from roadbed.runtimes.scheduled.views import JobView, RunView
from roadbed.storage.call import Call


def run(number: int, state: str, **fields: object) -> RunView:
    began = before(hours=24 * (43 - number)) if number < 43 else before(minutes=4)
    standing = {
        "release": "v12",
        "due_at": began,
        "asked_by": None,
        "attempt": 1,
        "started_at": began,
        "ended_at": began + timedelta(seconds=93),
        "duration_s": 93.0,
        "code": 0,
        "reason": None,
        **fields,
    }
    return RunView(number=number, state=state, **standing)  # type: ignore[arg-type]


RUNS = (
    run(43, "running", due_at=None, asked_by="ada", ended_at=None, duration_s=None, code=None),
    run(42, "succeeded"),
    run(41, "failed", attempt=3, code=1, reason="exit code 1"),
    run(40, "skipped", started_at=None, duration_s=None, code=None, attempt=0, reason="run 39 had not ended"),
    run(39, "stopped", code=143, reason="the next run took its place"),
    run(38, "missed", started_at=None, duration_s=None, code=None, attempt=0, reason="nobody could begin it in time"),
)

REPORT = JobView(
    name="report",
    schedule="0 3 * * MON-FRI",
    words="At 03:00 on Monday through Friday",
    timezone="Europe/Madrid",
    overlap="forbid",
    timeout_s=5400,
    retries=2,
    starting_deadline_s=3600,
    history=20,
    release="v12",
    suspended=False,
    suspended_by=None,
    next_at=before(hours=-9.5),
    last=RUNS[0],
    running=(43,),
)
RESTING = replace(REPORT, name="tidy-up", suspended=True, suspended_by="ada", next_at=None, last=RUNS[2], running=())
FROM_FILE = replace(RESTING, name="weekly", suspended_by="roadbed.yaml", last=None)


class FakeJobs:
    """`asked` is what was done by hand."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def jobs(self, call: Call, name: str, environment: str) -> Sequence[JobView]:
        return [REPORT, RESTING, FROM_FILE] if name == "orders" else []

    async def job(self, call: Call, name: str, environment: str, job: str) -> JobView:
        for one in await self.jobs(call, name, environment):
            if one.name == job:
                return one
        raise NotFound(f"{name} has no job {job!r}")

    async def runs(self, call: Call, name: str, environment: str, job: str) -> Sequence[RunView]:
        await self.job(call, name, environment, job)
        return () if job == "weekly" else RUNS

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        job: str,
        number: int | None = None,
        *,
        n: int = 1000,
        follow: bool = False,
    ) -> AsyncIterator[LogRecord]:
        return _lines(f"{job}-{number}")

    async def run(self, call: Call, name: str, environment: str, job: str) -> RunView:
        if job == "report":
            raise Conflict("report can't be run now: run 43 had not ended", hint="its overlap is forbid")
        self.asked.append(f"run {job}")
        return RUNS[0]

    async def suspend(self, call: Call, name: str, environment: str, job: str, *, suspended: bool) -> JobView:
        self.asked.append(f"{'suspend' if suspended else 'resume'} {job}")
        return replace(REPORT, name=job, suspended=suspended)


async def _lines(who: str) -> AsyncIterator[LogRecord]:
    for index, text in enumerate(("reading 4,812 orders", "<b>written</b> to exports/2026-11.csv")):
        yield LogRecord((before(minutes=4) + timedelta(seconds=index)).isoformat(), who, "web", "stdout", text)
