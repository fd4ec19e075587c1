"""How the steps of a plan run: in dependency order, in parallel, journaled.

Creations and updates of infrastructure come first, then rollouts, and deletions last, in reverse order of dependency,
and only when everything before them has succeeded and settled: so a failed deployment leaves the old release whole.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from roadbed.engine.domain import Plan, Recorded, Step
from roadbed.engine.errors import ApplyFailed, LeftOut
from roadbed.engine.journal import Journal
from roadbed.engine.known import output_context
from roadbed.engine.values import Known, record, resolve, reveal
from roadbed.kit.errors import Conflict, Problem, RoadbedError
from roadbed.providers.driver import Actual, Desired, Provider, Transient
from roadbed.secrets.service import Secrets

T = TypeVar("T")

ATTEMPTS = 5
FIRST_DELAY_S = 0.2
PARALLEL_PER_PROVIDER = 10


class Watcher(Protocol):
    """Who follows an apply."""

    async def began(self, step: Step) -> None: ...
    async def ended(self, step: Step, error: RoadbedError | None) -> None: ...
    async def said(self, step: Step, text: str) -> None: ...
    async def check_cancelled(self) -> None:
        """Raises when no further step may begin."""
        ...


@dataclass(slots=True)
class Execution:
    """One apply of one plan. `state` changes as steps end; `done` are those that an earlier attempt ended."""

    plan: Plan
    state: dict[str, Recorded]
    known: Known
    providers: Mapping[str, Provider]
    journal: Journal
    secrets: Secrets
    watcher: Watcher
    release: int | None = None
    owner: str | None = None
    done: frozenset[str] = frozenset()
    failures: dict[str, RoadbedError] = field(default_factory=dict)
    _limits: dict[str, asyncio.Semaphore] = field(default_factory=dict)

    async def run(self) -> None:
        """Raises ApplyFailed with every failure once all that does not depend on a failed step has run."""
        making = [step for step in self.plan.changing if step.action != "delete"]
        rollouts = [step for step in making if step.phase == "rollout"]
        deletions = [step for step in self.plan.changing if step.action == "delete"]
        await self._phase([step for step in making if step.phase != "rollout"], lambda step: step.depends_on)
        await self._phase(rollouts, lambda step: step.depends_on)
        if deletions:
            await asyncio.gather(*(self._settle(step) for step in rollouts))
            await self._phase(deletions, _reversed(deletions))

    async def _phase(self, steps: Sequence[Step], predecessors: Callable[[Step], Iterable[str]]) -> None:
        """Runs the steps, each after its predecessors among them."""
        tasks: dict[str, asyncio.Task[None]] = {}
        ready = {step.urn: asyncio.Event() for step in steps}
        for step in steps:
            before = [urn for urn in predecessors(step) if urn in ready]
            tasks[step.urn] = asyncio.create_task(self._after(step, before, ready))
        try:
            await asyncio.gather(*tasks.values())
        except BaseException:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            raise
        if self.failures:
            raise _summary(self.plan, self.failures)

    async def _after(self, step: Step, before: Sequence[str], ready: Mapping[str, asyncio.Event]) -> None:
        for urn in before:
            await ready[urn].wait()
        try:
            if step.urn not in self.done and not any(urn in self.failures for urn in before):
                await self.watcher.check_cancelled()
                await self._run(step)
            elif step.urn not in self.done:
                failed = next(urn for urn in before if urn in self.failures)
                self.failures[step.urn] = LeftOut(f"left out, because {failed} failed")
        finally:
            ready[step.urn].set()

    async def _run(self, step: Step) -> None:
        limit = self._limits.setdefault(_provider_name(step.type), asyncio.Semaphore(PARALLEL_PER_PROVIDER))
        async with limit:
            await self.watcher.began(step)
            await self.journal.intent(step)
            try:
                recorded = await self._effect(step)
            except RoadbedError as error:
                self.failures[step.urn] = error
                await self.journal.failed(step, error.to_dict(), self._broken(step))
                await self.watcher.ended(step, error)
                return
            await self.journal.succeeded(step, recorded)
            if recorded is None:
                self.state.pop(step.urn, None)
            else:
                self.state[step.urn] = recorded
            await self.watcher.ended(step, None)

    async def _effect(self, step: Step) -> Recorded | None:
        """Calls the provider. Returns the resource as it is now, or None when it is gone."""
        provider = self.providers[step.type]
        prior = self.state.get(step.urn)
        if step.action == "delete":
            if prior is not None:
                await self._patiently(step, lambda report: provider.delete(self._gone(prior), prior.id, report))
            return None
        desired = self._desired(step, prior)
        if step.action == "replace" and prior is not None:
            await self._patiently(step, lambda report: provider.delete(self._gone(prior), prior.id, report))
        if step.action == "update" and prior is not None:
            actual = await self._patiently(step, lambda report: provider.update(desired, prior.id, report))
        else:
            actual = await self._patiently(step, lambda report: provider.create(desired, report))
        return self._recorded(step, actual)

    async def _patiently(self, step: Step, work: Callable[[Callable[[str], Awaitable[None]]], Awaitable[T]]) -> T:
        """Tries again, with growing and jittered delays, what the provider calls transient."""

        async def report(text: str) -> None:
            await self.watcher.said(step, text)

        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await work(report)
            except Transient as error:
                if attempt == ATTEMPTS:
                    raise
                delay = FIRST_DELAY_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries
                await report(f"{error.message}; trying again in {delay:.1f} s")
                await asyncio.sleep(delay)
        raise AssertionError("unreachable")

    def _desired(self, step: Step, prior: Recorded | None) -> Desired:
        resolved = {name: resolve(value, self.known) for name, value in step.properties.items()}
        self._check_foreseen(step, resolved)
        properties, secret_paths = reveal(resolved)
        return Desired(
            urn=step.urn,
            type=step.type,
            name=step.name,
            stack=self.plan.stack,
            properties=properties,
            secret_paths=secret_paths,
            release=self.release,
            owner=self.owner,
            previous=prior.properties if prior else None,
        )

    def _check_foreseen(self, step: Step, resolved: Mapping[str, Any]) -> None:
        """What the plan showed must be what is applied; only what it called unknown may differ."""
        now = {name: record(value, self.secrets.fingerprint) for name, value in resolved.items()}
        for name, foreseen in step.after.items():
            if not _agrees(foreseen, now[name]):
                raise Conflict(
                    f"{name!r} of {step.urn} is no longer what the plan showed",
                    hint="make a new plan and apply that one",
                )

    def _gone(self, prior: Recorded) -> Desired:
        return Desired(
            urn=prior.urn,
            type=prior.type,
            name=prior.name,
            stack=self.plan.stack,
            properties=prior.properties,
            owner=self.owner,
            previous=prior.properties,
        )

    def _recorded(self, step: Step, actual: Actual) -> Recorded:
        resolved = {name: resolve(value, self.known) for name, value in step.properties.items()}
        sealed = {
            name: self.secrets.seal(value, context=output_context(step.urn, name))
            for name, value in actual.secrets.items()
        }
        return Recorded(
            urn=step.urn,
            type=step.type,
            name=step.name,
            id=actual.id,
            properties={name: record(value, self.secrets.fingerprint) for name, value in resolved.items()},
            depends_on=step.depends_on,
            outputs=actual.outputs,
            sealed=sealed,
            release=self.release,
            source=step.source,
        )

    def _broken(self, step: Step) -> Recorded | None:
        """What stands in the state for a creation that failed: it may have left something to be deleted."""
        if step.action != "create" and step.urn in self.state:
            return None
        recorded = Recorded(
            urn=step.urn,
            type=step.type,
            name=step.name,
            id="",
            properties=step.after,
            depends_on=step.depends_on,
            source=step.source,
            broken=True,
        )
        self.state[step.urn] = recorded
        return recorded

    async def _settle(self, step: Step) -> None:
        recorded = self.state[step.urn]

        async def report(text: str) -> None:
            await self.watcher.said(step, text)

        await self.providers[step.type].settle(self._desired(step, recorded), recorded.id, report)


def _provider_name(type: str) -> str:
    return type.partition(":")[0]


def _reversed(steps: Sequence[Step]) -> Callable[[Step], Iterable[str]]:
    """Predecessors of a deletion: whatever depends on it. Rollouts go before the infrastructure that they use."""
    dependents: dict[str, set[str]] = {step.urn: set() for step in steps}
    rollouts = {step.urn for step in steps if step.phase == "rollout"}
    for step in steps:
        for urn in step.depends_on & dependents.keys():
            dependents[urn].add(step.urn)

    def predecessors(step: Step) -> Iterable[str]:
        return dependents[step.urn] | (rollouts if step.urn not in rollouts else set())

    return predecessors


def _agrees(foreseen: Any, now: Any) -> bool:
    """Whether a recorded value is the one that was foreseen; what was unknown agrees with anything."""
    match foreseen:
        case {"$unknown": True}:
            return True
        case Mapping():
            return (
                isinstance(now, Mapping)
                and foreseen.keys() == now.keys()
                and all(_agrees(item, now[key]) for key, item in foreseen.items())
            )
        case list():
            return isinstance(now, list) and len(foreseen) == len(now) and all(map(_agrees, foreseen, now))
        case _:
            return bool(foreseen == now)


def _summary(plan: Plan, failures: Mapping[str, RoadbedError]) -> ApplyFailed:
    """One failure speaks for itself; several are listed. What was left out because of them is only counted."""
    steps = {step.urn: step for step in plan.steps}
    problems = [_problem(steps[urn], error) for urn, error in failures.items() if not isinstance(error, LeftOut)]
    left_out = len(failures) - len(problems)
    rest = f" ({left_out} more left out, which depend on it)" if left_out else ""
    if len(problems) == 1:
        only = problems[0]
        return ApplyFailed(only.message + rest, hint=only.hint, file=only.file, line=only.line)
    return ApplyFailed(f"{len(problems)} of {len(plan.changing)} steps failed{rest}", problems=problems)


def _problem(step: Step, error: RoadbedError) -> Problem:
    source = step.source
    return Problem(
        f"{step.urn}: {error.message}", error.hint, source.file if source else None, source.line if source else None
    )
