"""The golden paths, and the form that runs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from roadbed.golden_paths.domain import Template
from roadbed.golden_paths.forms import pickers
from roadbed.kit.errors import InvalidInput, Problem
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.portal.components.schema_form import Field, Section, sections, values
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit, Visit

_PREFIX = "p."
"""Before each parameter's name in the form, so that none can be taken for a field of ours."""


@dataclass(frozen=True, slots=True)
class GoldenPathsPage:
    templates: Sequence[Template]


@dataclass(frozen=True, slots=True)
class GoldenPathPage:
    """`error` is what the run as a whole was refused for; what is wrong with an answer stands beside it."""

    template: Template
    sections: tuple[Section, ...]
    error: Problem | None = None
    problems: Sequence[Problem] = ()
    wrong: int = 0


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/golden-paths", golden_paths, methods=["GET"])
    routes.add_api_route("/golden-paths/{name}", golden_path, methods=["GET"])
    routes.add_api_route("/golden-paths/{name}", run, methods=["POST"])


async def golden_paths(visit: CurrentVisit) -> Response:
    page = GoldenPathsPage(await visit.services.golden_paths.templates(visit.call))
    return visit.render("pages/golden_paths.html", page, Head("Golden paths", "golden-paths", "roadbed templates"))


async def golden_path(visit: CurrentVisit, name: str) -> Response:
    template = await visit.services.golden_paths.template(visit.call, name)
    form = sections(template.pages, await _suggestions(visit, template))
    return _render(visit, GoldenPathPage(template, form))


async def run(visit: CurrentVisit, name: str) -> Response:
    """Starts the run, and shows it; or shows the form again as it was filled in, with what is wrong."""
    template = await visit.services.golden_paths.template(visit.call, name)
    typed = {key.removeprefix(_PREFIX): text for key, text in visit.form.items() if key.startswith(_PREFIX)}
    answers, wrong = values(template.pages, typed)
    if wrong:
        return await _again(visit, template, typed, wrong)
    try:
        operation = await visit.services.golden_paths.run(visit.call, name, answers)
    except InvalidInput as error:
        return await _again(visit, template, typed, {}, error)
    return visit.go(f"/operations/{operation.id}")


async def _again(
    visit: Visit,
    template: Template,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
    error: InvalidInput | None = None,
) -> Response:
    form = sections(template.pages, await _suggestions(visit, template), typed=typed, problems=wrong)
    page = GoldenPathPage(
        template, form, error.problem if error else None, error.problems if error else (), wrong=len(wrong)
    )
    return _render(visit, page, status=422)


def _render(visit: Visit, page: GoldenPathPage, status: int = 200) -> Response:
    head = Head(page.template.title, "golden-paths", new_command(page.template.name, page.sections))
    return visit.render("pages/golden_path.html", page, head, status=status)


def new_command(template: str, form: Sequence[Section]) -> str:
    """What runs it with the same answers on the command line. `assets/src/commands.ts` keeps it true as one types."""
    fields = [field for section in form for field in section.fields]
    name = next((field.value for field in fields if field.name == "name" and field.value), "NAME")
    words = ["roadbed", "new", shell_word(template), shell_word(name)]
    for field in fields:
        words += _words(field)
    return " ".join(words)


def _words(field: Field) -> list[str]:
    """What is as the command has it anyway is left out."""
    no = "false" if field.kind == "flag" else ""
    value = field.value or no
    match field.name:
        case "name":
            return []
        case "environment":
            return [] if value in ("", "dev") else ["-e", shell_word(value)]
        case "owner" if value:
            return ["--owner", shell_word(value)]
    return [] if value == (field.default or no) else ["-p", shell_word(f"{field.name}={value}")]


async def _suggestions(visit: Visit, template: Template) -> dict[str, list[str]]:
    """For each field that picks something: what there is, the caller's own teams first."""
    found: dict[str, list[str]] = {}
    mine = visit.session.principal.groups
    for picker in pickers(template.pages):
        filters = [f"kind={kind}" for kind in picker.kinds]
        listed = await visit.services.catalog.entities(visit.call, filters, limit=MAX_LIMIT)
        refs = [str(entity.ref) for entity in listed.items]
        found[picker.field] = sorted(refs, key=lambda ref: (ref not in mine, ref))
    environments = [one.name for one in await visit.services.platform.environments(visit.call)]
    for page in template.pages:
        for name, schema in page.get("properties", {}).items():
            if schema.get("ui:field") == "EnvironmentPicker":
                found[name] = environments
    return found
