"""The keeper over the real database, with a provider in memory: records, trials, last backups, schedules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

import pytest

from fakes.audit import FakeAudit
from roadbed.backups import repository
from roadbed.backups.domain import About, Backup, Retention, Schedule
from roadbed.backups.errors import DamagedBackup, TooSmall
from roadbed.backups.keeper import ME, Keeper
from roadbed.backups.provider import BackupsProvider
from roadbed.backups.schedule import BackupSchedules
from roadbed.backups.settings import BackupSettings
from roadbed.backups.store import Store
from roadbed.control.events import Events
from roadbed.kit.errors import Conflict, InvalidInput, NotFound
from roadbed.providers.driver import Desired, Provider
from roadbed.sdk.backups import Archive, Contents
from roadbed.secrets.service import Secrets
from roadbed.storage.database import Database

URN = "orders@dev/shared/db#memory:Database"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Memory:
    """Keeps lines by id."""

    name: ClassVar[str] = "memory"
    kept: ClassVar[frozenset[str]] = frozenset({"memory:Database"})

    def __init__(self) -> None:
        self.lines: dict[str, list[bytes]] = {"db": [b"a\n", b"b\n"]}
        self.forgets = False

    async def save(self, desired: Desired, id: str, sink: BinaryIO, report: Any) -> Contents:
        if id not in self.lines:
            raise NotFound("gone")
        sink.write(b"".join(self.lines[id]))
        return self._counted(self.lines[id])

    async def restore(self, desired: Desired, id: str, archive: Archive, report: Any) -> Contents:
        with archive.open() as source:
            self.lines[id] = source.readlines()
        return self._counted(self.lines[id])

    async def rehearse(self, desired: Desired, archive: Archive, report: Any) -> Contents:
        with archive.open() as source:
            return self._counted(source.readlines()[self.forgets :])

    def room(self, desired: Desired) -> int | None:
        return cast(int | None, desired.properties.get("room"))

    @staticmethod
    def _counted(lines: Sequence[bytes]) -> Contents:
        return Contents("lines", {"all": len(lines)}, sum(map(len, lines)))


async def silent(text: str) -> None:
    """Nobody waits."""


DESIRED = Desired(URN, "memory:Database", "db", "orders@dev", {})
ABOUT = About("orders@dev", "db", None, "development", "asked", "user:ada")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(home: Path, database: Database, clock: Clock) -> Keeper:
    settings = BackupSettings(free_gb=0)
    store = Store(home, settings, Secrets(b"k" * 32))
    return Keeper(database, store, cast(Any, FakeAudit()), Events(database), clock, settings)


async def listed(database: Database) -> list[Backup]:
    async with database.call(ME) as call:
        return list(await repository.of_stack(call.session, "orders@dev"))


async def test_a_backup_is_recorded_tried_and_brought_back(keeper: Keeper, database: Database) -> None:
    memory = Memory()
    made = await keeper.make(memory, DESIRED, "db", ABOUT, silent)
    assert await listed(database) == [made]
    assert made.state == "unverified"
    tried = await keeper.try_out(memory, DESIRED, made, silent)
    assert await listed(database) == [tried]
    memory.lines["db"] = []
    await keeper.bring_back(memory, DESIRED, "db", tried, silent)
    assert memory.lines["db"] == [b"a\n", b"b\n"]


async def test_one_that_does_not_restore_as_counted_is_damaged(keeper: Keeper, database: Database) -> None:
    memory = Memory()
    made = await keeper.make(memory, DESIRED, "db", ABOUT, silent)
    memory.forgets = True
    with pytest.raises(Conflict, match="all has 1 lines and not 2"):
        await keeper.try_out(memory, DESIRED, made, silent)
    assert (await listed(database))[0].state == "damaged"


async def test_nothing_is_touched_for_a_file_that_was_changed_or_that_does_not_fit(keeper: Keeper, home: Path) -> None:
    memory = Memory()
    made = await keeper.make(memory, DESIRED, "db", ABOUT, silent)
    memory.lines["db"] = [b"now\n"]
    with pytest.raises(TooSmall, match="may hold"):
        await keeper.bring_back(memory, replace(DESIRED, properties={"room": 3}), "db", made, silent)
    file = home / "backups" / f"{made.id}.rbb"
    file.write_bytes(file.read_bytes()[:-3] + b"xxx")
    with pytest.raises(DamagedBackup):
        await keeper.bring_back(memory, DESIRED, "db", made, silent)
    assert memory.lines["db"] == [b"now\n"]


async def test_what_is_deleted_stays_for_a_while(keeper: Keeper, database: Database, clock: Clock, home: Path) -> None:
    memory = Memory()
    provider = cast(Provider, memory)
    await keeper.before_deletion(provider, DESIRED, "db", "development", "user:ada", silent)
    (kept,) = await listed(database)
    assert (kept.reason, kept.expires_at) == ("before deletion", NOW + timedelta(days=7))
    memory.lines["empty"] = []
    for nothing in ("empty", "gone"):
        await keeper.before_deletion(provider, DESIRED, nothing, "development", "user:ada", silent)
    assert await listed(database) == [kept]
    clock.time = NOW + timedelta(days=6)
    await keeper.prune_expired()
    assert await listed(database) == [kept]
    clock.time = NOW + timedelta(days=8)
    await keeper.prune_expired()
    assert await listed(database) == []
    assert list((home / "backups").iterdir()) == []


async def test_a_schedule_keeps_the_newest(keeper: Keeper, database: Database, clock: Clock) -> None:
    memory = Memory()
    for _ in range(4):
        clock.time += timedelta(days=1)
        await keeper.make(memory, DESIRED, "db", replace(ABOUT, reason="scheduled"), silent)
    asked = await keeper.make(memory, DESIRED, "db", ABOUT, silent)
    await keeper.prune(URN, Retention(keep=2))
    stay = await listed(database)
    assert [each.reason for each in stay] == ["asked", "scheduled", "scheduled"]
    assert asked in stay


class Asking:
    """The door, as a schedule uses it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[Schedule] = []
        self.error = error

    async def ask_scheduled(self, call: Any, schedule: Schedule) -> Any:
        self.asked.append(schedule)
        if self.error is not None:
            raise self.error
        return type("Asked", (), {"id": f"op_{len(self.asked)}"})()


