"""The resources of an application, and the building blocks that they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from roadbed.client.transport import Query, Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import (
        Accepted,
        AskedResource,
        BuildingBlock,
        CheckedRequest,
        Connection,
        Listing,
        ResourceProposal,
    )


class Resources:
    """`/applications/NAME/resources`. A change is `{"action": "add", "type": "postgres", "name": "db", …}`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def blocks(self, environment: str | None = None) -> Listing[BuildingBlock]:
        """What can be asked for: in one environment, or anywhere."""
        query: Query = {"environment": environment}
        return cast("Listing[BuildingBlock]", self._transport.request("GET", "/building-blocks", query=query))

    def check(self, environment: str, change: Mapping[str, Any]) -> CheckedRequest:
        """What it would be called. Raises InvalidInput, with the nearest name, for what nobody offers there."""
        body = {"environment": environment, **change}
        return cast("CheckedRequest", self._transport.request("POST", "/building-blocks/check", send=body))

    def list(self, application: str, environment: str) -> Listing[AskedResource]:
        query: Query = {"environment": environment}
        path = path_of("applications", application, "resources")
        return cast("Listing[AskedResource]", self._transport.request("GET", path, query=query))

    def get(self, application: str, environment: str, resource: str) -> AskedResource:
        query: Query = {"environment": environment}
        path = path_of("applications", application, "resources", resource)
        return cast("AskedResource", self._transport.request("GET", path, query=query))

    def plan(
        self, application: str, environment: str, change: Mapping[str, Any], *, all: bool = True
    ) -> ResourceProposal:
        """What a change would do. Without `all` the plan's `none` steps stay on the server."""
        path = path_of("applications", application, "resources", "plans")
        body = {"environment": environment, **change}
        return cast("ResourceProposal", self._transport.request("POST", path, query={"all": all}, send=body))

    def change(
        self,
        application: str,
        environment: str,
        change: Mapping[str, Any],
        *,
        delete_data: bool = False,
        final_backups: bool = True,
    ) -> Accepted:
        """Without `delete_data` it is refused where it would delete what holds data; with it, that is backed up before,
        unless `final_backups` says otherwise.
        """
        path = path_of("applications", application, "resources", "changes")
        body = {"environment": environment, **change, "delete_data": delete_data, "final_backups": final_backups}
        return cast("Accepted", self._transport.request("POST", path, send=body))

    def rotate(self, application: str, environment: str, resource: str) -> Accepted:
        """Exchanges its credentials; the old ones end once everything that used them has the new ones."""
        path = path_of("applications", application, "resources", resource, "rotation")
        return cast("Accepted", self._transport.request("POST", path, send={"environment": environment}))

    def connect(self, application: str, environment: str, resource: str) -> Connection:
        """What opens it, in the clear; who asks is noted."""
        path = path_of("applications", application, "resources", resource, "connection")
        return cast("Connection", self._transport.request("POST", path, send={"environment": environment}))


def added(
    type: str,
    *,
    name: str = "",
    resource_class: str = "default",
    params: Mapping[str, Any] | None = None,
    workloads: Sequence[str] | None = None,
    prefix: str | None = None,
) -> dict[str, Any]:
    """The change that adds one. Without a name it is called after its type; `workloads` None are all."""
    wanted = {"name": name, "type": type, "class": resource_class, "params": dict(params or {})}
    return {"action": "add", **wanted, "workloads": None if workloads is None else list(workloads), "prefix": prefix}
