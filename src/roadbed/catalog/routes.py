"""The catalog over REST."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from roadbed.catalog.references import EntityRef
from roadbed.catalog.schemas import EntityPage
from roadbed.catalog.service import Catalog
from roadbed.kit.pagination import MAX_LIMIT
from roadbed.storage.request import CurrentCall

Part = Annotated[str, Path(max_length=63)]


def router(service: Catalog) -> APIRouter:
    routes = APIRouter(tags=["catalog"])

    @routes.get("/catalog/entities")
    async def list_entities(
        call: CurrentCall,
        *,
        filters: Annotated[list[Annotated[str, Query(max_length=2_000)]], Query(alias="filter", max_length=20)] = [],  # noqa: B006  (FastAPI copies it)
        limit: Annotated[int | None, Query(ge=1, le=MAX_LIMIT)] = None,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
    ) -> EntityPage:
        """Everything, or what any `filter` finds: `kind=component,spec.type=service`."""
        return EntityPage.of(await service.entities(call, filters, limit=limit, cursor=cursor))

    @routes.get("/catalog/entities/{kind}/{namespace}/{name}")
    async def read_entity(call: CurrentCall, kind: Part, namespace: Part, name: Part) -> dict[str, Any]:
        """The entity with its relations, and where it runs."""
        view = await service.entity(call, EntityRef.parse(f"{kind}:{namespace}/{name}"))
        return view.to_dict()

    return routes
