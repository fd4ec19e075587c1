"""The REST routes of an application's scheduled jobs."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from roadbed.delivery.job_schemas import ChangeJobBody, JobOut, JobRunOut, RunJobBody
from roadbed.delivery.jobs import Jobs
from roadbed.delivery.schemas import Label, ListOut, LogLineOut
from roadbed.runtimes.logs import LogRecord
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]
Environment = Annotated[Label, Query()]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]

BASE = "/applications/{name}/jobs"


def router(service: Jobs) -> APIRouter:
    routes = APIRouter(tags=["jobs"])
    _reading(routes, service)
    _changing(routes, service)
    return routes


def _reading(routes: APIRouter, service: Jobs) -> None:
    @routes.get(BASE)
    async def list_jobs(call: CurrentCall, name: Name, environment: Environment = "dev") -> ListOut[JobOut]:
        """What runs by the clock, and when it did last."""
        return ListOut[JobOut].model_validate({"items": await service.jobs(call, name, environment)})

    @routes.get(f"{BASE}/{{job}}")
    async def get_job(call: CurrentCall, name: Name, job: Name, environment: Environment = "dev") -> JobOut:
        return JobOut.model_validate(await service.job(call, name, environment, job))

    @routes.get(f"{BASE}/{{job}}/runs")
    async def list_runs(
        call: CurrentCall, name: Name, job: Name, environment: Environment = "dev"
    ) -> ListOut[JobRunOut]:
        """The runs that are kept, the newest first; also the times that made none."""
        return ListOut[JobRunOut].model_validate({"items": await service.runs(call, name, environment, job)})

    @routes.get(f"{BASE}/{{job}}/runs/{{number}}/logs", response_class=StreamingResponse)
    async def read_run_logs(
        call: CurrentCall,
        name: Name,
        job: Name,
        number: Number,
        *,
        environment: Environment = "dev",
        n: Annotated[int, Query(ge=0, le=10_000)] = 1000,
        follow: bool = False,
    ) -> StreamingResponse:
        """One JSON object a line: the last `n` lines of a run, then what follows until it ends."""
        lines = await service.logs(call, name, environment, job, number, n=n, follow=follow)
        return StreamingResponse(_ndjson(lines), media_type="application/x-ndjson")


def _changing(routes: APIRouter, service: Jobs) -> None:
    @routes.post(f"{BASE}/{{job}}/runs", status_code=201)
    async def run_job(call: CurrentCall, name: Name, job: Name, body: RunJobBody) -> JobRunOut:
        """Begins a run now. Refused where another one is in its way, as the job's overlap has it."""
        return JobRunOut.model_validate(await service.run(call, name, body.environment, job))

    @routes.patch(f"{BASE}/{{job}}")
    async def change_job(call: CurrentCall, name: Name, job: Name, body: ChangeJobBody) -> JobOut:
        """Has it rest, or go on with the times that come from now on."""
        found = await service.suspend(call, name, body.environment, job, suspended=body.suspended)
        return JobOut.model_validate(found)


async def _ndjson(lines: AsyncIterator[LogRecord]) -> AsyncIterator[str]:
    async for line in lines:
        yield LogLineOut.model_validate(line).model_dump_json() + "\n"
