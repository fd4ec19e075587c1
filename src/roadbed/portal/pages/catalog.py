"""The catalog: what there is, whose it is, and how it hangs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.shapes import Entity, Relation
from roadbed.portal.visit import CurrentVisit

Text = Annotated[str, Query(max_length=200)]

KINDS = ("component", "api", "resource", "system", "domain", "group", "user", "template", "location")
KIND_ICONS = {
    "component": "box",
    "api": "network",
    "resource": "database",
    "system": "boxes",
    "domain": "layers",
    "group": "users",
    "user": "user",
    "template": "signpost",
    "location": "folder-git-2",
}
_RELATIONS = {
    "ownedBy": "Owned by",
    "ownerOf": "Owns",
    "partOf": "Part of",
    "hasPart": "Has parts",
    "dependsOn": "Depends on",
    "dependencyOf": "Needed by",
    "providesApi": "Provides",
    "apiProvidedBy": "Provided by",
    "consumesApi": "Consumes",
    "apiConsumedBy": "Consumed by",
    "memberOf": "Member of",
    "hasMember": "Members",
    "childOf": "Child of",
    "parentOf": "Parent of",
}


@dataclass(frozen=True, slots=True)
class CatalogPage:
    entities: Sequence[Entity]
    kind: str
    text: str

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS

    @property
    def icons(self) -> dict[str, str]:
        return KIND_ICONS


@dataclass(frozen=True, slots=True)
class Related:
    """`href` leads to the other end's page."""

    ref: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class EntityPage:
    entity: Entity
    relations: tuple[tuple[str, tuple[Related, ...]], ...]
    application: str | None

    @property
    def icon(self) -> str:
        return KIND_ICONS.get(self.entity.kind.lower(), "box")


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/catalog", catalog, methods=["GET"])
    routes.add_api_route("/catalog/{kind}/{namespace}/{name}", entity, methods=["GET"])


async def catalog(visit: CurrentVisit, kind: Text = "", q: Text = "") -> Response:
    chosen = kind if kind in KINDS else ""
    found = await visit.services.catalog.list(visit.call, kind=chosen or None, text=q or None)
    page = CatalogPage(found, chosen, q)
    return visit.render("pages/catalog.html", page, Head("Catalog", "catalog", None, ("catalog:*",)))


async def entity(visit: CurrentVisit, kind: str, namespace: str, name: str) -> Response:
    found = await visit.services.catalog.get(visit.call, kind, namespace, name)
    application = found.annotations.get("roadbed.dev/application")
    page = EntityPage(found, related(found.relations), application)
    command = f"roadbed status {shell_word(application)}" if application else None
    return visit.render("pages/entity.html", page, Head(found.title or found.name, "catalog", command))


def related(relations: Sequence[Relation]) -> tuple[tuple[str, tuple[Related, ...]], ...]:
    """By kind of relation, in the order in which people look for them; one we have no word for keeps its own."""
    order = list(_RELATIONS)
    known = sorted(
        relations,
        key=lambda one: (order.index(one.type) if one.type in order else len(order), one.type, one.target),
    )
    return tuple(
        (_RELATIONS.get(type_, type_), tuple(_other_end(one.target) for one in group))
        for type_, group in groupby(known, key=lambda one: one.type)
    )


def _other_end(ref: str) -> Related:
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.rpartition("/")
    return Related(ref, f"/catalog/{kind}/{namespace or 'default'}/{name}", KIND_ICONS.get(kind, "box"))
