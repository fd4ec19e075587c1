"""`catalog:Component`: what is deployed stands in the catalog, with a file of its own or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from roadbed.catalog.reader import read_entity
from roadbed.catalog.references import EntityRef
from roadbed.catalog.service import Catalog
from roadbed.kit.access import system
from roadbed.kit.errors import NotFound
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
)


class CatalogProvider:
    """Keeps an entity's runtime half: as long as the resource exists, the entity does."""

    name: ClassVar[str] = "catalog"
    parallel: ClassVar[int] = 10
    types: ClassVar[Mapping[str, ResourceType]] = {COMPONENT.name: COMPONENT}

    def __init__(self, catalog: Catalog, database: Database) -> None:
        self._catalog = catalog
        self._database = database
        self._principal = system("catalog")

    async def create(self, desired: Desired, report: Report) -> Actual:
        entity = read_entity(desired.properties["entity"], desired.urn)
        generated = bool(desired.properties.get("generated", False))
        async with self._database.call(self._principal) as call:
            ref = await self._catalog.upsert_component(call, desired.urn, entity, generated=generated)
        return _actual(ref)

    async def read(self, desired: Desired, id: str) -> Actual | None:
        async with self._database.call(self._principal) as call:
            try:
                found = await self._catalog.entity(call, id)
            except NotFound:
                return None
        return _actual(found.ref) if desired.urn in found.deployments else None

    async def update(self, desired: Desired, id: str, report: Report) -> Actual:
        return await self.create(desired, report)

    async def delete(self, desired: Desired, id: str, report: Report) -> None:
        async with self._database.call(self._principal) as call:
            await self._catalog.remove_component(call, desired.urn)

    async def settle(self, desired: Desired, id: str, report: Report) -> None:
        """Nothing to wait for: an entity is replaced at once."""


def _actual(ref: EntityRef) -> Actual:
    return Actual(id=str(ref), outputs={"ref": str(ref)})
