"""A stack's page: its resources, the drift that was found, what it offers to others, what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.control.domain import Operation
from roadbed.engine.state.drift import DriftedResource, DriftReport
from roadbed.engine.views import HistoryEntry, StackOutput
from roadbed.kit.errors import NotFound, Refused
from roadbed.portal.components.graph import Picture, stack_picture
from roadbed.portal.components.plan_diff import Difference, difference
from roadbed.portal.components.resource_panel import Fact, ResourcePanel, facts, resource_panel
from roadbed.portal.components.resource_tree import ResourceGroup, ResourceRow, resource_groups, rows_of
from roadbed.portal.formatting import path_of
from roadbed.portal.layout import Head
from roadbed.portal.pages.application import Tab
from roadbed.portal.pages.stacks import drift_state
from roadbed.portal.pages.waivers import WaiverRow, acting
from roadbed.portal.visit import CurrentVisit, Visit
from roadbed.stacks.domain import DriftSummary, PlanView, StackDetail, StackSecret

Text = Annotated[str, Query(max_length=200)]
Urn = Annotated[str, Query(max_length=1_000)]
Start = Annotated[int, Query(ge=0, le=1_000_000)]

BASE = "/stacks/{name}"
PANEL = "panel-body"
"""The element that a resource's panel is fetched into."""

TABS = (
    Tab("", "Resources", "waypoints"),
    Tab("plans", "Plans", "list-tree"),
    Tab("drift", "Drift", "git-branch"),
    Tab("outputs", "Outputs", "arrow-up-right"),
    Tab("secrets", "Secrets", "key-round"),
    Tab("history", "History", "history"),
)
_HISTORY = 200
_PLANS = 100


@dataclass(frozen=True, slots=True)
class Drifted:
    """A resource that is not as it should be, and how."""

    resource: DriftedResource
    differences: tuple[Difference, ...]

    @property
    def path(self) -> str:
        return path_of(self.resource.urn)


@dataclass(frozen=True, slots=True)
class Offered:
    """What other stacks may use: a value or a secret, and which do."""

    fact: Fact
    consumers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StackPage:
    """What all tabs share (the first four), and what each shows of its own."""

    stack: StackDetail
    tab: str
    operation: Operation | None = None
    waivers: Sequence[WaiverRow] = ()
    groups: Sequence[ResourceGroup] = ()
    picture: Picture | None = None
    drift: DriftReport | None = None
    drifted: Sequence[Drifted] = ()
    outputs: Sequence[Offered] = ()
    history: Sequence[HistoryEntry] = ()
    plans: Sequence[PlanView] = ()
    secrets: Sequence[StackSecret] = ()

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack.stack}"

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """An application's secrets stand among its variables."""
        return tuple(tab for tab in TABS if tab.key != "secrets" or self.stack.kind == "module")

    @property
    def drift_state(self) -> str:
        return drift_state(self.stack.drift)

    @property
    def owner_path(self) -> str | None:
        """The page of the application whose stack it is."""
        if self.stack.kind != "application":
            return None
        name, _, environment = self.stack.stack.partition("@")
        return f"/applications/{name}?environment={environment}"


