"""The REST routes of backups."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from roadbed.backups.schemas import BackupBody, BackupOut, BackupScheduleOut, RestoreBody
from roadbed.backups.service import Backups
from roadbed.delivery.schemas import AcceptedOut, Label, ListOut
from roadbed.storage.request import CurrentCall

Name = Annotated[str, Path(max_length=63)]
ResourceName = Annotated[str, Path(max_length=200)]
BackupId = Annotated[str, Path(max_length=60)]
Environment = Annotated[Label, Query()]


def router(service: Backups) -> APIRouter:
    routes = APIRouter(tags=["backups"])

    @routes.get("/applications/{name}/backups")
    async def list_backups(
        call: CurrentCall,
        name: Name,
        environment: Environment = "dev",
        resource: Annotated[str | None, Query(max_length=200)] = None,
    ) -> ListOut[BackupOut]:
        """The newest first; also of what was deleted, as long as they stay."""
        found = await service.backups(call, name, environment, resource)
        return ListOut[BackupOut].model_validate({"items": found})

    @routes.get("/applications/{name}/backup-schedules")
    async def list_backup_schedules(
        call: CurrentCall, name: Name, environment: Environment = "dev"
    ) -> ListOut[BackupScheduleOut]:
        """When which of its resources are backed up."""
        return ListOut[BackupScheduleOut].model_validate({"items": await service.schedules(call, name, environment)})

    @routes.post("/applications/{name}/resources/{resource}/backups", status_code=202)
    async def back_up(call: CurrentCall, name: Name, resource: ResourceName, body: BackupBody) -> AcceptedOut:
        """Backs a resource up, and tries the backup by restoring it into a scratch resource."""
        operation = await service.back_up(call, name, body.environment, resource, body.keep_days)
        return AcceptedOut.model_validate({"operation": operation})

    @routes.post("/applications/{name}/resources/{resource}/restore", status_code=202)
    async def restore(call: CurrentCall, name: Name, resource: ResourceName, body: RestoreBody) -> AcceptedOut:
        """Makes a resource what a backup holds. What is there now is backed up before."""
        operation = await service.restore(call, name, body.environment, resource, body.backup, body.confirm)
        return AcceptedOut.model_validate({"operation": operation})

    @routes.delete("/backups/{backup}", status_code=204)
    async def remove_backup(call: CurrentCall, backup: BackupId) -> Response:
        """Removes it for good."""
        await service.remove(call, backup)
        return Response(status_code=204)

    return routes
