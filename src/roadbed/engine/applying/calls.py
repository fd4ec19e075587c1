"""Every call of a provider in an apply: with its time-out, its reports, its answer checked and its secrets hidden."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from roadbed.engine.applying import answers
from roadbed.engine.applying.desiring import Desiring, plain
from roadbed.engine.applying.patience import T, patiently
from roadbed.engine.applying.runner import Watcher, Work
from roadbed.engine.domain import Recorded, Step
from roadbed.kit.errors import NotFound, RoadbedError
from roadbed.providers.driver import Actual, Desired, Provider, Report

KeepLast: TypeAlias = Callable[[Provider, Desired, str, Report], Awaitable[None]]
"""Keeps what a resource holds, by its provider, as it is recorded, and its id, before it is deleted."""


@dataclass(slots=True)
class Calls:
    """Each raises a RoadbedError: what the provider says, or TimedOut, or BadAnswer."""

    desiring: Desiring
    providers: Mapping[str, Provider]
    watcher: Watcher
    keep_last: KeepLast | None = None
    told_ids: dict[str, str] = field(default_factory=dict)
    """By token: the identity that a wrong answer told. By it what was made can be deleted."""
    _cut: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def cut_off(self) -> None:
        """Ends what still runs, as if its time were over."""
        if not self._cut.done():
            self._cut.set_result(None)

    async def create(self, work: Work, desired: Desired) -> Actual:
        provider = self.providers[work.step.type]
        return await self._ask(work, "create", desired, lambda report: provider.create(desired, report))

    async def update(self, work: Work, desired: Desired, id: str, prior: Recorded | None = None) -> Actual:
        """Of `prior`, the outputs that the update may not change are held to."""
        provider = self.providers[work.step.type]
        return await self._ask(work, "update", desired, lambda report: provider.update(desired, id, report), prior)

    async def read(self, work: Work, desired: Desired, id: str) -> Actual:
        """What must be there. Raises NotFound. The world may not tell its secrets: what is imported gets others."""
        step, provider = work.step, self.providers[work.step.type]
        untold = frozenset(provider.types[step.type].secret_outputs)

        async def look(report: Report) -> Actual:
            actual = answers.readable(await provider.read(desired, id))
            if actual is not None:
                return actual
            source = step.source
            raise NotFound(
                f"there is no {step.type} {id!r}",
                hint="check its id",
                file=source.file if source else None,
                line=source.line if source else None,
            )

        return await self._ask(work, "read", desired, look, untold=untold)

    async def is_there(self, work: Work, row: Recorded) -> bool:
        """By its id, whatever its name is now."""
        desired, provider = self.desiring.of_row(row), self.providers[row.type]
        configured = row.options.provider
        return await self._call(work, "read", desired, lambda _: provider.read(desired, row.id), configured) is not None

    async def keep(self, work: Work, row: Recorded) -> None:
        """What it holds is kept for a while, where somebody does that."""
        if self.keep_last is None:
            return
        desired, provider = self.desiring.of_row(row), self.providers[row.type]
        keep = partial(self.keep_last, provider, desired, row.id)
        await self._call(work, "backup", desired, keep, row.options.provider)

    async def delete(self, work: Work, row: Recorded) -> None:
        desired, provider = self.desiring.of_row(row), self.providers[row.type]
        await self._call(work, "delete", desired, partial(provider.delete, desired, row.id), row.options.provider)

    async def settle(self, work: Work, desired: Desired, id: str) -> None:
        settle = partial(self.providers[work.step.type].settle, desired, id)
        await self._call(work, "update", desired, settle, work.step.options.provider)

    async def _call(
        self,
        work: Work,
        what_for: str,
        desired: Desired,
        ask: Callable[[Report], Awaitable[T]],
        provider: str | None,
    ) -> T:
        """`provider` is the URN of what configures it."""

        async def report(text: str) -> None:
            self.watcher.said(work.step, text)

        what = f"{desired.type} {desired.urn.partition('#')[0]}"
        limit = work.step.options.timeouts.get(what_for)
        secrets = partial(self.desiring.hidden, desired, provider)
        return await patiently(what, ask, report, work.place, limit=limit, cut=self._cut, hide=secrets)

    async def _ask(
        self,
        work: Work,
        what_for: str,
        desired: Desired,
        ask: Callable[[Report], Awaitable[Actual]],
        prior: Recorded | None = None,
        untold: frozenset[str] = frozenset(),
    ) -> Actual:
        """What it answers is checked as part of the call, so that nothing of it is in an error either."""

        async def checked(report: Report) -> Actual:
            actual = await ask(report)
            self._check(work.step, desired, actual, prior, untold)
            return actual

        return await self._call(work, what_for, desired, checked, work.step.options.provider)

    def _check(
        self, step: Step, desired: Desired, actual: Actual, prior: Recorded | None, untold: frozenset[str]
    ) -> None:
        """Raises BadAnswer; what the answer tells of the identity is kept."""
        told = self.desiring.hidden(desired, step.options.provider)
        changed = frozenset(change.path.partition(".")[0] for change in step.changes)
        declared = self.providers[step.type].types[step.type]
        try:
            answers.check(actual, declared, told, plain(desired) if told else None, prior, changed, untold)
        except RoadbedError:
            self.told_ids[desired.token] = answers.known_id(actual, told)
            raise
