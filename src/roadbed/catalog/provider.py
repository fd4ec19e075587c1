"""`catalog:Component`: what is deployed stands in the catalog, with a file of its own or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from roadbed.catalog.domain import Entity, graph_source
from roadbed.catalog.reader import read_entity
from roadbed.catalog.service import Catalog
from roadbed.kit.access import system
from roadbed.kit.errors import InvalidInput
from roadbed.providers.driver import Actual, Desired, Property, Report, ResourceType
from roadbed.storage.database import Database

COMPONENT = ResourceType(
    name="catalog:Component",
    description="An entry of the catalog for what this stack runs.",
    properties={
        "entity": Property(
            {"type": "object"}, required=True, description="A Component in Backstage's descriptor format."
        ),
        "generated": Property(
            {"type": "boolean"}, description="Nobody wrote the descriptor, so one that somebody wrote wins over it."
        ),
    },
    outputs={"ref": "The reference of the entity: component:default/orders."},
    follows={"ref": ("entity",)},
)


class CatalogProvider:
    """Keeps an entity's runtime half: as long as the resource exists, the entity does.

    A resource's id is what its claim in the catalog is called: the URN that it was made as, and its creation's token.
    """

    name: ClassVar[str] = "catalog"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {COMPONENT.name: COMPONENT}

    def __init__(self, catalog: Catalog, database: Database) -> None:
        self._catalog = catalog
        self._database = database
        self._principal = system("catalog")

    async def create(self, desired: Desired, report: Report) -> Actual:
        return await self._put(desired, _claim(desired, ""))

    async def read(self, desired: Desired, id: str) -> Actual | None:
        claim = _claim(desired, id)
        async with self._database.call(self._principal) as call:
            found = await self._catalog.component(call, claim)
        if found is None:
            return None
        entity, generated = found
        return Actual(claim, {"ref": str(entity.ref)}, properties=_seen(desired, entity, generated=generated))

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self._put(desired, _claim(desired, id))

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        async with self._database.call(self._principal) as call:
            await self._catalog.remove_component(call, _claim(desired, id))

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing to wait for: an entity is replaced at once."""

    async def _put(self, desired: Desired, claim: str) -> Actual:
        entity = read_entity(desired.properties["entity"], desired.urn)
        generated = bool(desired.properties.get("generated", False))
        async with self._database.call(self._principal) as call:
            ref = await self._catalog.upsert_component(call, claim, entity, generated=generated)
        return Actual(claim, {"ref": str(ref)}, properties=dict(desired.properties))


def _claim(desired: Desired, id: str) -> str:
    """URN and token, since another may have the URN by now.

    Earlier the claim was the resource's URN, and before that the id was the entity's reference.
    """
    if id:
        return id if "#" in id else desired.urn
    return graph_source(desired.urn, desired.token)


def _seen(desired: Desired, entity: Entity, *, generated: bool) -> dict[str, Any]:
    """As it was declared where that means the same: a namespace that was left out is no drift."""
    declared = desired.properties.get("entity")
    shown = {"entity": declared if _means(declared, entity) else entity.to_dict()}
    same = generated is bool(desired.properties.get("generated", False))
    return shown if same and "generated" not in desired.properties else {**shown, "generated": generated}


def _means(declared: Any, entity: Entity) -> bool:
    try:
        return isinstance(declared, Mapping) and read_entity(declared, "").to_dict() == entity.to_dict()
    except InvalidInput:
        return False
