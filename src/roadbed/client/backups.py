"""Backups of what applications hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from roadbed.client.transport import Query, Transport, path_of

if TYPE_CHECKING:
    from roadbed.client.models import Accepted, Backup, BackupSchedule, Listing


class Backups:
    """`/applications/NAME/backups`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, application: str, environment: str, resource: str | None = None) -> Listing[Backup]:
        """The newest first; also of what was deleted, as long as they stay."""
        query: Query = {"environment": environment, "resource": resource}
        path = path_of("applications", application, "backups")
        return cast("Listing[Backup]", self._transport.request("GET", path, query=query))

    def schedules(self, application: str, environment: str) -> Listing[BackupSchedule]:
        query: Query = {"environment": environment}
        path = path_of("applications", application, "backup-schedules")
        return cast("Listing[BackupSchedule]", self._transport.request("GET", path, query=query))

    def make(self, application: str, environment: str, resource: str, *, keep_days: float | None = None) -> Accepted:
        """Without `keep_days` it stays until somebody removes it."""
        path = path_of("applications", application, "resources", resource, "backups")
        body = {"environment": environment, "keep_days": keep_days}
        return cast("Accepted", self._transport.request("POST", path, send=body))

    def restore(self, application: str, environment: str, resource: str, backup: str, *, confirm: str) -> Accepted:
        """Makes a resource what a backup holds. `confirm` is the resource's name, by whoever means it."""
        path = path_of("applications", application, "resources", resource, "restore")
        body = {"environment": environment, "backup": backup, "confirm": confirm}
        return cast("Accepted", self._transport.request("POST", path, send=body))

    def remove(self, backup: str) -> None:
        """For good."""
        self._transport.request("DELETE", path_of("backups", backup))
