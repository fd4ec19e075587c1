"""An application's pages: overview, logs, releases, resources, configuration. Its jobs have a file of their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from roadbed.backups.domain import Backup, Schedule
from roadbed.control.domain import Operation
from roadbed.delivery.resource_views import AskedResource
from roadbed.delivery.views import ApplicationDetail, ConfigValue, Release, Resource
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.portal.components.graph import Picture, application_picture
from roadbed.portal.components.log import Line
from roadbed.portal.formatting import plain
from roadbed.portal.layout import Head
from roadbed.portal.pages.waivers import WaiverRow, acting
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.standings import standings
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default
from roadbed.quotas.domain import Standing
from roadbed.runtimes.domain import ReplicaView
from roadbed.runtimes.logs import LogRecord
from roadbed.runtimes.scheduled.views import JobView, RunView

Text = Annotated[str | None, Query(max_length=200)]
Lines = Annotated[int, Query(ge=1, le=2000)]

BASE = "/applications/{name}"
MOST_BACKUPS = 50
"""What the page shows of them, the newest; the command shows all."""


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    icon: str


TABS = (
    Tab("", "Overview", "layout-grid"),
    Tab("logs", "Logs", "terminal"),
    Tab("releases", "Releases", "tag"),
    Tab("resources", "Resources", "waypoints"),
    Tab("jobs", "Jobs", "clock"),
    Tab("config", "Config", "settings-2"),
)


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """The header that all tabs share (the first five), and what each shows of its own."""

    application: ApplicationDetail
    environments: tuple[str, ...]
    tab: str
    operation: Operation | None = None
    waivers: Sequence[WaiverRow] = ()
    replicas: Sequence[ReplicaView] = ()
    releases: Sequence[Release] = ()
    operations: Sequence[Operation] = ()
    resources: Sequence[Resource] = ()
    asked: Sequence[AskedResource] = ()
    backups: Sequence[Backup] = ()
    schedules: Sequence[Schedule] = ()
    kept: frozenset[str] = frozenset()
    rotated: frozenset[str] = frozenset()
    config: Sequence[ConfigValue] = ()
    lines: Sequence[Line] = ()
    jobs: Sequence[JobView] = ()
    job: JobView | None = None
    runs: Sequence[RunView] = ()
    shown: RunView | None = None
    quotas: Sequence[Standing] = ()

    @property
    def environment(self) -> str:
        return self.application.environment

    @property
    def stack(self) -> str:
        return f"{self.application.application}@{self.application.environment}"

    @property
    def path(self) -> str:
        return f"/applications/{self.application.application}"

    @property
    def query(self) -> str:
        return f"?environment={self.application.environment}"

    @property
    def tabs(self) -> tuple[Tab, ...]:
        return TABS

    @property
    def picture(self) -> Picture:
        return application_picture(self.resources)

    def is_kept(self, resource: AskedResource) -> bool:
        """Whether backups can be made of it."""
        return any(part.type in self.kept and part.state == "created" for part in resource.parts)

    def is_rotated(self, resource: AskedResource) -> bool:
        """Whether its credentials can be exchanged."""
        return any(part.type in self.rotated and part.state == "created" for part in resource.parts)

    def restorable(self, backup: Backup) -> list[str]:
        """The names of the resources that can become what it holds."""
        if backup.state == "damaged":
            return []
        return [one.name for one in self.asked if any(part.type == backup.type for part in one.parts)]

    def scheduled(self, resource: AskedResource) -> list[Schedule]:
        """When it is backed up by itself."""
        urns = {part.urn for part in resource.parts}
        return [schedule for schedule in self.schedules if schedule.urn in urns]

    @property
    def earlier(self) -> tuple[Release, ...]:
        """The releases that one may roll back to."""
        return tuple(release for release in self.releases if release.status == "superseded")


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(BASE, overview, methods=["GET"])
    routes.add_api_route(f"{BASE}/logs", logs, methods=["GET"])
    routes.add_api_route(f"{BASE}/logs/stream", log_stream, methods=["GET"])
    routes.add_api_route(f"{BASE}/releases", releases, methods=["GET"])
    routes.add_api_route(f"{BASE}/resources", resources, methods=["GET"])
    routes.add_api_route(f"{BASE}/plan", plan, methods=["GET"])
    routes.add_api_route(f"{BASE}/config", config, methods=["GET"])


async def overview(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    frame = await frame_of(visit, name, environment, "")
    services, call = visit.services, visit.call
    page = replace(
        frame,
        replicas=await services.applications.replicas(call, name, frame.environment),
        releases=await services.applications.releases(call, name, frame.environment),
        operations=(await services.operations.list(call, target=frame.stack, limit=5)).items,
        quotas=await standings(visit, frame.application.owner, frame.environment),
    )
    return render(visit, page, f"roadbed status {name}")


async def logs(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    """The last lines, for who has no scripts; the others follow from here on."""
    frame = await frame_of(visit, name, environment, "logs")
    entries = await visit.services.applications.logs(visit.call, name, frame.environment, n=200)
    page = replace(frame, lines=[line_of(entry) async for entry in entries])
    return render(visit, page, f"roadbed logs {name} -f")


async def log_stream(
    visit: CurrentVisit, name: str, environment: Text = None, workload: Text = None, n: Lines = 500
) -> Response:
    """JSON lines as `assets/src/log-view.ts` reads them, until the browser goes away."""
    entries = await visit.services.applications.logs(
        visit.call, name, environment_or_default(environment), n=n, follow=True, workload=workload
    )
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(json_lines(entries), media_type="application/x-ndjson", headers=headers)


async def releases(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    frame = await frame_of(visit, name, environment, "releases")
    made = await visit.services.applications.releases(visit.call, name, frame.environment)
    return render(visit, replace(frame, releases=made), f"roadbed releases {name}")


async def resources(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    frame = await frame_of(visit, name, environment, "resources")
    asked = () if frame.application.release is None else await _asked(visit, name, frame.environment)
    services, call = visit.services, visit.call
    page = replace(
        frame,
        resources=frame.application.resources,
        asked=asked,
        backups=(await services.backups.backups(call, name, frame.environment))[:MOST_BACKUPS],
        schedules=await services.backups.schedules(call, name, frame.environment),
        kept=services.backups.kept,
        rotated=services.resources.rotated,
    )
    return render(visit, page, f"roadbed resource list -a {name}")


async def _asked(visit: Visit, name: str, environment: str) -> Sequence[AskedResource]:
    """None of those that programs of the platform repo can't answer for: what there is stands below all the same."""
    try:
        return await visit.services.resources.resources(visit.call, name, environment)
    except InvalidInput:
        return ()


