"""Adds a resource to an application: what can be asked for, its form, and what it would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from roadbed.delivery.resource_changes import ResourceChange
from roadbed.delivery.resource_views import Proposal
from roadbed.delivery.views import ApplicationDetail
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Problem, RoadbedError
from roadbed.platform.blocks import Block, Offer
from roadbed.portal.components.block_cost import by_class, plain
from roadbed.portal.components.plan_tree import PlanTree, plan_tree
from roadbed.portal.components.resource_form import WIRING, command, form, read
from roadbed.portal.components.schema_form import Section
from roadbed.portal.layout import Head
from roadbed.portal.standings import standings
from roadbed.portal.visit import CurrentVisit, Visit, environment_or_default
from roadbed.quotas.domain import Standing

Text = Annotated[str | None, Query(max_length=63)]
Type = Annotated[str, Path(max_length=63)]

BASE = "/applications/{name}/resources/add"
_PREFIX = "p."


@dataclass(frozen=True, slots=True)
class BlocksPage:
    """`elsewhere` are those that are not offered in this environment; `costs` is what each costs, by type."""

    application: ApplicationDetail
    offered: Sequence[Block]
    wiring: Sequence[Block]
    elsewhere: Sequence[Block]
    environments: tuple[str, ...]
    costs: Mapping[str, str]
    tab: str = "resources/add"

    @property
    def environment(self) -> str:
        return self.application.environment

    @property
    def path(self) -> str:
        return f"/applications/{self.application.application}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as the page shows it. `lines` are those of the diff, each with its mark."""

    proposal: Proposal
    tree: PlanTree
    lines: tuple[tuple[str, str], ...]

    @property
    def refused(self) -> bool:
        return any(verdict.refuses for verdict in self.proposal.plan.verdicts)


@dataclass(frozen=True, slots=True)
class AddPage:
    application: ApplicationDetail
    block: Block
    offers: Sequence[Offer]
    sections: tuple[Section, ...]
    typed: Mapping[str, str]
    error: Problem | None = None
    problems: Sequence[Problem] = ()
    wrong: int = 0
    shown: Shown | None = None
    quotas: Sequence[Standing] = ()
    costs: Mapping[str, str] = field(default_factory=dict)
    change: ResourceChange | None = None

    @property
    def path(self) -> str:
        return f"/applications/{self.application.application}/resources/add"

    @property
    def command(self) -> str:
        change = self.change or ResourceChange("add", type=self.block.type)
        return command(self.application.application, self.application.environment, change)

    @property
    def query(self) -> str:
        return f"?environment={self.application.environment}"

    @property
    def elsewhere(self) -> str:
        return ", ".join(self.block.environments) or "nowhere"


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route(BASE, blocks, methods=["GET"])
    routes.add_api_route(f"{BASE}/{{type}}", ask, methods=["GET"])
    routes.add_api_route(f"{BASE}/{{type}}", propose, methods=["POST"])
    routes.add_api_route(f"{BASE}/{{type}}/apply", apply, methods=["POST"])


async def blocks(visit: CurrentVisit, name: str, environment: Text = None) -> Response:
    application = await _application(visit, name, environment)
    found = await visit.services.resources.blocks(visit.call)
    here = [block for block in found if block.offered_in(application.environment)]
    page = BlocksPage(
        application,
        offered=[block for block in here if block.type not in WIRING],
        wiring=[block for block in here if block.type in WIRING],
        elsewhere=[block for block in found if block not in here],
        environments=tuple(known.name for known in await visit.services.platform.environments(visit.call)),
        costs=plain(await visit.services.block_costs.of(visit.call, application.environment)),
    )
    hint = command(name, application.environment, ResourceChange("add", type="TYPE"))
    head = Head(f"Add a resource · {name}", "applications", hint)
    return visit.render("pages/add_resource/blocks.html", page, head)