def scheduled(**more: Any) -> Desired:
    properties = {"of": URN, "schedule": "0 3 * * *", "timezone": "Europe/Madrid", **more}
    return Desired("orders@dev/shared/db#backups:Schedule", "backups:Schedule", "db", "orders@dev", properties)


async def test_each_time_comes_once(keeper: Keeper, database: Database, clock: Clock) -> None:
    provider, asking = BackupsProvider(database, clock), Asking()
    made = await provider.create(scheduled(), silent)
    assert made.outputs == {"next": "2026-11-23T02:00+00:00"}
    events = Events(database)
    servers = [BackupSchedules(database, cast(Any, asking), keeper, events, clock) for _ in range(2)]
    assert [await each.ask() for each in servers] == [[], []]
    clock.time = NOW + timedelta(days=3, hours=1)
    assert [len(await each.ask()) for each in servers] == [1, 0], "what passed meanwhile is made up for once"
    read = await provider.read(scheduled(), made.id)
    assert read is not None
    assert read.properties == scheduled().properties
    await provider.delete(scheduled(), made.id, silent)
    assert await provider.read(scheduled(), made.id) is None


async def test_one_that_can_not_be_asked_for_is_told_and_comes_again(
    keeper: Keeper, database: Database, clock: Clock
) -> None:
    asking = Asking(NotFound("orders@dev has no resource db any more"))
    await BackupsProvider(database, clock).create(scheduled(), silent)
    schedules = BackupSchedules(database, cast(Any, asking), keeper, Events(database), clock)
    for day in (2, 3):
        clock.time = NOW + timedelta(days=day)
        assert await schedules.ask() == []
    assert len(asking.asked) == 2


@pytest.mark.parametrize("wrong", [{"schedule": "61 * * * *"}, {"timezone": "Europe/Madird"}])
async def test_a_schedule_that_nobody_can_keep_is_refused_with_the_plan(
    database: Database, clock: Clock, wrong: dict[str, str]
) -> None:
    desired = scheduled(**wrong)
    found = await BackupsProvider(database, clock).claimed("orders@dev", None, {desired.urn: desired.properties})
    assert isinstance(found[desired.urn], InvalidInput)
