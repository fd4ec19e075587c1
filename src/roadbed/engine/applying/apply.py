"""One apply of one stored plan: taken up where it stopped, ended truly, in transactions of its own.

The order in which things are committed is what makes it survive: with the plan's number as `applying` go the rewrites
and who uses whose exports; then the journal; with `applying` taken away go the exports and the history.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as altered
from typing import Literal, TypeAlias

from roadbed.audit.service import Audit, Outcome
from roadbed.control.errors import Superseded
from roadbed.control.events import Events
from roadbed.control.lost import is_lost
from roadbed.engine import records, repository
from roadbed.engine.applying import failures, rewriting
from roadbed.engine.applying.calls import Calls, KeepLast
from roadbed.engine.applying.desiring import Desiring
from roadbed.engine.applying.executor import Executor
from roadbed.engine.applying.exporting import refuse_if_consumed, resolved_exports, unresolved_exports
from roadbed.engine.applying.journal import Journal, holding
from roadbed.engine.applying.leftovers import left_behind
from roadbed.engine.applying.rows import Entry, Writer
from roadbed.engine.applying.runner import Runner, Watcher
from roadbed.engine.applying.told import Told
from roadbed.engine.bodies import changed_since
from roadbed.engine.domain import Plan, Recorded, Stack
from roadbed.engine.errors import ApplyFailed, PlanChanged
from roadbed.engine.judging import case_of
from roadbed.engine.known import KnownState
from roadbed.engine.planning.frontier import Frontier
from roadbed.engine.planning.schedule import Effect, schedule
from roadbed.engine.refusing import is_stale, refuse_if_forbidden, was_changed
from roadbed.engine.stack_info import Gate, LastKeeper, SecretStore, StackInfo
from roadbed.kit.access import Principal
from roadbed.kit.clock import Clock
from roadbed.kit.errors import Conflict, NotFound, RoadbedError
from roadbed.policy.service import Policies
from roadbed.providers.driver import Desired, Provider, Report, Transient
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.waivers.in_force import WaiversInForce

log = logging.getLogger(__name__)

HowItEnded: TypeAlias = Literal["done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What every apply works with."""

    database: Database
    audit: Audit
    events: Events
    clock: Clock
    secrets: Secrets
    providers: Mapping[str, Provider]
    secret_store: SecretStore
    policies: Policies
    waivers: WaiversInForce
    gate: Gate
    last_keeper: LastKeeper | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A plan whose apply goes on, with the state as it is, and the effects that have ended well.

    `doubtful` are those that an earlier attempt may have begun, and of which no end is known.
    """

    plan: Plan
    state: dict[str, Recorded]
    known: KnownState
    done: frozenset[str]
    doubtful: frozenset[str]


class Applying:
    def __init__(
        self,
        tools: Tools,
        principal: Principal,
        stack: StackInfo,
        number: int,
        *,
        asks: bool = True,
        final_backups: bool = True,
    ) -> None:
        self._tools, self._principal, self._stack, self._number = tools, principal, stack, number
        self._asks, self._final_backups = asks, final_backups
        self._name = str(stack.name)
        self._types = {name: provider.types[name] for name, provider in tools.providers.items()}

    async def run(self, watcher: Watcher, release: int | None) -> Plan:
        """Raises StalePlan, PlanChanged, PolicyRefused, StackBusy, ApplyFailed, or what says that it was cancelled.

        What says that the database is lost, or that another worker took it over, leaves the apply as begun: it is taken
        up again. Anything else ends it.
        """
        tools = self._tools
        async with holding(tools.database, self._name) as connection:
            if (ended := await self._ended_before()) is not None:
                return ended
            await self._settle_abandoned()
            begun = await self._begin(watcher)
            journal = Journal(connection, self._writer(self._number, begun.state), tools.clock)
            told = Told(watcher, journal, tools.database, tools.events, self._stack)
            desiring = Desiring(self._name, begun.state, begun.known, tools.secrets, self._stack.owner, release)
            calls = Calls(desiring, tools.providers, told, self._keep_last())
            executor = Executor(begun.plan, begun.state, desiring, tools.providers, calls, begun.doubtful)
            effects = schedule(begun.plan)
            frontier = Frontier(effects, begun.done)
            runner = Runner(frontier, executor.perform, journal, told, executor.bound, calls.cut_off)
            try:
                await runner.run()
            except Exception as error:
                if not (isinstance(error, Superseded) or is_lost(error)):
                    await self._break_off(begun, frontier, runner, error)
                raise
            return await self._ended(begun, frontier, effects)

    def _keep_last(self) -> KeepLast | None:
        keeper, kind, by = self._tools.last_keeper, self._stack.kind, str(self._principal)
        if keeper is None or not self._final_backups:
            return None

        async def keep(provider: Provider, desired: Desired, id: str, report: Report) -> None:
            try:
                await keeper.before_deletion(provider, desired, id, kind, by, report)
            except Transient:
                raise
            except RoadbedError as error:
                raise Conflict(
                    f"{desired.name} is not deleted, since no last backup of it can be made: {error.message}",
                    hint="mend that, or delete it without one: `--no-final-backup` of destroy and of resource remove",
                ) from error

        return keep

    async def _break_off(self, begun: Begun, frontier: Frontier, runner: Runner, error: Exception) -> None:
        """Whoever stops it, or whatever: nobody takes it up, so what may have been done without being known is told."""
        doubtful = begun.doubtful | runner.begun
        if error is runner.stopped:
            await self._end(begun, frontier, "cancelled", doubtful=doubtful)
            return
        log.error("the apply of plan %s of %s was broken off", self._number, self._name)
        told = ApplyFailed("a mistake in the platform ended this apply", hint="the server's log says more")
        await self._end(begun, frontier, "failed", {"error": told.to_dict()}, doubtful=doubtful)

    async def _ended(self, begun: Begun, frontier: Frontier, effects: tuple[Effect, ...]) -> Plan:
        plan = begun.plan
        if frontier.failures:
            failed = failures.summary(plan, {effect.key: effect for effect in effects}, frontier.failures)
        elif unresolved := unresolved_exports(plan.exports or {}, begun.known):
            failed = unresolved
        else:
            await self._end(begun, frontier, "done")
            return plan
        await self._end(begun, frontier, "failed", {"error": failed.to_dict()})
        raise failed

    async def _ended_before(self) -> Plan | None:
        """Whoever applied it may have died when it had just ended, and asks again. Raises what it raised then."""
        async with self._tools.database.call(self._principal) as call:
            outcome = await records.outcome(call.session, self._name, self._number)
            if outcome is None or outcome.outcome == "cancelled":
                return None
            if "error" in outcome.summary:
                raise failures.restored(outcome.summary["error"])
            return await self._plan(call)

    async def _begin(self, watcher: Watcher) -> Begun:
        """Raises what `watcher.check_cancelled` raises, as long as nothing was done."""
        tools = self._tools
        async with tools.database.call(self._principal) as call:
            plan = await self._plan(call)
            row = await repository.stack(call.session, self._name, lock=True)
            state = await repository.resources(call.session, self._name)
            if row is None or row.applying != self._number:
                await watcher.check_cancelled()
                await self._begin_anew(call, plan, row, state)
                state = await repository.resources(call.session, self._name) if plan.rewrites else state
            held = await tools.secret_store.held(call, self._stack)
            exported = await records.imported(call.session, plan.imports)
            known = KnownState(self._name, state, held, tools.secrets, exported)
            done = await repository.succeeded(call.session, self._name, self._number)
            doubtful = frozenset(await repository.begun(call.session, self._name, self._number))
            return Begun(plan, state, known, done, doubtful)

    async def _plan(self, call: Call) -> Plan:
        plan = await repository.plan(call.session, self._name, self._number)
        if plan is None:
            raise NotFound(f"{self._name} has no plan {self._number}", hint=f"see: roadbed stack plans {self._name}")
        if changed_since(plan):
            raise was_changed(plan.stack, plan.number)
        verdicts = await self._tools.waivers.over(call, self._name, plan.verdicts)
        return altered(plan, verdicts=verdicts)

    async def _begin_anew(self, call: Call, plan: Plan, row: Stack | None, state: Mapping[str, Recorded]) -> None:
        """What has begun is brought to its end whatever ends meanwhile: a waiver, or an approval."""
        refuse_if_forbidden(plan)
        if row is None or row.serial != plan.base:
            raise is_stale(plan)
        if self._asks:
            await self._tools.gate.check(call, self._stack, plan)
        await self._judge_again(call, plan, state)
        await refuse_if_consumed(call.session, self._name, plan.exports)
        await records.save_consumption(call.session, self._name, plan.imports, whole=False)
        await self._rewrite(call, plan, state)
        await repository.advance(call.session, self._name, applying=self._number)

    async def _judge_again(self, call: Call, plan: Plan, state: Mapping[str, Recorded]) -> None:
        """What other stacks of the team hold may have changed since. Of two applies that begin at once, the second sees
        the first.
        """
        if (owner := self._stack.owner) is not None:
            await repository.lock_team(call.session, owner, self._stack.name.environment)
        case = case_of(self._stack, plan, state)
        verdicts = await self._tools.policies.judge_again(call, case)
        refuse_if_forbidden(altered(plan, verdicts=await self._tools.waivers.over(call, self._name, verdicts)))

    async def _rewrite(self, call: Call, plan: Plan, state: Mapping[str, Recorded]) -> None:
        if entries := rewriting.rewritten(plan, state, self._tools.secrets):
            await self._write(call, self._number, entries, state)

    async def _write(self, call: Call, number: int, entries: Sequence[Entry], state: Mapping[str, Recorded]) -> None:
        """Entries of the journal with their rows, in the caller's transaction."""
        connection = await repository.raw(call.session)
        await self._writer(number, state).write(connection, entries, self._tools.clock.now())

    def _writer(self, number: int, state: Mapping[str, Recorded]) -> Writer:
        return Writer(self._name, number, {row.key: (row.urn, row.deposed) for row in state.values()})

    async def _settle(self, call: Call, plan: Plan, doubtful: frozenset[str]) -> frozenset[str]:
        """The keys of steps of which it is not known whether they were done."""
        begun = doubtful.intersection(await repository.begun(call.session, self._name, plan.number))
        state = await repository.resources(call.session, self._name)
        if entries := left_behind(plan, begun, state, self._types):
            await self._write(call, plan.number, entries, state)
        return frozenset(effect.step.key for effect in schedule(plan) if effect.step and effect.key in begun)

    async def _settle_abandoned(self) -> None:
        """An apply of another plan that was given up without being taken up again: what it may have made is broken."""
        async with self._tools.database.call(self._principal) as call:
            row = await repository.stack(call.session, self._name, lock=True)
            if row is None or row.applying in (None, self._number):
                return
            begun = frozenset(await repository.begun(call.session, self._name, row.applying))
            state = await repository.resources(call.session, self._name)
            entries = await self._left_behind(call, row.applying, begun, state)
            if entries:
                await self._write(call, row.applying, entries, state)
            await repository.advance(call.session, self._name, applying=None, at=self._tools.clock.now())

    async def _left_behind(
        self, call: Call, number: int, begun: frozenset[str], state: Mapping[str, Recorded]
    ) -> Sequence[Entry]:
        try:
            abandoned = await repository.plan(call.session, self._name, number)
        except PlanChanged as changed:
            log.warning(
                "%s while it was applied; what was begun may be left over: %s", changed, ", ".join(sorted(begun))
            )
            return []
        return left_behind(abandoned, begun, state, self._types) if abandoned else []

    async def _end(
        self,
        begun: Begun,
        frontier: Frontier,
        outcome: HowItEnded,
        detail: Mapping[str, object] | None = None,
        doubtful: frozenset[str] = frozenset(),
    ) -> None:
        """The history counts what was done, whatever was planned. Of `doubtful` effects, those without an outcome
        leave rows that say so.
        """
        tools, plan, whole = self._tools, begun.plan, outcome == "done"
        now = tools.clock.now()
        async with tools.database.call(self._principal) as call:
            lost = await self._settle(call, plan, doubtful) if doubtful else frozenset()
            if plan.exports is not None:
                found = resolved_exports(self._name, plan.exports, begun.known, tools.secrets)
                keep = (
                    plan.exports.keys() if whole else {*plan.exports, *await records.exports(call.session, self._name)}
                )
                await records.save_exports(call.session, self._name, found, keep)
            if whole and plan.exports is not None:
                await records.save_consumption(call.session, self._name, plan.imports, whole=True)
            await repository.advance(call.session, self._name, applying=None, at=now)
            done: Counter[str] = Counter(
                step.action
                for step in plan.steps
                if step.action == "none" or (step.key in frontier.finished and step.key not in lost)
            )
            await records.add_history(
                call.session, self._name, now, str(self._principal), "apply",
                plan=self._number, outcome=outcome, summary={**done, **(detail or {})},
            )  # fmt: skip
            event = {"owner": self._stack.owner}
            await tools.events.emit(call, "stack.changed", f"stack:{self._name}", event)
            audited: Outcome = "done" if whole else "failed"
            about = {"plan": self._number, "ended": outcome}
            await tools.audit.record(call, "stack.apply", self._stack.target, outcome=audited, detail=about)
