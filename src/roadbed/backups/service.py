"""The door to backups of an application's resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from roadbed.audit.service import Audit
from roadbed.backups import repository
from roadbed.backups.domain import Backup, BackupInput, RestoreInput, Schedule
from roadbed.backups.keeper import Keeper, refuse_if_too_small
from roadbed.backups.working import BACKUP, BACKUP_STEPS, RESTORE, RESTORE_STEPS, keeping
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.delivery.directory import Directory
from roadbed.delivery.resource_views import AskedResource
from roadbed.delivery.resources import Resources
from roadbed.engine.handing import Handing
from roadbed.engine.service import StackInfo
from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.kit.names import StackName
from roadbed.platform.service import Platform
from roadbed.storage.call import Call


class Backups:
    """`kept` are the types of which backups can be made."""

    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        operations: Operations,
        directory: Directory,
        resources: Resources,
        platform: Platform,
        handing: Handing,
        keeper: Keeper,
        kept: frozenset[str],
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._directory, self._resources, self._platform = directory, resources, platform
        self._handing, self._keeper, self.kept = handing, keeper, kept

    async def backups(self, call: Call, name: str, environment: str, resource: str | None = None) -> Sequence[Backup]:
        """The newest first; also of resources, and of an application, that are no more."""
        await self._platform.environment(call, environment)
        stack, named = f"{name}@{environment}", None if resource is None else _last(resource)
        found = await repository.of_stack(call.session, stack, named)
        seen = [each for each in found if may(self._authorise, call.principal, "application.view", _target(each))]
        if not seen:
            await self._directory.known(call, name, environment, "application.view")
        return seen

    async def schedules(self, call: Call, name: str, environment: str) -> Sequence[Schedule]:
        _, stack = await self._directory.known(call, name, environment, "application.view")
        return await repository.schedules(call.session, str(stack.name))

    async def back_up(
        self, call: Call, name: str, environment: str, resource: str, keep_days: float | None = None
    ) -> Operation:
        """Asks for one, verified. Without `keep_days` it stays until somebody removes it."""
        record, stack = await self._directory.known(call, name, environment, "resource.backup")
        found = await self._resources.resource(call, name, environment, resource)
        urns = self._urns(found)
        asked = BackupInput(
            str(stack.name), record.owner, stack.kind, _last(found.name), urns, "asked", keep_days=keep_days
        )
        title = f"Back up {found.name} of {name} in {environment}"
        return await self._ask(call, BACKUP, "resource.backup", title, stack, asked)

    async def restore(
        self, call: Call, name: str, environment: str, resource: str, backup: str, confirm: str
    ) -> Operation:
        """Asks for `resource` to become what `backup` holds: one of the same type, of whatever resource that was.

        `confirm` is the resource's name, typed by whoever means it. What is there now is backed up before.
        """
        _, stack = await self._directory.known(call, name, environment, "resource.restore")
        found = await self._resources.resource(call, name, environment, resource)
        if confirm != found.name:
            raise InvalidInput(
                f"this overwrites {found.name} of {name} in {environment}, with all that is in it",
                hint=f"say that you mean it: its name, {found.name}",
            )
        held = await self._known(call, backup)
        urn = self._fitting(found, held)
        handed = await self._handing.of(call, stack, urn, "resource.restore")
        refuse_if_too_small(keeping(handed), handed.desired, held)
        asked = RestoreInput(str(stack.name), stack.owner, stack.kind, _last(found.name), urn, backup)
        title = f"Restore {found.name} of {name} in {environment}"
        return await self._ask(call, RESTORE, "resource.restore", title, stack, asked)

    async def remove(self, call: Call, backup: str) -> None:
        """For good."""
        found = await self._known(call, backup)
        self._authorise(call.principal, "resource.restore", _target(found))
        await self._keeper.remove(call, found, f"removed by {call.principal}")

    async def ask_scheduled(self, call: Call, schedule: Schedule) -> Operation:
        """For the schedule, in its own name."""
        name = StackName.parse(schedule.stack)
        kind = (await self._platform.environment(call, name.environment)).kind
        stack = StackInfo(name, schedule.owner, kind)
        handed = await self._handing.of(call, stack, schedule.urn, "resource.backup")
        resource = handed.row.name
        asked = BackupInput(
            schedule.stack, schedule.owner, kind, resource, [schedule.urn], "scheduled", retention=schedule.retention
        )
        title = f"Back up {resource} of {name.owner} in {name.environment}, as scheduled"
        return await self._ask(call, BACKUP, "resource.backup", title, stack, asked)

    # Inside

    async def _ask(
        self, call: Call, kind: str, action: str, title: str, stack: StackInfo, asked: BackupInput | RestoreInput
    ) -> Operation:
        """A restore waits for whatever changes the stack; backups only for each other."""
        self._authorise(call.principal, action, stack.target)
        lock = asked.stack if kind == RESTORE else f"backup:{asked.stack}"
        steps = RESTORE_STEPS if kind == RESTORE else BACKUP_STEPS
        operation = await self._operations.enqueue(
            call, kind=kind, title=title, target=stack.target, input=asdict(asked), lock=lock, steps=steps
        )
        detail = {"operation": operation.id, "resource": asked.resource}
        if isinstance(asked, RestoreInput):
            detail["backup"] = asked.backup
        await self._audit.record(call, action, stack.target, detail=detail)
        return operation

    def _urns(self, found: AskedResource) -> list[str]:
        urns = [part.urn for part in found.parts if part.type in self.kept and part.state == "created"]
        if not urns:
            made = ", ".join(sorted({part.type for part in found.parts})) or "nothing yet"
            raise Conflict(
                f"there is nothing of {found.name} that the platform can back up: it is {made}",
                hint=f"backups are made of: {', '.join(sorted(self.kept))}",
            )
        return urns

    def _fitting(self, found: AskedResource, backup: Backup) -> str:
        """The one part of a resource that can become what the backup holds."""
        urns = [part.urn for part in found.parts if part.type == backup.type and part.state == "created"]
        if len(urns) != 1:
            have = ", ".join(sorted({part.type for part in found.parts})) or "nothing yet"
            raise Conflict(
                f"{backup.id} is of a {backup.type}, and {found.name} is {have}",
                hint=f"restore it into a resource with one {backup.type}: --into NAME",
            )
        return urns[0]

    async def _known(self, call: Call, id: str) -> Backup:
        """Raises NotFound, also for what the caller may not see."""
        require_somebody(call.principal)
        found = await repository.get(call.session, id)
        if found is None or not may(self._authorise, call.principal, "application.view", _target(found)):
            raise NotFound(f"there is no backup {id!r}", hint="see: roadbed resource backups")
        return found


def _target(backup: Backup) -> Target:
    """Whose it is, whether or not what it was made of is still there."""
    name = StackName.parse(backup.stack)
    return Target("backup", backup.id, backup.owner, name.environment, {"kind": backup.kind})


def _last(name: str) -> str:
    """`db` of `web.db`: what it is called in the stack."""
    return name.rpartition(".")[2]
