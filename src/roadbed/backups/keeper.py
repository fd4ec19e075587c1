"""Makes backups, tries them, reads them: what every way to a backup comes down to. Whoever asks has authorised it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO

from roadbed.audit.service import Audit
from roadbed.backups import repository
from roadbed.backups.domain import About, Backup, Retention, mismatch, superfluous
from roadbed.backups.errors import TooSmall
from roadbed.backups.settings import BackupSettings
from roadbed.backups.store import Store
from roadbed.control.events import Events
from roadbed.kit.access import Target, require_somebody, system
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, NotFound
from roadbed.kit.ids import new_id
from roadbed.kit.names import StackName
from roadbed.providers.driver import Desired, Provider, Report
from roadbed.sdk.backups import Contents, KeepsBackups
from roadbed.storage.call import Call
from roadbed.storage.database import Database

ME = system("backups")


@dataclass(frozen=True, slots=True)
class _Archive:
    """A backup as a provider reads it."""

    id: str
    origin: str
    contents: Contents
    store: Store

    def open(self) -> BinaryIO:
        return self.store.open(self.id)


class Keeper:
    def __init__(
        self, database: Database, store: Store, audit: Audit, events: Events, clock: Clock, settings: BackupSettings
    ) -> None:
        self._database, self._store, self._audit = database, store, audit
        self._events, self._clock, self._settings = events, clock, settings

    @property
    def final_days(self) -> float:
        return self._settings.final_days

    async def make(self, provider: KeepsBackups, desired: Desired, id: str, about: About, report: Report) -> Backup:
        """Once it returns there is a whole file and its record; before, neither."""
        backup_id, now = new_id("bak"), self._clock.now()
        with self._store.writing(backup_id) as sink:
            contents = await provider.save(desired, id, sink.file, report)
        backup = Backup(
            id=backup_id,
            stack=about.stack,
            urn=desired.urn,
            resource=about.resource,
            type=desired.type,
            origin=id,
            owner=about.owner,
            kind=about.kind,
            reason=about.reason,
            created_at=now,
            created_by=about.by,
            size=sink.size,
            checksum=sink.checksum,
            contents=contents,
            operation=about.operation,
            expires_at=now + about.keep_for if about.keep_for else None,
        )
        async with self._database.call(ME) as call:
            await repository.add(call.session, backup)
            await self._note(call, "resource.backup", backup, by=about.by, reason=about.reason)
        return backup

    async def try_out(self, provider: KeepsBackups, desired: Desired, backup: Backup, report: Report) -> Backup:
        """Restores it into a scratch resource and counts. What differs is told, and is part of the record."""
        await asyncio.to_thread(self._store.check, backup.id, backup.checksum)
        found = await provider.rehearse(desired, self._archive(backup), report)
        wrong, now = mismatch(backup.contents, found), self._clock.now()
        async with self._database.call(ME) as call:
            await repository.verified(call.session, backup.id, now, wrong)
            await self._changed(call, backup.stack)
        if wrong is not None:
            raise Conflict(f"the backup {backup.id} doesn't restore as it was counted: {wrong}")
        return replace(backup, verified_at=now)

    async def bring_back(
        self, provider: KeepsBackups, desired: Desired, id: str, backup: Backup, report: Report
    ) -> Contents:
        """Makes a resource what the backup holds. Raises before anything is changed where the file isn't whole."""
        refuse_if_too_small(provider, desired, backup)
        await report("reading the backup to its end, to see that it is whole")
        await asyncio.to_thread(self._store.check, backup.id, backup.checksum)
        found = await provider.restore(desired, id, self._archive(backup), report)
        if (wrong := mismatch(backup.contents, found)) is not None:
            await report(f"not as it was counted: {wrong}")
        return found

    async def prune(self, urn: str, retention: Retention) -> Sequence[Backup]:
        """Removes the scheduled backups of a resource that its schedule keeps no longer."""
        async with self._database.call(ME) as call:
            gone = superfluous(await repository.scheduled(call.session, urn), retention, self._clock.now())
            for backup in gone:
                await self.remove(call, backup, "its schedule keeps newer ones")
        return gone

    async def prune_expired(self) -> None:
        """Removes backups whose time is over, and files of which nobody knows."""
        async with self._database.call(ME) as call:
            for backup in await repository.expired(call.session, self._clock.now()):
                await self.remove(call, backup, "its time was over")
            known = await repository.ids(call.session)
        for abandoned in await asyncio.to_thread(self._store.abandoned, known):
            self._store.clear(abandoned)

    async def remove(self, call: Call, backup: Backup, why: str) -> None:
        """The file goes last: a record without one would be a backup that isn't."""
        require_somebody(call.principal)
        if await repository.remove(call.session, backup.id):
            await self._note(call, "resource.backup.remove", backup, why=why)
            self._store.remove(backup.id)

    async def before_deletion(
        self, provider: Provider, desired: Desired, id: str, kind: str, by: str, report: Report
    ) -> None:
        """The last backup of what is about to be deleted. What holds nothing any more, and what is gone, needs none."""
        if not self._settings.final_days or not isinstance(provider, KeepsBackups) or desired.type not in provider.kept:
            return
        about = About(
            stack=desired.stack,
            resource=desired.name,
            owner=desired.owner,
            kind=kind,
            reason="before deletion",
            by=by,
            keep_for=timedelta(days=self._settings.final_days),
        )
        try:
            backup = await self.make(provider, desired, id, about, report)
        except NotFound:
            return
        if not backup.contents.total:
            async with self._database.call(ME) as call:
                await self.remove(call, backup, "there was nothing in it")
            return
        await report(
            f"what was in it stays for {self._settings.final_days:g} days: {backup.id}"
            f" ({backup.contents.total} {backup.contents.unit})"
        )

    def _archive(self, backup: Backup) -> _Archive:
        return _Archive(backup.id, backup.origin, backup.contents, self._store)

    async def _note(self, call: Call, action: str, backup: Backup, **detail: str) -> None:
        environment = StackName.parse(backup.stack).environment
        target = Target("backup", backup.id, backup.owner, environment, {"kind": backup.kind})
        told = {"stack": backup.stack, "resource": backup.resource, **detail}
        await self._audit.record(call, action, target, detail=told)
        await self._changed(call, backup.stack)

    async def _changed(self, call: Call, stack: str) -> None:
        await self._events.emit(call, "backups.changed", f"stack:{stack}", {})


def kept(providers: Iterable[Provider]) -> frozenset[str]:
    """The types of which backups can be made."""
    return frozenset(name for each in providers if isinstance(each, KeepsBackups) for name in each.kept)


def refuse_if_too_small(provider: KeepsBackups, desired: Desired, backup: Backup) -> None:
    room, held = provider.room(desired), backup.contents.held
    if room is not None and held > room:
        raise TooSmall(
            f"{desired.name} may hold {room / 2**20:.1f} MB, and the backup holds {held / 2**20:.1f} MB",
            hint=f"make it larger first: roadbed resource resize {desired.name} --set PARAM=VALUE",
        )
