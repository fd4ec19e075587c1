"""The resource types, by provider, and the page of one: what it takes and gives, and a form that writes its Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from roadbed.portal.components.schema_form import Field, Section
from roadbed.portal.components.type_form import NAME, form, properties, said
from roadbed.portal.layout import Head
from roadbed.portal.visit import CurrentVisit, Visit
from roadbed.resource_types.domain import Declaration, DeclarationProblem, TypeView

Text = Annotated[str, Query(max_length=200)]
Type = Annotated[str, Path(max_length=128)]

CODE = "declaration"
"""The element that the Python is fetched into as the form is filled in."""
_PREFIX = "p."


@dataclass(frozen=True, slots=True)
class Group:
    provider: str
    types: tuple[TypeView, ...]


@dataclass(frozen=True, slots=True)
class TypesPage:
    """`groups` hold those that match; `total` counts all."""

    groups: tuple[Group, ...]
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class TypePage:
    view: TypeView
    sections: tuple[Section, ...]
    declaration: Declaration

    @property
    def path(self) -> str:
        return f"/resource-types/{self.view.type}"

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(one.property or "name" for one in self.declaration.problems if one.missing)

    @property
    def wrong(self) -> int:
        return len(self.declaration.problems) - len(self.missing)


def types_page(found: Sequence[TypeView], text: str) -> TypesPage:
    """Every word that was typed must occur."""
    words = text.casefold().split()
    matching = [one for one in found if all(word in f"{one.type} {one.description}".casefold() for word in words)]
    groups = groupby(matching, key=lambda one: one.provider)
    return TypesPage(tuple(Group(provider, tuple(types)) for provider, types in groups), len(found), text)


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/resource-types", resource_types, methods=["GET"])
    routes.add_api_route("/resource-types/{type}", resource_type, methods=["GET"])
    routes.add_api_route("/resource-types/{type}", declare, methods=["POST"])


async def resource_types(visit: CurrentVisit, q: Text = "") -> Response:
    page = types_page(await visit.services.resource_types.types(visit.call), q)
    return visit.render("pages/resource_types.html", page, Head("Resource types", "resource-types", "roadbed types"))


async def resource_type(visit: CurrentVisit, type: Type) -> Response:
    view = await visit.services.resource_types.type(visit.call, type)
    declaration = await visit.services.resource_types.declare(visit.call, type, "", {})
    return _render(visit, TypePage(view, form(view), declaration))


async def declare(visit: CurrentVisit, type: Type) -> Response:
    """Writes what was typed in as Python: with the whole page, or alone, as the form is filled in. Keeps nothing."""
    view = await visit.services.resource_types.type(visit.call, type)
    typed = {key.removeprefix(_PREFIX): text for key, text in visit.form.items() if key.startswith(_PREFIX)}
    declaration = await _declared(visit, view, typed)
    page = TypePage(view, form(view, typed, declaration), declaration)
    if visit.request.headers.get("HX-Target") == CODE:
        problems = said(declaration, missing=False)
        return visit.fragment("pages/resource_type/answer.html", _with(page, problems))
    return _render(visit, page)


async def _declared(visit: Visit, view: TypeView, typed: Mapping[str, str]) -> Declaration:
    given, unread = properties(view, typed)
    found = await visit.services.resource_types.declare(visit.call, view.type, typed.get(NAME, ""), given)
    rest = [one for one in found.problems if one.property not in unread]
    told = [DeclarationProblem(name, name, text.rstrip(".")) for name, text in unread.items()]
    return replace(found, problems=(*told, *rest))


def _with(page: TypePage, problems: Mapping[str, str]) -> TypePage:
    """While somebody is still writing, what is missing is not yet a mistake."""
    sections = tuple(
        replace(one, fields=tuple(replace(field, problem=problems.get(field.name)) for field in one.fields))
        for one in page.sections
    )
    return replace(page, sections=sections)


def _render(visit: Visit, page: TypePage) -> Response:
    head = Head(page.view.type, "resource-types", f"roadbed types show {page.view.type}")
    return visit.render("pages/resource_type/page.html", page, head)
