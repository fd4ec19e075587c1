"""Resource types: what a program can declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from roadbed.client.transport import Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Declaration, Listing, ResourceType, ResourceTypeSummary


class ResourceTypes:
    """`/resource-types`. A type is named as text: `postgres:Database`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Listing[ResourceTypeSummary]:
        """By name; those of plugins, too."""
        return cast("Listing[ResourceTypeSummary]", self._transport.request("GET", "/resource-types"))

    def get(self, type: str) -> ResourceType:
        return cast("ResourceType", self._transport.request("GET", path_of("resource-types", type)))

    def declare(self, type: str, name: str, properties: Mapping[str, Any]) -> Declaration:
        """The Python that declares it, and what is wrong with it. `{"$secret": name}` stands for a secret,
        `{"$python": text}` for an expression (`db.host`).
        """
        body = {"name": name, "properties": dict(properties)}
        path = path_of("resource-types", type, "declaration")
        return cast("Declaration", self._transport.request("POST", path, send=body))
