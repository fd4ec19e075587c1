"""The operations that make and restore backups. Killed anywhere, they are taken up after the last step recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from roadbed.backups import repository
from roadbed.backups.domain import About, Backup, BackupInput, Reason, RestoreInput
from roadbed.backups.keeper import Keeper
from roadbed.control.events import Events
from roadbed.control.run import Run, StepRun
from roadbed.engine.handing import Handed, Handing
from roadbed.engine.service import StackInfo
from roadbed.kit.errors import Conflict, NotFound, RoadbedError
from roadbed.kit.names import StackName
from roadbed.sdk.backups import KeepsBackups

BACKUP, RESTORE = "backup", "restore"
BACKUP_STEPS = (("save", "Backing up"), ("verify", "Restoring into a scratch resource, and counting"))
RESTORE_STEPS = (
    ("check", "Looking at the backup"),
    ("before", "Backing up what is there now"),
    ("restore", "Restoring"),
)


class BackingUp:
    """The handler of `backup` operations. Their input is a `BackupInput`."""

    def __init__(self, keeper: Keeper, handing: Handing, events: Events) -> None:
        self._keeper, self._handing, self._events = keeper, handing, events

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked = BackupInput.from_dict(run.operation.input)
        titles = dict(BACKUP_STEPS)
        try:
            made = await run.step("save", titles["save"], lambda step: self._save(run, step, asked))
            await run.step("verify", titles["verify"], lambda step: self._verify(run, step, asked, made))
        except RoadbedError as error:
            async with run.database.call(run.principal) as call:
                detail = {"resource": asked.resource, "reason": asked.reason, "error": error.message}
                await self._events.emit(call, "backup.failed", f"stack:{asked.stack}", detail)
            raise
        if asked.retention is not None:
            for urn in asked.urns:
                await self._keeper.prune(urn, asked.retention)
        return await _result(run, asked, made)

    async def _save(self, run: Run, step: StepRun, asked: BackupInput) -> list[str]:
        made = []
        for urn in asked.urns:
            handed = await _handed(run, self._handing, asked, urn, "resource.backup")
            backup = await self._keeper.make(
                keeping(handed), handed.desired, handed.row.id, _about(run, asked, asked.reason), step.log
            )
            await step.log(f"{backup.id}: {told(backup)}")
            made.append(backup.id)
        return made

    async def _verify(self, run: Run, step: StepRun, asked: BackupInput, made: list[str]) -> None:
        for done, backup_id in enumerate(made):
            backup = await _known(run, backup_id)
            await step.progress(done, len(made), backup.resource)
            handed = await _handed(run, self._handing, asked, backup.urn, "resource.backup")
            await self._keeper.try_out(keeping(handed), handed.desired, backup, step.log)
            await step.log(f"{backup_id} restores as it was counted")


class Restoring:
    """The handler of `restore` operations. Their input is a `RestoreInput`."""

    def __init__(self, keeper: Keeper, handing: Handing) -> None:
        self._keeper, self._handing = keeper, handing

    async def run(self, run: Run) -> Mapping[str, Any]:
        asked, titles = RestoreInput(**run.operation.input), dict(RESTORE_STEPS)
        await run.step("check", titles["check"], lambda step: self._check(run, step, asked))
        before = await run.step("before", titles["before"], lambda step: self._before(run, step, asked))
        restored = await run.step("restore", titles["restore"], lambda step: self._restore(run, step, asked))
        return {**restored, "resource": asked.resource, "backup": asked.backup, "before": before}

    async def _check(self, run: Run, step: StepRun, asked: RestoreInput) -> None:
        backup = await _known(run, asked.backup)
        if backup.mismatch is not None:
            raise Conflict(f"{backup.id} didn't restore as it was counted: {backup.mismatch}", hint="take another one")
        await step.log(f"{backup.id} of {backup.created_at:%Y-%m-%d %H:%M} UTC: {told(backup)}")

    async def _before(self, run: Run, step: StepRun, asked: RestoreInput) -> str | None:
        """What is overwritten can be brought back, too, for as long as what is deleted."""
        if not self._keeper.final_days:
            return None
        handed = await _handed(run, self._handing, asked, asked.urn, "resource.restore")
        about = _about(run, asked, "before restore", self._keeper.final_days)
        backup = await self._keeper.make(keeping(handed), handed.desired, handed.row.id, about, step.log)
        await step.log(f"{backup.id}: {told(backup)}")
        return backup.id

    async def _restore(self, run: Run, step: StepRun, asked: RestoreInput) -> dict[str, Any]:
        backup = await _known(run, asked.backup)
        handed = await _handed(run, self._handing, asked, asked.urn, "resource.restore")
        found = await self._keeper.bring_back(keeping(handed), handed.desired, handed.row.id, backup, step.log)
        return {"unit": found.unit, "total": found.total, "counts": dict(found.counts)}


def keeping(handed: Handed) -> KeepsBackups:
    """Raises Conflict for a type of which nobody can make backups here."""
    provider = handed.provider
    if isinstance(provider, KeepsBackups) and handed.row.type in provider.kept:
        return provider
    raise Conflict(f"the platform can make no backup of a {handed.row.type}", hint="see what its own service offers")


def told(backup: Backup) -> str:
    """`1200 rows, 0.4 MB`."""
    return f"{backup.contents.total} {backup.contents.unit}, {backup.size / 2**20:.1f} MB"


def _about(run: Run, asked: BackupInput | RestoreInput, reason: Reason, keep_days: float | None = None) -> About:
    days = asked.keep_days if isinstance(asked, BackupInput) else keep_days
    return About(
        stack=asked.stack,
        resource=asked.resource,
        owner=asked.owner,
        kind=asked.kind,
        reason=reason,
        by=str(run.principal),
        operation=run.operation.id,
        keep_for=timedelta(days=days) if days else None,
    )


async def _handed(run: Run, handing: Handing, asked: BackupInput | RestoreInput, urn: str, action: str) -> Handed:
    stack = StackInfo(StackName.parse(asked.stack), asked.owner, asked.kind)
    async with run.database.call(run.principal) as call:
        return await handing.of(call, stack, urn, action)


async def _known(run: Run, id: str) -> Backup:
    async with run.database.call(run.principal) as call:
        backup = await repository.get(call.session, id)
    if backup is None:
        raise NotFound(f"there is no backup {id} any more")
    return backup


async def _result(run: Run, asked: BackupInput, made: list[str]) -> dict[str, Any]:
    backups = [await _known(run, each) for each in made]
    return {
        "resource": asked.resource,
        "backups": [
            {
                "id": each.id,
                "size": each.size,
                "unit": each.contents.unit,
                "total": each.contents.total,
                "state": each.state,
            }
            for each in backups
        ],
    }