@dataclass(frozen=True, slots=True)
class ResourcePage:
    stack: str
    panel: ResourcePanel

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack}"


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Some rows of a large stack; `next` leads to those after them."""

    stack: str
    title: str
    rows: Sequence[ResourceRow]
    next: str | None

    @property
    def path(self) -> str:
        return f"/stacks/{self.stack}"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(BASE, resources, methods=["GET"])
    routes.add_api_route(f"{BASE}/resources", some_resources, methods=["GET"])
    routes.add_api_route(f"{BASE}/resource", resource, methods=["GET"])
    routes.add_api_route(f"{BASE}/plans", plans, methods=["GET"])
    routes.add_api_route(f"{BASE}/drift", drift, methods=["GET"])
    routes.add_api_route(f"{BASE}/outputs", outputs, methods=["GET"])
    routes.add_api_route(f"{BASE}/secrets", secrets, methods=["GET"])
    routes.add_api_route(f"{BASE}/history", history, methods=["GET"])


async def resources(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "")
    found = await visit.services.stacks.resources(visit.call, name)
    off = await _drifted_states(visit, name, frame.stack.drift)
    page = replace(frame, groups=resource_groups(found, name, off), picture=stack_picture(found, off))
    return _render(visit, page, f"roadbed stack show {name}")


async def some_resources(visit: CurrentVisit, name: str, group: Urn, type: Urn, start: Start = 0) -> Response:
    """A page of the rows of a large stack: on its own, or fetched into the page of the stack."""
    stack = await visit.services.stacks.stack(visit.call, name)
    found = await visit.services.stacks.resources(visit.call, name)
    rows, after = rows_of(found, name, await _drifted_states(visit, name, stack.drift), group, type, start)
    following = None if after is None else str(visit.request.url.include_query_params(start=after).query)
    page = RowsPage(name, f"{type} of {group}", rows, f"/stacks/{name}/resources?{following}" if following else None)
    if visit.request.headers.get("HX-Request"):
        return visit.fragment("pages/stack/rows.html", page)
    return visit.render(
        "pages/stack/some_resources.html", page, Head(page.title, "stacks", f"roadbed stack show {name}")
    )


async def resource(visit: CurrentVisit, name: str, urn: Urn) -> Response:
    """One resource: a page of its own, or the panel beside the others."""
    services, call = visit.services, visit.call
    everything = await services.stacks.resources(call, name)
    found = next((one for one in everything if one.urn == urn), None)
    if found is None:
        raise NotFound(f"{name} has no resource {urn}", hint="a plan may have deleted it: see the stack's history")
    report = await services.stacks.drift(call, name)
    off = None if report.stale else next((item for item in report.items if item.urn == urn), None)
    panel = resource_panel(found, everything, off, await services.stacks.versions(call, name, urn))
    page = ResourcePage(name, panel)
    if visit.request.headers.get("HX-Target") == PANEL:
        return visit.fragment("pages/stack/panel.html", page)
    return visit.render("pages/stack/resource.html", page, Head(panel.path, "stacks", f"roadbed stack show {name}"))


async def plans(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "plans")
    found = await visit.services.stacks.plans(visit.call, name, _PLANS)
    return _render(visit, replace(frame, plans=found), f"roadbed stack plans {name}")


async def drift(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "drift")
    report = await visit.services.stacks.drift(visit.call, name)
    drifted = [
        Drifted(item, tuple(difference(one) for one in (*item.changes, *item.outputs)))
        for item in report.items
        if not report.stale
    ]
    return _render(visit, replace(frame, drift=report, drifted=drifted), f"roadbed stack drift {name}")


async def outputs(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "outputs")
    found = await visit.services.stacks.outputs(visit.call, name)
    return _render(visit, replace(frame, outputs=[_offered(one) for one in found]), f"roadbed stack outputs {name}")


async def secrets(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "secrets")
    found = await visit.services.stacks.secrets(visit.call, name)
    return _render(visit, replace(frame, secrets=found), f"roadbed stack secrets {name}")


async def history(visit: CurrentVisit, name: str) -> Response:
    frame = await _frame(visit, name, "history")
    found = await visit.services.stacks.history(visit.call, name, _HISTORY)
    return _render(visit, replace(frame, history=found), f"roadbed stack history {name}")


async def _frame(visit: Visit, name: str, tab: str) -> StackPage:
    stack = await visit.services.stacks.stack(visit.call, name)
    return StackPage(stack, tab, await under_way(visit, name), await acting(visit, name))


async def under_way(visit: Visit, name: str) -> Operation | None:
    """What is being done to the stack; None also for who may see the stack, and not who works on it."""
    try:
        found = await visit.services.operations.list(visit.call, target=name, limit=5)
    except Refused:
        return None
    return next((one for one in found.items if not one.ended), None)


async def _drifted_states(visit: Visit, name: str, drift: DriftSummary | None) -> dict[str, str]:
    """By URN. Asked for only where something was found."""
    if drift_state(drift) in ("not-looked", "outdated", "in-sync"):
        return {}
    report = await visit.services.stacks.drift(visit.call, name)
    return {item.urn: item.state for item in report.items}


def _offered(export: StackOutput) -> Offered:
    (fact,) = facts({export.name: {"$secret": ""} if export.secret else export.value})
    return Offered(fact, export.consumers)


def _render(visit: Visit, page: StackPage, command: str) -> Response:
    label = next(tab.label for tab in TABS if tab.key == page.tab)
    name = page.stack.stack
    title = name if page.tab == "" else f"{label} · {name}"
    live = [f"stack:{name}"]
    if page.operation is not None:
        live.append(f"operation:{page.operation.id}")
    head = Head(title, "stacks", command, tuple(live))
    return visit.render(f"pages/stack/{page.tab or 'overview'}.html", page, head)
