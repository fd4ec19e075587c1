"""What a pruning removes and what it never does: on disk, in the database, and by the policy's own clock."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from builds_bench import Bench
from control_kit import Control, open_control
from fakes.access import OWNER, allow, refuse
from fakes.audit import FakeAudit
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.domain import Build, Source
from roadbed.delivery.builds.machine import this_machine
from roadbed.delivery.builds.pruning import PRUNE, Pruning
from roadbed.delivery.builds.recipes.choose import Wishes
from roadbed.delivery.builds.schedule import PruneSchedule
from roadbed.delivery.builds.settings import BuildSettings
from roadbed.delivery.builds.tables import BuildRow, SourceRow
from roadbed.delivery.tables import ReleaseRow
from roadbed.kit.clock import SystemClock
from roadbed.kit.errors import Refused
from roadbed.storage.database import Database

NOW = datetime.now(UTC)


class Site:
    """A home and a database with builds that were last used so many days ago."""

    def __init__(self, home: Path, control: Control) -> None:
        self.bench, self.control = Bench(home, this_machine()), control
        settings = BuildSettings()
        self.pruning = Pruning(home, allow, FakeAudit(), control.operations, SystemClock(), settings)  # type: ignore[arg-type]  # records only
        self.schedule = PruneSchedule(control.database, self.pruning, settings, SystemClock())
        control.operations.register(PRUNE, self.pruning.run)

    async def build(self, text: str, *, days: float) -> Build:
        folder = await self.bench.build({"a.txt": text}, Wishes(commands=(("true",),)))
        source = await self.bench.source({"a.txt": text})
        at = NOW - timedelta(days=days)
        build = Build(
            folder.name, source, {}, at, "user:ada", at, 1.0, 1, str(folder.parent / f"logs/{folder.name}.log")
        )
        async with self.control.database.call(OWNER) as call:
            await repository.add(call.session, build)
            await repository.add_source(call.session, Source(source, 1), build.origin, at, "user:ada")
        return build

    async def release(self, build: Build, status: str) -> None:
        async with self.control.database.call(OWNER) as call:
            call.session.add(
                ReleaseRow(
                    stack="a@dev",
                    number=sum(map(ord, status)),
                    status=status,
                    source=build.source,
                    build=build.digest,
                    settings={},
                    plan=1,
                    operation="op",
                    sandboxed=True,
                    created_at=NOW,
                    created_by="x",
                )
            )

    async def prune(self, **asked: Any) -> dict[str, Any]:
        async with self.control.database.call(OWNER) as call:
            operation = await self.pruning.request(call, **asked)
        done = await self.control.ended(operation.id)
        assert done.result is not None, done.error
        return dict(done.result)

    def there(self, build: Build) -> bool:
        return self.bench.builder.has(build.digest)


@pytest.fixture
async def site(home: Path, database: Database) -> AsyncIterator[Site]:
    async with open_control(database) as control:
        yield Site(home, control)


async def test_what_no_release_needs_goes_and_all_else_stays(site: Site) -> None:
    builds = {
        name: await site.build(name, days=days)
        for name, days in {"active": 90, "superseded": 90, "failed": 90, "old": 80, "older": 85, "young": 0}.items()
    }
    for status in ("active", "superseded", "failed"):
        await site.release(builds[status], status)
    tried = await site.prune(keep=0, older_than_days=30, dry_run=True)
    assert set(tried["builds"]) == {builds[name].digest for name in ("failed", "old", "older")}
    assert tried["freed"] > 0
    assert tried["kept"] == {"needed": 2, "newest": 0, "recent": 1, "last_hour": 0}
    assert all(site.there(build) for build in builds.values())

    kept = await site.prune(keep=2, older_than_days=30)
    assert set(kept["builds"]) == {builds[name].digest for name in ("failed", "older")}

    failed = site.bench.builder.folder / "logs" / f"{'f' * 64}.log"
    failed.write_text("it failed")
    os.utime(failed, (0, 0))
    done = await site.prune(keep=0, older_than_days=0)
    assert not failed.exists()
    assert done["builds"] == [builds["old"].digest]
    assert done["kept"] == {"needed": 2, "newest": 0, "recent": 0, "last_hour": 1}
    assert {name for name, build in builds.items() if site.there(build)} == {"active", "superseded", "young"}
    left = {path.name for path in (site.bench.home / "sources").iterdir()}
    assert left == {builds[name].source for name in ("active", "superseded", "young")}
    assert done["before"]["total"] > done["after"]["total"]
    async with site.control.database.call(OWNER) as call:
        assert await repository.get(call.session, builds["old"].digest) is None


async def test_a_layer_goes_with_the_last_artifact_that_mounts_it(site: Site) -> None:
    layers = site.bench.builder.folder / "layers"
    folder = await site.bench.build({"main.py": "print(1)"})
    (layers / ("0" * 64)).mkdir()
    old = time.time() - 7200
    for layer in layers.iterdir():
        os.utime(layer, (old, old))
    done = await site.prune()
    assert done["layers"] == 1
    assert [layer.name for layer in layers.iterdir()] != ["0" * 64]
    assert (folder / "artifact.json").is_file()


async def test_a_build_that_is_asked_for_again_is_not_pruned(site: Site) -> None:
    build = await site.build("again", days=90)
    async with site.control.database.call(OWNER) as call:
        before = NOW - timedelta(days=30)
        assert await repository.use(call.session, build.digest, NOW, build.origin) is not None
        assert not await repository.remove(call.session, build.digest, before)


async def test_it_is_asked_for_once_a_day_by_whoever_is_first(site: Site) -> None:
    await site.build("old", days=90)
    assert [await site.schedule.ask(), await site.schedule.ask()] == [True, False]


async def test_who_may_not_manage_the_platform_prunes_nothing(site: Site, home: Path) -> None:
    pruning = Pruning(home, refuse, FakeAudit(), site.control.operations, SystemClock(), BuildSettings())  # type: ignore[arg-type]
    async with site.control.database.call(OWNER) as call:
        with pytest.raises(Refused):
            await pruning.request(call)


async def test_a_source_that_is_sent_again_counts_as_new(site: Site) -> None:
    async with site.control.database.call(OWNER) as call:
        source, before = Source("a" * 64, 1), NOW - timedelta(days=30)
        build = Build("b" * 64, source.digest, {}, NOW, "x", NOW, 1.0, 1, "")
        await repository.add_source(call.session, source, build.origin, NOW - timedelta(days=90), "x")
        assert await repository.unused_sources(call.session, before) == [source.digest]
        await repository.add_source(call.session, source, build.origin, NOW, "x")
        assert await repository.unused_sources(call.session, before) == []
        await call.session.execute(update(SourceRow).values(sent_at=NOW - timedelta(days=90)))
        await repository.add(call.session, build)
        assert await repository.unused_sources(call.session, before) == []
        await call.session.execute(update(BuildRow).values(source="c" * 64))
        assert await repository.unused_sources(call.session, before) == [source.digest]
