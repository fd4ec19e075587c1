"""The door to states as people look at them: what there is, how it came to be, and whether the world still agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.engine import records, repository
from roadbed.engine.bodies import read_rows
from roadbed.engine.domain import Change, Recorded, Stack
from roadbed.engine.holdings import Holding, held_after, held_now
from roadbed.engine.planning.differences import changes
from roadbed.engine.service import StackInfo
from roadbed.engine.state import document as state_document
from roadbed.engine.state import rows as state_rows
from roadbed.engine.state.drift import DriftReport
from roadbed.engine.views import (
    HistoryEntry,
    JournalEntry,
    PlanBill,
    PlanHead,
    StackOutput,
    StackSummary,
    StackVerdicts,
    Version,
)
from roadbed.kit.access import Authorise, Target, may, require_somebody
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound
from roadbed.kit.names import StackName
from roadbed.storage.call import Call

MAX_JOURNAL = 10_000


class States:
    def __init__(self, authorise: Authorise, audit: Audit, events: Events, clock: Clock) -> None:
        self._authorise, self._audit, self._events, self._clock = authorise, audit, events, clock

    async def list(self, call: Call, environment: str | None = None) -> Sequence[StackSummary]:
        """Those that the caller may see, by name."""
        require_somebody(call.principal)
        found = await state_rows.summaries(call.session, environment)
        return [item for item in found if may(self._authorise, call.principal, "stack.view", _info(item).target)]

    async def owners(self, call: Call) -> frozenset[str]:
        """Whoever owns a stack, as it was written."""
        self._authorise(call.principal, "policy.view", Target("policy"))
        return await state_rows.owners(call.session)

    async def find(self, call: Call, name: StackName) -> StackSummary | None:
        """None also for a stack that the caller may not see."""
        require_somebody(call.principal)
        found = await state_rows.summary(call.session, str(name))
        if found is None or not may(self._authorise, call.principal, "stack.view", _info(found).target):
            return None
        return found

    async def failed(self, call: Call, info: StackInfo) -> int:
        """How many resources a failure left unfinished."""
        self._authorise(call.principal, "stack.view", info.target)
        return await state_rows.unfinished(call.session, str(info.name))

    async def history(self, call: Call, info: StackInfo, limit: int = 100) -> Sequence[HistoryEntry]:
        """The newest first."""
        self._authorise(call.principal, "stack.view", info.target)
        return await records.history(call.session, str(info.name), limit)

    async def plans(self, call: Call, info: StackInfo, limit: int = 100) -> Sequence[PlanHead]:
        """The newest first; those of deployments, too."""
        self._authorise(call.principal, "plan.view", info.target)
        return await records.plan_heads(call.session, str(info.name), limit)

    async def verdicts(self, call: Call, environment: str | None = None) -> Sequence[StackVerdicts]:
        """What policies said of the newest plan of each stack that the caller may see, by name."""
        require_somebody(call.principal)
        found = await records.newest_verdicts(call.session, environment)
        return [one for one in found if may(self._authorise, call.principal, "stack.view", _info(one).target)]

    async def bills(self, call: Call, limit: int) -> Sequence[PlanBill]:
        """What the newest plans make of what their stacks cost, of those stacks that the caller may see."""
        require_somebody(call.principal)
        found = await records.newest_bills(call.session, limit)
        return [one for one in found if may(self._authorise, call.principal, "plan.view", _info(one).target)]

    async def holdings(self, call: Call, owner: str, environment: str) -> Sequence[Holding]:
        """What each stack of a group holds in an environment, and what is being made of it right now; by stack."""
        self._authorise(call.principal, "stack.view", Target("stack", owner=owner, environment=environment))
        stacks = await repository.stacks_of(call.session, owner, environment)
        rows = await repository.resources_of(call.session, [stack.name for stack in stacks])
        return [await self._holding(call, stack, rows[stack.name]) for stack in stacks]

    async def _holding(self, call: Call, stack: Stack, rows: Mapping[str, Recorded]) -> Holding:
        if stack.applying is None:
            return Holding(stack.name, held_now(rows))
        plan = await repository.plan(call.session, stack.name, stack.applying)
        return Holding(stack.name, held_now(rows), held_after(plan.steps, rows) if plan else {})

    async def versions(self, call: Call, info: StackInfo, urn: str, limit: int = 100) -> Sequence[Version]:
        """What plans have made of a resource, the newest first. Raises NotFound for one that there never was."""
        self._authorise(call.principal, "stack.view", info.target)
        found = await records.journal_of(call.session, str(info.name), urn, limit + 1)
        if not found and urn not in await repository.resources(call.session, str(info.name)):
            raise NotFound(f"{info.name} has no resource {urn!r}", hint=f"see: roadbed stack show {info.name}")
        documents = [next(iter(read_rows([text]).values()), None) if text != "null" else None for _, _, text in found]
        older = [*documents[1:], None]
        return [
            Version(line.id, line.at, plan, line.do, line.event, _difference(old, new), line.error)
            for (line, plan, _), new, old in zip(found, documents, older, strict=True)
        ][:limit]

    async def outputs(self, call: Call, info: StackInfo) -> Sequence[StackOutput]:
        """What the stack exports, by name, and who uses it."""
        self._authorise(call.principal, "stack.view", info.target)
        found = await records.exports(call.session, str(info.name))
        users = await records.consumers(call.session, str(info.name))
        return [
            StackOutput(name, item.value, item.sealed is not None, tuple(users.get(name, ())))
            for name, item in found.items()
        ]

    async def consumption(self, call: Call) -> Sequence[tuple[str, str, str]]:
        """Which export of which stack is used by which, among the stacks that the caller may see."""
        seen = {item.name for item in await self.list(call)}
        return [use for use in await records.consumption(call.session) if use[0] in seen and use[2] in seen]

    async def journal(self, call: Call, info: StackInfo, plan: int, after: int = 0) -> Sequence[JournalEntry]:
        """What has happened in the apply of a plan since the entry `after`, at most 10,000 at a time."""
        self._authorise(call.principal, "plan.view", info.target)
        return await records.journal_after(call.session, str(info.name), plan, after, MAX_JOURNAL)

    async def export(self, call: Call, info: StackInfo) -> Mapping[str, Any]:
        """The state document: see `state_document.py`. Secrets in it are sealed."""
        self._authorise(call.principal, "stack.export", info.target)
        row = await repository.stack(call.session, str(info.name))
        state = await repository.resources(call.session, str(info.name))
        exports = await records.exports(call.session, str(info.name))
        await self._audit.record(call, "stack.export", info.target, detail={"resources": len(state)})
        return state_document.write(str(info.name), row.serial if row else 0, state, exports.values())

    async def drift(self, call: Call, info: StackInfo) -> DriftReport:
        """The last report; an empty one whose `at` is None while nobody has looked."""
        self._authorise(call.principal, "stack.view", info.target)
        stored = await state_rows.drift(call.session, str(info.name))
        row = await repository.stack(call.session, str(info.name))
        if stored is None:
            return DriftReport(str(info.name))
        found = msgspec.convert(stored["report"], DriftReport)
        return replace(found, stale=row is None or row.serial != found.serial)

    async def save_drift(self, call: Call, info: StackInfo, report: DriftReport) -> None:
        """Keeps the report of a scan in place of the one before."""
        self._authorise(call.principal, "stack.plan", info.target)
        now = report.at or self._clock.now()
        counts = {"changed": report.changed, "gone": report.gone, "unreadable": report.unreadable}
        body = {"counts": counts, "report": msgspec.to_builtins(report)}
        await state_rows.save_drift(call.session, str(info.name), body, now)
        await self._audit.record(call, "stack.plan", info.target, detail={"drift": counts})
        await self._events.emit(call, "stack.changed", f"stack:{info.name}", {"owner": info.owner})


def _info(found: StackSummary | StackVerdicts | PlanBill) -> StackInfo:
    return StackInfo(StackName.parse(found.name), found.owner, found.kind)


def _difference(old: Recorded | None, new: Recorded | None) -> tuple[Change, ...]:
    return changes(old.properties if old else {}, new.properties if new else {})
