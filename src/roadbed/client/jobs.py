"""The scheduled jobs of an application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from roadbed.client.streams import read_ndjson
from roadbed.client.transport import Query, Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Job, JobRun, Listing, LogEntry


class Jobs:
    """`/applications/NAME/jobs`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, application: str, environment: str) -> Listing[Job]:
        path, query = path_of("applications", application, "jobs"), {"environment": environment}
        return cast("Listing[Job]", self._transport.request("GET", path, query=query))

    def get(self, application: str, environment: str, job: str) -> Job:
        path, query = path_of("applications", application, "jobs", job), {"environment": environment}
        return cast("Job", self._transport.request("GET", path, query=query))

    def runs(self, application: str, environment: str, job: str) -> Listing[JobRun]:
        """Those that are kept, the newest first; also the times that made none."""
        path, query = path_of("applications", application, "jobs", job, "runs"), {"environment": environment}
        return cast("Listing[JobRun]", self._transport.request("GET", path, query=query))

    def logs(
        self, application: str, environment: str, job: str, number: int, *, lines: int, follow: bool = False
    ) -> Iterator[LogEntry]:
        """The last `lines` of a run; with `follow` also those to come, to its end."""
        query: Query = {"environment": environment, "n": lines, "follow": follow}
        path = path_of("applications", application, "jobs", job, "runs", str(number), "logs")
        yield from read_ndjson(self._transport.lines(path, query=query, accept="application/x-ndjson"))

    def run(self, application: str, environment: str, job: str) -> JobRun:
        """Begins a run now. Raises Conflict where another one is in its way."""
        path = path_of("applications", application, "jobs", job, "runs")
        return cast("JobRun", self._transport.request("POST", path, send={"environment": environment}))

    def suspend(self, application: str, environment: str, job: str, *, suspended: bool) -> Job:
        """Has a job rest, or go on with the times that come from now on."""
        path = path_of("applications", application, "jobs", job)
        body = {"environment": environment, "suspended": suspended}
        return cast("Job", self._transport.request("PATCH", path, send=body))
