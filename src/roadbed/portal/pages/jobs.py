"""An application's scheduled jobs: what runs by the clock, its last runs with their logs, and running one by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from roadbed.kit.errors import NotFound
from roadbed.portal.pages.application import BASE, Text, frame_of, json_lines, line_of, render
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default

JOBS = f"{BASE}/jobs"
Number = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(JOBS, jobs, methods=["GET"])
    routes.add_api_route(f"{JOBS}/{{job}}", job, methods=["GET"])
    routes.add_api_route(f"{JOBS}/{{job}}/runs/{{number}}/stream", run_stream, methods=["GET"])
    routes.add_api_route(f"{JOBS}/{{job}}/run", run, methods=["POST"])
    routes.add_api_route(f"{JOBS}/{{job}}/suspend", suspend, methods=["POST"])
    routes.add_api_route(f"{JOBS}/{{job}}/resume", resume, methods=["POST"])


async def jobs(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    frame = await frame_of(visit, name, environment, "jobs")
    found = await visit.services.jobs.jobs(visit.call, name, frame.environment)
    return render(visit, replace(frame, jobs=found), f"roadbed jobs {name}")


async def job(visit: CurrentVisit, name: str, job: str, environment: Text = None, run: Number = None) -> Response:
    """One job with the runs that are kept, and the log of one of them: the newest that ran, unless another is named."""
    frame = await frame_of(visit, name, environment, "jobs")
    services, call = visit.services.jobs, visit.call
    found = await services.job(call, name, frame.environment, job)
    runs = await services.runs(call, name, frame.environment, job)
    wanted = run if run is not None else found.last.number if found.last is not None else None
    shown = next((one for one in runs if one.number == wanted), None)
    if run is not None and shown is None:
        raise NotFound(f"{job} has no run {run}", hint="those that are kept stand on its page")
    page = replace(frame, job=found, runs=runs, shown=shown)
    if shown is not None and shown.ended:
        entries = await services.logs(call, name, frame.environment, job, shown.number)
        page = replace(page, lines=[line_of(entry) async for entry in entries])
    return render(visit, page, f"roadbed jobs history {name} {job}", "pages/application/job.html")


async def run_stream(visit: CurrentVisit, name: str, job: str, number: int, environment: Text = None) -> Response:
    """JSON lines as `assets/src/log-view.ts` reads them, until the run ends."""
    where = environment_or_default(environment)
    entries = await visit.services.jobs.logs(visit.call, name, where, job, number, follow=True)
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(json_lines(entries), media_type="application/x-ndjson", headers=headers)


async def run(visit: CurrentVisit, name: str, job: str) -> Response:
    begun = await visit.services.jobs.run(visit.call, name, _environment(visit), job)
    return visit.go(f"{_path(visit, name, job)}&run={begun.number}")


async def suspend(visit: CurrentVisit, name: str, job: str) -> Response:
    await visit.services.jobs.suspend(visit.call, name, _environment(visit), job, suspended=True)
    return visit.go(_path(visit, name, job))


async def resume(visit: CurrentVisit, name: str, job: str) -> Response:
    await visit.services.jobs.suspend(visit.call, name, _environment(visit), job, suspended=False)
    return visit.go(_path(visit, name, job))


def _environment(visit: Visit) -> str:
    return environment_or_default(visit.form.get("environment"))


def _path(visit: Visit, name: str, job: str) -> str:
    return f"/applications/{name}/jobs/{job}?environment={_environment(visit)}"
