"""The catalog: what there is, whose it is, and how it hangs together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from roadbed.catalog.domain import EntityView, RelationView
from roadbed.catalog.references import EntityRef
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.portal.formatting import shell_word
from roadbed.portal.layout import Head
from roadbed.portal.standings import standings
from roadbed.portal.visit import CurrentVisit
from roadbed.quotas.domain import Standing

Text = Annotated[str, Query(max_length=200)]

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
    "partOf": "Part of",
    "dependsOn": "Depends on",
    "dependencyOf": "Needed by",
    "providesApi": "Provides",
    "apiProvidedBy": "Provided by",
    "consumesApi": "Consumes",
    "apiConsumedBy": "Consumed by",
    "hasPart": "Has parts",
    "hasMember": "Members",
    "memberOf": "Member of",
    "parentOf": "Parent of",
    "childOf": "Child of",
    "ownerOf": "Owns",
}


@dataclass(frozen=True, slots=True)
class Card:
    """An entity as the pages show it."""

    ref: str
    kind: str
    icon: str
    href: str
    title: str
    description: str | None
    type: str | None
    lifecycle: str | None
    owner: str | None
    tags: tuple[str, ...]
    annotations: Mapping[str, str]
    orphan: bool


@dataclass(frozen=True, slots=True)
class CatalogPage:
    """`next` leads to the rest, None where all is shown."""

    entities: Sequence[Card]
    kind: str
    text: str
    next: str | None

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(KIND_ICONS)


@dataclass(frozen=True, slots=True)
class Related:
    """The other end of a relation; `missing` if nothing stands there."""

    ref: str
    href: str
    icon: str
    missing: bool


@dataclass(frozen=True, slots=True)
class EntityPage:
    """`stacks` are where it runs: `orders@dev` and that application's page. `quotas` are a group's, by environment."""

    entity: Card
    relations: tuple[tuple[str, tuple[Related, ...]], ...]
    stacks: tuple[tuple[str, str], ...]
    source: str
    quotas: Sequence[Standing] = ()


def add_routes(routes: APIRouter) -> None:
    routes.add_api_route("/catalog", catalog, methods=["GET"])
    routes.add_api_route("/catalog/{kind}/{namespace}/{name}", entity, methods=["GET"])


async def catalog(visit: CurrentVisit, kind: Text = "", q: Text = "", cursor: Text = "") -> Response:
    chosen = kind if kind in KIND_ICONS else ""
    filters = [f"kind={chosen}"] if chosen else []
    found = await visit.services.catalog.entities(visit.call, filters, limit=MAX_LIMIT, cursor=cursor or None)
    cards = [card(one) for one in found.items]
    wanted = q.casefold()
    matching = [one for one in cards if wanted in f"{one.ref} {one.title} {one.description or ''}".casefold()]
    page = CatalogPage(matching, chosen, q, found.next)
    return visit.render("pages/catalog.html", page, Head("Catalog", "catalog", None, ("entity:*",)))


async def entity(visit: CurrentVisit, kind: str, namespace: str, name: str) -> Response:
    found = await visit.services.catalog.entity(visit.call, EntityRef.parse(f"{kind}:{namespace}/{name}"))
    stacks = tuple(dict.fromkeys(urn.partition("#")[0].partition("/")[0] for urn in found.deployments))
    quotas = await standings(visit, str(found.ref)) if found.ref.kind == "group" else ()
    page = EntityPage(
        card(found), related(found.relations), tuple((one, _stack_path(one)) for one in stacks), found.source, quotas
    )
    command = f"roadbed status {shell_word(stacks[0].partition('@')[0])}" if stacks else None
    head = Head(page.entity.title, "catalog", command, (f"entity:{found.ref}",))
    return visit.render("pages/entity.html", page, head)


def card(view: EntityView) -> Card:
    metadata: Mapping[str, Any] = view.document["metadata"]
    spec: Mapping[str, Any] = view.document.get("spec") or {}
    profile = spec.get("profile") or {}
    owner = next((relation.target for relation in view.relations if relation.type == "ownedBy"), spec.get("owner"))
    return Card(
        ref=str(view.ref),
        kind=str(view.document["kind"]),
        icon=KIND_ICONS.get(view.ref.kind, "box"),
        href=_path(view.ref),
        title=str(metadata.get("title") or profile.get("displayName") or metadata["name"]),
        description=metadata.get("description"),
        type=spec.get("type"),
        lifecycle=spec.get("lifecycle"),
        owner=owner,
        tags=tuple(metadata.get("tags") or ()),
        annotations=metadata.get("annotations") or {},
        orphan=view.orphan,
    )


def related(relations: Sequence[RelationView]) -> tuple[tuple[str, tuple[Related, ...]], ...]:
    """By kind of relation, in the order in which people look for them; one we have no word for keeps its own."""
    order = list(_RELATIONS)
    known = sorted(
        relations, key=lambda one: (order.index(one.type) if one.type in order else len(order), one.type, one.target)
    )
    return tuple(
        (_RELATIONS.get(type_, type_), tuple(_other_end(one) for one in group))
        for type_, group in groupby(known, key=lambda one: one.type)
    )


def _other_end(relation: RelationView) -> Related:
    ref = EntityRef.parse(relation.target)
    return Related(relation.target, _path(ref), KIND_ICONS.get(ref.kind, "box"), relation.missing)


def _path(ref: EntityRef) -> str:
    return f"/catalog/{ref.kind}/{ref.namespace}/{ref.name}"


def _stack_path(stack: str) -> str:
    name, _, environment = stack.partition("@")
    return f"/applications/{name}?environment={environment}"