async def ask(visit: CurrentVisit, name: str, type: Type, environment: Text = None) -> Response:
    application = await _application(visit, name, environment)
    return _render(visit, await _page(visit, application, type, None))


async def propose(visit: CurrentVisit, name: str, type: Type) -> Response:
    """Shows what it would do, or the form again with what is wrong. Changes nothing."""
    application = await _application(visit, name, visit.form.get("environment"))
    page, change = await _asked(visit, application, type)
    if change is None:
        return _render(visit, page, status=422)
    try:
        proposal = await visit.services.resources.plan(visit.call, name, application.environment, change)
    except (InvalidInput, Conflict, NotFound) as error:
        return _render(visit, _refused(page, error), status=422)
    shown = Shown(proposal, plan_tree(proposal.plan), _lines(proposal))
    return _render(visit, _with(page, shown=shown))


async def apply(visit: CurrentVisit, name: str, type: Type) -> Response:
    """Does it as a setting of the application; shows the work."""
    application = await _application(visit, name, visit.form.get("environment"))
    page, change = await _asked(visit, application, type)
    if change is None:
        return _render(visit, page, status=422)
    try:
        operation = await visit.services.resources.change(visit.call, name, application.environment, change)
    except (InvalidInput, Conflict, NotFound) as error:
        return _render(visit, _refused(page, error), status=422)
    return visit.go(f"/operations/{operation.id}")


async def _application(visit: Visit, name: str, environment: str | None) -> ApplicationDetail:
    return await visit.services.applications.application(visit.call, name, environment_or_default(environment))


async def _asked(visit: Visit, application: ApplicationDetail, type: str) -> tuple[AddPage, ResourceChange | None]:
    """The page as it was filled in, and the change, None where an answer is wrong."""
    typed = {key.removeprefix(_PREFIX): text for key, text in visit.form.items() if key.startswith(_PREFIX)}
    page = await _page(visit, application, type, typed)
    workloads = [one.name for one in application.workloads]
    change, wrong = read(page.block, application.environment, workloads, typed)
    if not wrong:
        return _with(page, change=change), change
    again = form(page.block, application.environment, workloads, typed, wrong)
    return _with(page, sections=again, wrong=len(wrong)), None


async def _page(visit: Visit, application: ApplicationDetail, type: str, typed: Mapping[str, str] | None) -> AddPage:
    environment = application.environment
    found = await visit.services.resources.blocks(visit.call)
    block = next((one for one in found if one.type == type), None)
    if block is None:
        raise NotFound(f"nobody offers a resource of type {type!r}", hint="choose one of those that are offered")
    sections = form(block, environment, [one.name for one in application.workloads], typed)
    quotas = await standings(visit, application.owner, environment)
    costs = by_class(await visit.services.block_costs.of(visit.call, environment), block.type)
    offers = block.offered_in(environment)
    return AddPage(application, block, offers, sections, typed or {}, quotas=quotas, costs=costs)


def _with(page: AddPage, **changes: object) -> AddPage:
    whole = {name: getattr(page, name) for name in AddPage.__slots__}
    return AddPage(**{**whole, **changes})


def _refused(page: AddPage, error: RoadbedError) -> AddPage:
    return _with(page, error=error.problem, problems=error.problems)


def _lines(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """Each line with `old`, `new` or `same`: of the edit, or where there is none, what is to be written."""
    if not proposal.diff:
        return tuple(("new", line) for line in proposal.lines.splitlines())
    marks = {"+": "new", "-": "old"}
    shown = [line for line in proposal.diff.splitlines() if not line.startswith(("---", "+++", "@@"))]
    return tuple((marks.get(line[:1], "same"), line[1:]) for line in shown)


def _render(visit: Visit, page: AddPage, status: int = 200) -> Response:
    title = f"Add {page.block.type} · {page.application.application}"
    head = Head(title, "applications", page.command)
    return visit.render("pages/add_resource/form.html", page, head, status=status)
