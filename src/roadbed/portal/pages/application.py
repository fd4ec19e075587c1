"""An application's pages: overview, logs, releases, resources, plan, configuration."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from roadbed.control.domain import Operation
from roadbed.kit.clock import isoformat
from roadbed.kit.errors import NotFound
from roadbed.portal.components.graph import graph_json
from roadbed.portal.components.plan_tree import PlanTree, plan_tree
from roadbed.portal.formatting import plain
from roadbed.portal.layout import Head
from roadbed.portal.rendering import SECURITY_HEADERS
from roadbed.portal.shapes import ApplicationDetail, ConfigValue, LogEntry, Release, Replica, Resource
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default

Text = Annotated[str | None, Query(max_length=200)]
Lines = Annotated[int, Query(ge=1, le=2000)]

BASE = "/applications/{name}"


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
    Tab("plan", "Plan", "list-tree"),
    Tab("config", "Config", "settings-2"),
)


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """What every one of the application's pages has: its header, and which tab it is. The other fields are each tab's own."""

    application: ApplicationDetail
    environments: tuple[str, ...]
    tab: str
    replicas: Sequence[Replica] = ()
    releases: Sequence[Release] = ()
    operations: Sequence[Operation] = ()
    resources: Sequence[Resource] = ()
    config: Sequence[ConfigValue] = ()
    lines: Sequence[LogEntry] = ()
    plan: PlanTree | None = None
    plan_release: str | None = None

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
    def graph(self) -> str:
        return graph_json(self.resources)

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
    application = await _application(visit, name, environment)
    services, call = visit.services, visit.call
    done = await services.operations.list(call, target=_stack(application), limit=5)
    page = ApplicationPage(
        application,
        await _environments(visit),
        "",
        replicas=await services.applications.replicas(call, name, application.environment),
        releases=await services.applications.releases(call, name, application.environment),
        operations=done.items,
    )
    return _render(visit, page, f"roadbed status {name}")


async def logs(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    """The last lines, for who has no scripts; the others follow from here on."""
    application = await _application(visit, name, environment)
    lines = [line async for line in await _log(visit, application, n=200, follow=False)]
    page = ApplicationPage(application, await _environments(visit), "logs", lines=lines)
    return _render(visit, page, f"roadbed logs {name} -f")


async def log_stream(
    visit: CurrentVisit, name: str, environment: Text = None, workload: Text = None, n: Lines = 500
) -> Response:
    """JSON lines as `assets/src/log-view.ts` reads them, until the browser goes away."""
    application = await _application(visit, name, environment)
    entries = await _log(visit, application, n=n, follow=True, workload=workload)
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_json_lines(entries), media_type="application/x-ndjson", headers=headers)


async def releases(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    application = await _application(visit, name, environment)
    made = await visit.services.applications.releases(visit.call, name, application.environment)
    page = ApplicationPage(application, await _environments(visit), "releases", releases=made)
    return _render(visit, page, f"roadbed releases {name}")


async def resources(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    application = await _application(visit, name, environment)
    found = await visit.services.applications.resources(visit.call, _stack(application))
    page = ApplicationPage(application, await _environments(visit), "resources", resources=found)
    return _render(visit, page, f"roadbed status {name}")


async def plan(visit: CurrentVisit, name: str, environment: Text = None, release: Text = None) -> Response:
    """The plan of a release, by default of the latest that has one."""
    application = await _application(visit, name, environment)
    services, call = visit.services, visit.call
    made = await services.applications.releases(call, name, application.environment)
    chosen = _planned(made, release)
    number = None if chosen is None else chosen.plan
    tree = None if number is None else plan_tree(await services.applications.plan(call, _stack(application), number))
    page = ApplicationPage(
        application,
        await _environments(visit),
        "plan",
        releases=[one for one in made if one.plan is not None],
        plan=tree,
        plan_release=chosen.release if chosen else None,
    )
    return _render(visit, page, "roadbed plan")


async def config(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    application = await _application(visit, name, environment)
    values = await visit.services.applications.config(visit.call, name, application.environment)
    page = ApplicationPage(application, await _environments(visit), "config", config=values)
    return _render(visit, page, f"roadbed config {name}")


def _planned(made: Sequence[Release], wanted: str | None) -> Release | None:
    with_plan = [release for release in made if release.plan is not None]
    if wanted is None:
        return max(with_plan, key=lambda release: release.number, default=None)
    for release in with_plan:
        if release.release == wanted:
            return release
    raise NotFound(f"there is no release {wanted!r} with a plan")


async def _application(visit: Visit, name: str, environment: str | None) -> ApplicationDetail:
    chosen = environment_or_default(environment)
    return await visit.services.applications.application(visit.call, name, chosen)


async def _environments(visit: Visit) -> tuple[str, ...]:
    return tuple(known.name for known in await visit.services.platform.environments(visit.call))


async def _log(
    visit: Visit, application: ApplicationDetail, *, n: int, follow: bool, workload: str | None = None
) -> AsyncIterator[LogEntry]:
    return await visit.services.applications.logs(
        visit.call, application.application, application.environment, n=n, follow=follow, workload=workload
    )


async def _json_lines(entries: AsyncIterator[LogEntry]) -> AsyncIterator[str]:
    async for entry in entries:
        line = {"at": isoformat(entry.at), "who": entry.replica, "stream": entry.stream, "text": plain(entry.text)}
        yield json.dumps(line, ensure_ascii=False) + "\n"


def _stack(application: ApplicationDetail) -> str:
    return f"{application.application}@{application.environment}"


def _render(visit: Visit, page: ApplicationPage, command: str) -> Response:
    application = page.application
    if application.environment != "dev":
        command += f" -e {application.environment}"
    label = next(tab.label for tab in TABS if tab.key == page.tab)
    title = application.application if page.tab == "" else f"{label} · {application.application}"
    head = Head(title, "applications", command, (f"stack:{_stack(application)}",))
    return visit.render(f"pages/application/{page.tab or 'overview'}.html", page, head)