async def plan(visit: CurrentVisit, name: str, environment: Text = None, release: Text = None) -> Response:
    """Leads to the plan of a release, by default of the latest that has one: its page is the stack's."""
    environment = environment_or_default(environment)
    made = await visit.services.applications.releases(visit.call, name, environment)
    chosen = _chosen([one for one in made if one.plan is not None], release)
    stack = f"/stacks/{name}@{environment}"
    return visit.go(stack if chosen is None else f"{stack}/plans/{chosen.plan}")


async def config(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    frame = await frame_of(visit, name, environment, "config")
    values = await visit.services.applications.config(visit.call, name, frame.environment)
    return render(visit, replace(frame, config=values), f"roadbed config {name}")


async def frame_of(visit: Visit, name: str, environment: str | None, tab: str) -> ApplicationPage:
    """What all tabs have: the application, its last operation, the environments to switch to."""
    services, call = visit.services, visit.call
    application = await services.applications.application(call, name, environment_or_default(environment))
    environments = tuple(known.name for known in await services.platform.environments(call))
    page = ApplicationPage(application, environments, tab, await _last_operation(visit, application))
    return replace(page, waivers=await acting(visit, page.stack))


async def _last_operation(visit: Visit, application: ApplicationDetail) -> Operation | None:
    """None also when the caller may see the application and not who worked on it."""
    if application.last_operation is None:
        return None
    try:
        return await visit.services.operations.get(visit.call, application.last_operation)
    except NotFound:
        return None


def _chosen(planned: Sequence[Release], wanted: str | None) -> Release | None:
    if wanted is None:
        return max(planned, key=lambda release: release.number, default=None)
    for release in planned:
        if release.release == wanted:
            return release
    raise NotFound(f"there is no release {wanted!r} with a plan")


def line_of(entry: LogRecord) -> Line:
    return Line(datetime.fromisoformat(entry.at), entry.replica, entry.stream, entry.text)


async def json_lines(entries: AsyncIterator[LogRecord]) -> AsyncIterator[str]:
    async for entry in entries:
        line = {"at": entry.at, "who": entry.replica, "stream": entry.stream, "text": plain(entry.text)}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def render(visit: Visit, page: ApplicationPage, command: str, template: str | None = None) -> Response:
    """`template` is the tab's own unless another is given."""
    application = page.application
    if application.environment != "dev":
        command += f" -e {application.environment}"
    label = next(tab.label for tab in TABS if tab.key == page.tab)
    title = application.application if page.tab == "" else f"{label} · {application.application}"
    live = [f"stack:{page.stack}"]
    if page.operation is not None and not page.operation.ended:
        live.append(f"operation:{page.operation.id}")
    template = template or f"pages/application/{page.tab or 'overview'}.html"
    return visit.render(template, page, Head(title, "applications", command, tuple(live)))
