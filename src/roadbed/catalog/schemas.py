"""The catalog on the wire: entities in Backstage's own shape."""

from typing import Any

from pydantic import BaseModel

from roadbed.catalog.domain import EntityView
from roadbed.kit.pagination import Page


class EntityPage(BaseModel):
    items: list[dict[str, Any]]
    next: str | None

    @classmethod
    def of(cls, page: Page[EntityView]) -> "EntityPage":
        return cls(items=[view.to_dict() for view in page.items], next=page.next)
