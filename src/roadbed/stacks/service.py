"""The door to stacks: what there is of them, plans for them, and the operations that carry plans out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roadbed.approvals.domain import Approval
from roadbed.audit.service import Audit
from roadbed.control.domain import Operation
from roadbed.control.service import Operations
from roadbed.engine.domain import Judged, Plan, Recorded
from roadbed.engine.editing import StateEditor
from roadbed.engine.service import Engine, StackInfo
from roadbed.engine.state.drift import DriftReport
from roadbed.engine.state.moving import Place
from roadbed.engine.states import States
from roadbed.engine.views import HistoryEntry, Imported, JournalEntry, PlanHead, StackOutput, StackSummary, Version
from roadbed.kit.access import Authorise, require_somebody
from roadbed.kit.errors import Conflict, InvalidInput, NotFound, Refused
from roadbed.stacks import repository
from roadbed.stacks.domain import (
    DriftSummary,
    PlanState,
    PlanView,
    Progress,
    ResourceView,
    StackDetail,
    StackSecret,
    StackView,
    Wish,
)
from roadbed.stacks.graph import StackGraph, stack_graph
from roadbed.stacks.operations import DRIFT, REFRESH, DriftInput, StackInput, enqueue
from roadbed.stacks.planner import StackPlanner
from roadbed.stacks.policy_report import PolicyReport, policy_report
from roadbed.stacks.progress import Follower
from roadbed.stacks.secrets import ModuleSecrets
from roadbed.stacks.sources import Resolved, Sources
from roadbed.stacks.standing import standing
from roadbed.storage.call import Call

_RECENT = 10
"""Plans, of which one may wait to be applied."""


class Stacks:
    """A stack is named as text, `owner@environment`. Each method raises NotFound for one that the caller can't see."""

    def __init__(
        self,
        authorise: Authorise,
        audit: Audit,
        operations: Operations,
        sources: Sources,
        planner: StackPlanner,
        engine: Engine,
        states: States,
        editor: StateEditor,
        secrets: ModuleSecrets,
    ) -> None:
        self._authorise, self._audit, self._operations = authorise, audit, operations
        self._sources, self._planner = sources, planner
        self._engine, self._states, self._editor, self._secrets = engine, states, editor, secrets
        self._follower = Follower(operations, engine, states)

    # Reading

    async def stacks(self, call: Call, environment: str | None = None) -> Sequence[StackView]:
        """Those that have or had a state and that the caller may see, by name."""
        found = await self._states.list(call, environment)
        applications = await self._sources.applications(call)
        return [_view(item, "application" if item.name in applications else "module") for item in found]

    async def graph(self, call: Call, environment: str | None = None, around: str | None = None) -> StackGraph:
        """Which stack uses what of which, among those that the caller may see. Raises NotFound for `around`."""
        if around is not None:
            around = (await self._sources.resolve(call, around)).name
        return stack_graph(
            await self.stacks(call), await self._states.consumption(call), environment=environment, around=around
        )

    async def stack(self, call: Call, name: str) -> StackDetail:
        found = await self._sources.resolve(call, name)
        summary = await self._states.find(call, found.info.name) or _nothing_yet(found)
        view = _view(summary, found.declared)
        plans = await self._plans(call, found, summary, _RECENT)
        return StackDetail(
            **{slot: getattr(view, slot) for slot in StackView.__slots__},
            environment_kind=found.info.kind,
            description=found.description,
            failed=await self._states.failed(call, found.info),
            release=None if found.release is None else f"v{found.release}",
            plan=next((plan.number for plan in plans if plan.state == "open"), None),
            drift_every=found.drift.every if found.drift else None,
            drift_action=found.drift.action if found.drift else None,
        )

    async def resources(self, call: Call, name: str, urn: str | None = None) -> Sequence[ResourceView]:
        """All of the state in the order of URNs, or those with one URN: itself, and what is deposed of it."""
        found = await self._sources.resolve(call, name)
        state = await self._engine.resources(call, found.info)
        chosen = [_resource(row) for row in state.values() if urn in (None, row.urn)]
        if urn is not None and not chosen:
            raise NotFound(f"{name} has no resource {urn!r}", hint=f"see: roadbed stack show {name}")
        return chosen

    async def history(self, call: Call, name: str, limit: int = 50) -> Sequence[HistoryEntry]:
        """The newest first."""
        found = await self._sources.resolve(call, name)
        return await self._states.history(call, found.info, limit)

    async def versions(self, call: Call, name: str, urn: str) -> Sequence[Version]:
        """What has become of one resource, the newest first."""
        found = await self._sources.resolve(call, name)
        return await self._states.versions(call, found.info, urn)

    async def outputs(self, call: Call, name: str) -> Sequence[StackOutput]:
        found = await self._sources.resolve(call, name)
        return await self._states.outputs(call, found.info)

    async def drift(self, call: Call, name: str) -> DriftReport:
        """What the last look at the world found."""
        found = await self._sources.resolve(call, name)
        return await self._states.drift(call, found.info)

    # Plans

    async def plan(self, call: Call, name: str, wish: Wish) -> Plan:
        """Plans what the stack's program declares now, and keeps the plan to be applied or discarded."""
        if not wish.refresh:
            return await self._planner.plan(call, await self._sources.resolve(call, name), wish)
        # The world is looked at before the call's own transaction begins: that may take long, and it needs connections
        # of its own. Callers that each held one while they waited for a second would, if many, wait for each other.
        async with self._operations.database.call(call.principal) as before:
            found = await self._sources.resolve(before, name)
        principal = require_somebody(call.principal)
        self._authorise(principal, "stack.plan", found.info.target)
        observed = await self._engine.observe(principal, found.info)
        return await self._planner.plan(call, found, wish, observed)

    async def get_plan(self, call: Call, name: str, number: int) -> Plan:
        """Any plan of the stack, also one of a deployment."""
        found = await self._sources.resolve(call, name)
        return await self._engine.get_plan(call, found.info, number)

    async def plans(self, call: Call, name: str, limit: int = 50) -> Sequence[PlanView]:
        """The newest first, without their steps; those of deployments, too."""
        found = await self._sources.resolve(call, name)
        summary = await self._states.find(call, found.info.name) or _nothing_yet(found)
        return await self._plans(call, found, summary, limit)

    async def plan_state(self, call: Call, name: str, number: int) -> PlanState | None:
        """What became of a plan that was made here; None for one of a deployment."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "plan.view", found.info.target)
        return await repository.plan(call.session, found.name, number)

    async def journal(self, call: Call, name: str, number: int, after: int = 0) -> Sequence[JournalEntry]:
        """What has happened in the apply of a plan since the journal's entry `after`."""
        found = await self._sources.resolve(call, name)
        return await self._states.journal(call, found.info, number, after)

    async def apply(self, call: Call, name: str, number: int) -> Operation:
        """Applies a plan that was made here. Raises Conflict for one that was applied or discarded already."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "stack.apply", found.info.target)
        plan, state = await self._own_plan(call, found, number)
        return await self._planner.enqueue_apply(call, found, plan, state)

    async def again(self, call: Call, found: Approval, operation: Operation) -> Operation:
        """Plans anew what was not approved in time, and applies that."""
        before = await self.plan_state(call, found.stack, found.plan)
        plan = await self.plan(call, found.stack, before.wish if before else Wish())
        return await self.apply(call, found.stack, plan.number)

    async def discard(self, call: Call, name: str, number: int) -> None:
        """The plan can't be applied any more."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "stack.plan", found.info.target)
        await self._own_plan(call, found, number)
        await repository.discard(call.session, found.name, number)
        await self._audit.record(call, "stack.plan", found.info.target, detail={"discarded": number})

    async def progress(self, call: Call, name: str, number: int, after: int = 0) -> AsyncIterator[Progress]:
        """What happens in the apply of a plan, from the journal's entry behind `after` on; ends when it has ended."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "plan.view", found.info.target)
        state = await repository.plan(call.session, found.name, number)
        if state is None:  # then it is a deployment's, or there is none
            await self._engine.get_plan(call, found.info, number)
        return self._follower.follow(call.principal, found, number, after, state.operation if state else None)

    # Looking at the world

    async def refresh(self, call: Call, name: str) -> Operation:
        """Makes the state say what the world shows."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "stack.apply", found.info.target)
        await self._audit.record(call, "stack.apply", found.info.target, detail={"refresh": True})
        return await enqueue(
            self._operations, call, REFRESH, f"Refresh the state of {name}", found, StackInput.of(found)
        )

    async def scan(self, call: Call, name: str) -> Operation:
        """Looks for drift and stores a report."""
        found = await self._sources.resolve(call, name)
        self._authorise(call.principal, "stack.plan", found.info.target)
        await self._audit.record(call, "stack.plan", found.info.target, detail={"drift": True})
        title = f"Look for drift in {name}"
        return await enqueue(self._operations, call, DRIFT, title, found, DriftInput.of(found), lock=False)

    # Secrets of modules

    async def secrets(self, call: Call, name: str) -> Sequence[StackSecret]:
        """What was set for a module, by name. Values never leave. Raises InvalidInput for an application's stack."""
        return await self._secrets.list(call, await self._module(call, name))

    async def set_secret(self, call: Call, name: str, secret: str, value: str) -> bool:
        """Whether that is a change. Plans that were made before it can't be applied any more."""
        return await self._secrets.set(call, await self._module(call, name), secret, value)

    async def unset_secret(self, call: Call, name: str, secret: str) -> None:
        await self._secrets.unset(call, await self._module(call, name), secret)

    # What policies say

    async def check(self, call: Call, name: str) -> Judged:
        """Of what the stack's program declares now; no plan is stored."""
        return await self._planner.check(call, await self._sources.resolve(call, name))

    async def policy_report(self, call: Call, environment: str | None = None) -> PolicyReport:
        """What policies said of the newest plan of each stack that the caller may see."""
        return policy_report(await self._engine.by_waivers(call, await self._states.verdicts(call, environment)))

    # The state itself

    async def export(self, call: Call, name: str) -> Mapping[str, Any]:
        found = await self._sources.resolve(call, name)
        return await self._states.export(call, found.info)

    async def import_(self, call: Call, name: str, document: Mapping[str, Any], *, replace: bool = False) -> Imported:
        found = await self._sources.resolve(call, name)
        return await self._editor.import_(call, found.info, document, over=replace)

    async def move(self, call: Call, name: str, resources: Sequence[str], to: str) -> Mapping[str, str]:
        """`to` is a stack, or a stack and the new path of the one resource: `network@dev/main/subnet`."""
        found = await self._sources.resolve(call, name)
        place = Place.parse(to)
        target = await self._sources.resolve(call, place.stack)
        return await self._editor.move(call, found.info, resources, target.info, place.path)

    async def forget(self, call: Call, name: str, resources: Sequence[str], *, force: bool = False) -> Sequence[str]:
        found = await self._sources.resolve(call, name)
        return await self._editor.forget(call, found.info, resources, force=force)

    # Inside

    async def _module(self, call: Call, name: str) -> StackInfo:
        """An application's secrets are part of its releases, so they have a door of their own."""
        found = await self._sources.resolve(call, name)
        if found.declared == "application":
            stack = found.info.name
            raise InvalidInput(
                f"{name} is the stack of an application, whose secrets are set with it",
                hint=f"see: roadbed config {stack.owner} --environment {stack.environment}",
            )
        return found.info

    async def _own_plan(self, call: Call, stack: Resolved, number: int) -> tuple[Plan, PlanState]:
        plan = await self._engine.get_plan(call, stack.info, number)
        state = await repository.plan(call.session, stack.name, number, lock=True)
        if state is None:
            raise Conflict(
                f"plan {number} of {stack.name} belongs to a deployment",
                hint=f"deploy it, or plan what is in force: roadbed plan {stack.name}",
            )
        if state.discarded:
            raise Conflict(f"plan {number} of {stack.name} was discarded", hint="make a new one")
        if state.operation is not None:
            raise Conflict(
                f"plan {number} of {stack.name} was given to {state.operation} already",
                hint=f"see: roadbed ops show {state.operation}",
            )
        return plan, state

    async def _plans(self, call: Call, stack: Resolved, summary: StackSummary, limit: int) -> Sequence[PlanView]:
        heads = await self._states.plans(call, stack.info, limit)
        made = await repository.plans(call.session, stack.name, [head.number for head in heads])
        now = [await self._as_it_is(call, stack, summary, head) for head in heads]
        return [await self._plan_view(call, head, summary, made.get(head.number)) for head in now]

    async def _as_it_is(self, call: Call, stack: Resolved, summary: StackSummary, head: PlanHead) -> PlanHead:
        """Of one that could still be applied: waivers come and go, and with them what policies refuse."""
        if not head.refused or head.outcome is not None or head.base != summary.serial:
            return head
        return replace(head, refused=bool((await self._engine.get_plan(call, stack.info, head.number)).refusals))

    async def _plan_view(self, call: Call, head: PlanHead, stack: StackSummary, made: PlanState | None) -> PlanView:
        given = made.operation if made is not None and head.outcome is None else None
        stands = standing(head, stack.serial, stack.applying, made, await self._operation(call, given))
        return PlanView(
            number=head.number,
            created_at=head.created_at,
            created_by=head.created_by,
            summary=head.summary,
            state=stands.state,
            wish=made.wish if made else None,
            release=made.release if made else None,
            operation=made.operation if made else None,
            ended_at=stands.at,
            ended_by=stands.by,
        )

    async def _operation(self, call: Call, id_: str | None) -> Operation | None:
        """None also for who may see the stack, and not who works on it."""
        try:
            return await self._operations.get(call, id_) if id_ is not None else None
        except (NotFound, Refused):
            return None


def _nothing_yet(stack: Resolved) -> StackSummary:
    return StackSummary(stack.name, stack.info.owner, stack.info.kind, serial=0, applying=None, updated_at=None)


def _view(item: StackSummary, declared: Any) -> StackView:
    drift = DriftSummary(item.drift_at, **item.drift, stale=item.drift_stale) if item.drift_at and item.drift else None
    return StackView(
        stack=item.name,
        owner=item.owner,
        environment=item.environment,
        kind=declared,
        resources=item.resources,
        serial=item.serial,
        applying=item.applying,
        drift=drift,
        updated_at=item.updated_at,
    )


def _resource(row: Recorded) -> ResourceView:
    return ResourceView(
        urn=row.urn,
        type=row.type,
        name=row.name,
        kind=row.kind,
        state="deposed" if row.deposed else "failed" if row.broken else "created",
        id=row.id,
        depends_on=row.depends_on,
        properties=row.properties,
        outputs=row.outputs,
        secret_outputs=sorted(row.sealed),
        protect=row.options.protect,
        options=row.options,
        source=row.source,
        release=row.release,
    )
