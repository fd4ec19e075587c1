"""What can go wrong in the catalog."""

from __future__ import annotations

from roadbed.kit.errors import Conflict, NotFound


class EntityNotFound(NotFound):
    """Nothing stands in the catalog under that reference."""

    code = "entity_not_found"


class EntityTaken(Conflict):
    """Another source already declares an entity of that name."""

    code = "entity_taken"
