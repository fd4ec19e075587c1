"""The golden paths, and the form that runs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.kit.errors import InvalidInput, Problem
from roadbed.portal.components.schema_form import Section, sections, values
from roadbed.portal.layout import Head
from roadbed.portal.shapes import Template
from roadbed.portal.visit import CurrentVisit, Visit

_COMMAND = "roadbed new"


@dataclass(frozen=True, slots=True)
class GoldenPathsPage:
    templates: Sequence[Template]


@dataclass(frozen=True, slots=True)
class GoldenPathPage:
    """`problem` is what the run as a whole was refused for; what is wrong with a field stands at the field."""

    template: Template
    sections: tuple[Section, ...]
    problem: Problem | None = None
    wrong: int = 0


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/golden-paths", golden_paths, methods=["GET"])
    routes.add_api_route("/golden-paths/{name}", golden_path, methods=["GET"])
    routes.add_api_route("/golden-paths/{name}", run, methods=["POST"])


async def golden_paths(visit: CurrentVisit) -> Response:
    page = GoldenPathsPage(await visit.services.golden_paths.list(visit.call))
    return visit.render("pages/golden_paths.html", page, Head("Golden paths", "golden-paths", _COMMAND))


async def golden_path(visit: CurrentVisit, name: str) -> Response:
    template = await visit.services.golden_paths.get(visit.call, name)
    form = sections(template.parameters, owners=await _owners(visit))
    return _render(visit, GoldenPathPage(template, form))


async def run(visit: CurrentVisit, name: str) -> Response:
    """Starts the run, and shows it; or shows the form again as it was filled in, with what is wrong."""
    template = await visit.services.golden_paths.get(visit.call, name)
    typed = {key.removeprefix("p."): text for key, text in visit.form.items() if key.startswith("p.")}
    answers, problems = values(template.parameters, typed)
    if problems:
        return await _again(visit, template, typed, problems)
    try:
        operation = await visit.services.golden_paths.run(visit.call, name, answers)
    except InvalidInput as error:
        return await _again(visit, template, typed, {}, error.problem)
    return visit.go(f"/operations/{operation.id}")


async def _again(
    visit: Visit,
    template: Template,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    problem: Problem | None = None,
) -> Response:
    form = sections(template.parameters, owners=await _owners(visit), typed=typed, problems=problems)
    return _render(visit, GoldenPathPage(template, form, problem, len(problems)), status=422)


def _render(visit: Visit, page: GoldenPathPage, status: int = 200) -> Response:
    head = Head(page.template.title, "golden-paths", f"{_COMMAND} --template {page.template.name}")
    return visit.render("pages/golden_path.html", page, head, status=status)


async def _owners(visit: Visit) -> list[str]:
    return [group.ref for group in await visit.services.catalog.list(visit.call, kind="group")]
