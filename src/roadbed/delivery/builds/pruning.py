"""Removes builds that no release needs, then the layers and sources that nothing is made from any more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.run import Run, StepRun
from roadbed.control.service import Operations
from roadbed.delivery.builds import repository
from roadbed.delivery.builds.disk import Disk, Use
from roadbed.delivery.builds.domain import Build
from roadbed.delivery.builds.settings import BuildSettings
from roadbed.delivery.builds.sources import Sources
from roadbed.kit.access import PLATFORM, Authorise
from roadbed.kit.clock import Clock
from roadbed.storage.call import Call

PRUNE = "build.prune"
_YOUNG = timedelta(hours=1)
"""What was used since may be about to be released: nobody can ask for it to go."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Of the builds that no release needs, `keep` stay, and those used within `older_than_days`."""

    keep: int
    older_than_days: float
    dry_run: bool = False

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def before(self, now: datetime) -> datetime:
        return now - max(timedelta(days=self.older_than_days), _YOUNG)


def superfluous(unneeded: Sequence[Build], policy: Policy, now: datetime) -> list[Build]:
    """Which of the builds that no release needs, the last used first, the policy lets go. Pure."""
    before = policy.before(now)
    return [build for build in unneeded[policy.keep :] if build.used_at < before]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many builds stay, by the first reason for it: releases need them, they are the newest of the others, they
    were used within the policy's time, or in the last hour.
    """

    needed: int
    newest: int
    recent: int
    last_hour: int


def kept(total: int, unneeded: Sequence[Build], policy: Policy, now: datetime) -> Kept:
    """`total` counts all builds, `unneeded` are those of them that no release needs, the last used first. Pure."""
    rest = unneeded[policy.keep :]
    aged = now - timedelta(days=policy.older_than_days)
    recent = [build for build in rest if build.used_at >= aged]
    last_hour = [build for build in rest if aged > build.used_at >= now - _YOUNG]
    return Kept(total - len(unneeded), len(unneeded) - len(rest), len(recent), len(last_hour))


class Pruning:
    """Asks for prunings and does them: the handler of `build.prune` operations. `home` is ROADBED_HOME."""

    def __init__(
        self,
        home: Path,
        authorise: Authorise,
        audit: Audit,
        operations: Operations,
        clock: Clock,
        settings: BuildSettings,
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._clock, self._settings = clock, settings
        self._disk, self._sources = Disk(home), Sources(home)

    async def request(
        self,
        call: Call,
        *,
        keep: int | None = None,
        older_than_days: float | None = None,
        dry_run: bool = False,
    ) -> Operation:
        """What isn't said, the platform's settings say."""
        self._authorise(call.principal, "platform.manage", PLATFORM)
        policy = Policy(
            self._settings.keep if keep is None else keep,
            self._settings.older_than_days if older_than_days is None else older_than_days,
            dry_run,
        )
        title = "See which builds can go" if dry_run else "Prune builds"
        steps = (("prune", title),)
        operation = await self._operations.enqueue(
            call, kind=PRUNE, title=title, target=PLATFORM, input=asdict(policy), lock="builds", steps=steps
        )
        await self._audit.record(call, PRUNE, PLATFORM, detail={"operation": operation.id, **asdict(policy)})
        return operation

    async def run(self, run: Run) -> Mapping[str, Any]:
        self._authorise(run.principal, "platform.manage", PLATFORM)
        policy = Policy.from_dict(run.operation.input)
        title = "See which builds can go" if policy.dry_run else "Prune builds"
        done: Mapping[str, Any] = await run.step("prune", title, lambda step: self._prune(run, step, policy))
        return done

    async def _prune(self, run: Run, step: StepRun, policy: Policy) -> dict[str, Any]:
        now = self._clock.now()
        async with run.database.call(run.principal) as call:
            unneeded = await repository.unneeded(call.session)
            total = await repository.count(call.session)
        gone, stays = superfluous(unneeded, policy, now), kept(total, unneeded, policy, now)
        before = await asyncio.to_thread(self._disk.use)
        if policy.dry_run:
            digests = [build.digest for build in gone]
            layers = await asyncio.to_thread(self._disk.unused_layers, digests, now)
            after = await asyncio.to_thread(self._disk.use, {*digests, *layers})
            return _result(gone, stays, before, after, layers=len(layers), dry_run=True)
        removed = [build for build in gone if await self._remove(run, step, build, policy.before(now))]
        layers = await asyncio.to_thread(self._disk.remove_unused_layers, now)
        await asyncio.to_thread(self._disk.remove_old_logs, policy.before(now))
        sources = await self._remove_sources(run, policy.before(now))
        await step.log(f"Removed {len(removed)} builds, {len(layers)} layers and {sources} sources")
        after = await asyncio.to_thread(self._disk.use)
        return _result(removed, stays, before, after, layers=len(layers), sources=sources)

    async def _remove(self, run: Run, step: StepRun, build: Build, before: datetime) -> bool:
        """Its files go out of sight before its row does: who asks for it then builds it anew."""
        async with run.database.call(run.principal) as call:
            if not await repository.remove(call.session, build.digest, before):
                return False
            hidden = await asyncio.to_thread(self._disk.hide, build.digest)
        await asyncio.to_thread(self._disk.remove, hidden)
        await step.log(f"Removed {build.digest[:12]}, which was last used {build.used_at:%Y-%m-%d}")
        return True

    async def _remove_sources(self, run: Run, before: datetime) -> int:
        async with run.database.call(run.principal) as call:
            unused = await repository.unused_sources(call.session, before)
            for digest in unused:
                await repository.remove_source(call.session, digest)
                await asyncio.to_thread(self._sources.remove, digest)
        return len(unused)


def _result(
    builds: Sequence[Build],
    stays: Kept,
    before: Use,
    after: Use,
    *,
    layers: int,
    sources: int = 0,
    dry_run: bool = False,
) -> dict[str, Any]:
    return {
        "builds": [build.digest for build in builds],
        "kept": asdict(stays),
        "layers": layers,
        "sources": sources,
        "before": asdict(before),
        "after": asdict(after),
        "freed": before.total - after.total,
        "dry_run": dry_run,
    }
