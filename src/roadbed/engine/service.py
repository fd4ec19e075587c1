"""The engine's door: look at what there is, make a plan, read it, apply it; read a stack's resources."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as altered

from roadbed.audit.service import Audit
from roadbed.control.events import Events
from roadbed.engine import costing, judging, records, repository
from roadbed.engine.applying.apply import Applying, Tools
from roadbed.engine.applying.desiring import Desiring
from roadbed.engine.applying.exporting import recorded_exports, refuse_if_consumed
from roadbed.engine.applying.hiding import guard_logs
from roadbed.engine.applying.observer import Observer
from roadbed.engine.applying.runner import Watcher
from roadbed.engine.bodies import changed_since
from roadbed.engine.domain import Graph, Judged, Observed, Plan, PlanOptions, Recorded
from roadbed.engine.known import KnownState
from roadbed.engine.planning import declared_options, planner, schema
from roadbed.engine.planning.facts import Facts
from roadbed.engine.planning.graph import graph_imports
from roadbed.engine.planning.planner import Draft
from roadbed.engine.refusing import is_stale, refuse_if_claimed, refuse_if_forbidden, refuse_if_unequipped, was_changed
from roadbed.engine.request import PlanRequest, plan_options, read_graph
from roadbed.engine.stack_info import Gate, LastKeeper, SecretStore, StackInfo
from roadbed.engine.views import StackVerdicts
from roadbed.estimates.domain import PlanCost
from roadbed.estimates.service import Estimates
from roadbed.kit.access import Authorise, Principal
from roadbed.kit.clock import Clock
from roadbed.kit.errors import InvalidInput, NotFound
from roadbed.policy.domain import Judgement
from roadbed.policy.service import Policies
from roadbed.providers.driver import Provider
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.waivers.in_force import WaiversInForce

__all__ = ["Engine", "PlanRequest", "SecretStore", "StackInfo", "Watcher", "refuse_if_forbidden"]


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A draft, and what it was made of. `state` is that of the stack, by key."""

    graph: Graph
    draft: Draft
    options: PlanOptions
    state: Mapping[str, Recorded]


class Engine:
    def __init__(
        self,
        database: Database,
        authorise: Authorise,
        audit: Audit,
        events: Events,
        clock: Clock,
        secrets: Secrets,
        providers: Mapping[str, Provider],
        policies: Policies,
        secret_store: SecretStore,
        waivers: WaiversInForce,
        gate: Gate,
        estimates: Estimates | None = None,
        last_keeper: LastKeeper | None = None,
    ) -> None:
        guard_logs()
        self._waivers = waivers
        self._database, self._authorise, self._audit = database, authorise, audit
        self._clock, self._secrets, self._policies, self._secret_store = clock, secrets, policies, secret_store
        self._providers, self._estimates = providers, estimates
        self._types = {name: provider.types[name] for name, provider in providers.items()}
        self._tools = Tools(
            database=database,
            audit=audit,
            events=events,
            clock=clock,
            secrets=secrets,
            providers=providers,
            secret_store=secret_store,
            policies=policies,
            waivers=waivers,
            gate=gate,
            last_keeper=last_keeper,
        )

    async def plan(self, call: Call, request: PlanRequest, observed: Mapping[str, Observed] | None = None) -> Plan:
        """Makes and stores a plan. `observed` is what `observe` has just read, for a plan with a refresh.

        Raises InvalidInput with every finding, also of what this machine can't make or others have, ExportInUse, and
        TooLarge for a document that is.
        """
        stack = request.stack
        self._authorise(call.principal, "stack.plan", stack.target)
        row = await repository.ensure_stack(call.session, str(stack.name), stack.owner, stack.kind)
        made, judged = await self._judged(call, request, observed or {})
        drafted, options = made.draft, made.options
        await asyncio.to_thread(refuse_if_unequipped, row.name, drafted.steps, self._providers)
        await refuse_if_claimed(row.name, stack.owner, drafted.steps, self._providers)
        exports = None if options.targets else made.graph.exports
        await refuse_if_consumed(call.session, row.name, exports)
        plan = Plan(
            stack=row.name,
            number=await repository.next_plan_number(call.session, row.name),
            base=row.serial,
            digest=await asyncio.to_thread(
                planner.digest,
                row.name,
                row.serial,
                drafted,
                judged.verdicts,
                exports,
                options,
                request.notes,
                judged.remediations,
                judged.cost,
            ),
            steps=drafted.steps,
            verdicts=judged.verdicts,
            created_at=self._clock.now(),
            created_by=str(call.principal),
            rewrites=drafted.rewrites,
            exports=exports,
            imports=drafted.imports or (),
            options=options,
            export_changes=drafted.exports,
            notes=request.notes,
            remediations=judged.remediations,
            cost=judged.cost,
        )
        await repository.save_plan(call.session, plan)
        await self._audit.record(call, "application.plan", stack.target, detail=plan.told)
        return altered(plan, needs=await self._tools.gate.needs(call, stack, plan))

    async def check(self, call: Call, request: PlanRequest) -> Judged:
        """What policies say of what a plan would do. Nothing is stored, and the world is not looked at."""
        self._authorise(call.principal, "stack.plan", request.stack.target)
        _, judged = await self._judged(call, request, {})
        return judged

    async def changes(self, call: Call, request: PlanRequest) -> bool:
        """Whether something is declared that was not applied yet. Nothing is stored, and the world is not looked at."""
        self._authorise(call.principal, "stack.plan", request.stack.target)
        made, _ = await self._judged(call, request, {})
        return bool(made.draft.exports) or any(step.action != "none" for step in made.draft.steps)

    async def _judged(
        self, call: Call, request: PlanRequest, observed: Mapping[str, Observed]
    ) -> tuple[_Drafted, Judged]:
        """The draft of what policies leave of the graph, and what they say of that.

        They judge every resource that is wanted, as it is declared, the plan and the stack. What they put right is
        drafted anew, held against the types like what people declare, and judged anew: then they must be content.
        """
        stack = request.stack
        made = await self._draft(call, request, observed)
        cost = await self._cost(call, stack, made)
        judgement = await self._judge(call, stack, made, cost)
        if not (rewritten := judgement.rewritten):
            return made, Judged(judgement.verdicts, cost=cost)
        remediations = judging.remediations(made.graph, rewritten)
        mended = altered(request, document=judging.put_right(request.document, judgement.properties))
        try:
            made = await self._draft(call, mended, observed)
        except InvalidInput as error:
            raise judging.spoiled(error, rewritten) from None
        cost = await self._cost(call, stack, made)
        judgement = await self._judge(call, stack, made, cost)
        if judgement.rewritten:
            raise judging.endless(str(stack.name), judgement.rewritten)
        return made, Judged(judgement.verdicts, remediations, cost)

    async def _cost(self, call: Call, stack: StackInfo, made: _Drafted) -> PlanCost | None:
        """What the draft makes of what the stack costs. A price sheet that can't be read keeps nobody from planning:
        the plan says what is wrong with it.
        """
        if self._estimates is None:
            return None
        try:
            pricer = await self._estimates.pricer(call, stack.name.environment)
            return await asyncio.to_thread(costing.plan_cost, pricer, made.draft.steps, made.state)
        except (InvalidInput, NotFound) as error:
            return costing.not_known(error)

    async def not_exported(
        self, call: Call, stack: StackInfo, imports: Iterable[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Those of the imports (stack, name) of a plan to come that no stack exports."""
        self._authorise(call.principal, "stack.plan", stack.target)
        wanted = set(imports)
        return wanted - (await records.imported(call.session, wanted)).keys()

    async def _draft(self, call: Call, request: PlanRequest, observed: Mapping[str, Observed]) -> _Drafted:
        stack, name = request.stack, str(request.stack.name)
        state = await repository.resources(call.session, name)
        graph = await asyncio.to_thread(self._graph, request, state)
        known = await self._known(call, stack, state, graph_imports(graph))
        exported = recorded_exports(await records.exports(call.session, name), self._secrets)
        facts = Facts(state, self._types, known, self._secrets.fingerprint, dict(observed), exported)
        facts = await self._with_imports(call, facts, stack, graph)
        options = await asyncio.to_thread(plan_options, request, graph, state)
        draft = await asyncio.to_thread(planner.draft, graph, facts, options)
        return _Drafted(graph, draft, options, state)

    def _graph(self, request: PlanRequest, state: Mapping[str, Recorded]) -> Graph:
        graph = read_graph(request)
        schema.check(graph, self._types)
        declared_options.check(graph, self._types, state)
        return graph

    async def _known(
        self, call: Call, stack: StackInfo, state: Mapping[str, Recorded], imports: Iterable[tuple[str, str]]
    ) -> KnownState:
        held = await self._secret_store.held(call, stack)
        exported = await records.imported(call.session, imports)
        return KnownState(str(stack.name), state, held, self._secrets, exported)

    async def _with_imports(self, call: Call, facts: Facts, stack: StackInfo, graph: Graph) -> Facts:
        """What is to be imported is looked at now, so that the plan can show what will change. Nobody may have it."""
        wanted = [node for node in graph.nodes if node.options.import_id is not None and node.urn not in facts.state]
        if not wanted:
            return facts
        desiring = Desiring(str(stack.name), facts.state, facts.known, self._secrets, stack.owner)
        found = await Observer(desiring, self._providers).imports(wanted)
        seen = [(node, found[node.urn].id) for node in wanted if found[node.urn].id]
        things = {node.urn: (node.type, identity, node.options.provider) for node, identity in seen}
        holders = await repository.holders(call.session, things.values())
        for urn, thing in things.items():
            if (holder := holders.get(thing)) is not None:
                told = f"{holder} has it already: forget it there, or move it here"
                found[urn] = altered(found[urn], error=told)
        return altered(facts, observed={**facts.observed, **found})

    async def _judge(self, call: Call, stack: StackInfo, made: _Drafted, cost: PlanCost | None) -> Judgement:
        """The policy hook: what is to be stored is judged before. Waivers in force stand in the verdicts."""
        if not made.draft.steps:
            return Judgement()
        case = await asyncio.to_thread(judging.case, stack, made.graph, made.draft, made.state, cost)
        said = await self._policies.judge(call, case)
        return altered(said, verdicts=await self._waivers.over(call, str(stack.name), said.verdicts))

    async def observe(
        self, principal: Principal, stack: StackInfo, urns: frozenset[str] | None = None
    ) -> dict[str, Observed]:
        """What there is of the stack's resources now, by key; of those alone if `urns` are given. Changes nothing.

        What can't be read says so in its `error`. It runs in transactions of its own, since it may take long.
        """
        name = str(stack.name)
        async with self._database.call(principal) as call:
            self._authorise(principal, "stack.view", stack.target)
            state = await repository.resources(call.session, name)
            known = await self._known(call, stack, state, ())
        desiring = Desiring(name, state, known, self._secrets, stack.owner)
        rows = [row for row in state.values() if urns is None or row.urn in urns]
        return await Observer(desiring, self._providers).rows(rows)

    async def get_plan(self, call: Call, stack: StackInfo, number: int) -> Plan:
        self._authorise(call.principal, "plan.view", stack.target)
        plan = await repository.plan(call.session, str(stack.name), number)
        if plan is None:
            raise NotFound(f"{stack.name} has no plan {number}", hint=f"see: roadbed stack plans {stack.name}")
        now = altered(plan, verdicts=await self._waivers.over(call, plan.stack, plan.verdicts))
        return altered(now, needs=await self._tools.gate.needs(call, stack, now))

    async def has_begun(self, call: Call, stack: StackInfo, number: int) -> bool:
        """Whether the plan is being applied: an apply that was cut off goes on."""
        self._authorise(call.principal, "plan.view", stack.target)
        row = await repository.stack(call.session, str(stack.name))
        return row is not None and row.applying == number

    async def by_waivers(self, call: Call, found: Sequence[StackVerdicts]) -> list[StackVerdicts]:
        """What policies said of stacks, as it is by the waivers of now."""
        acting = await self._waivers.acting(call)
        return [altered(one, verdicts=self._waivers.laid_over(one.name, one.verdicts, acting)) for one in found]

    async def refuse_if_stale(self, call: Call, stack: StackInfo, plan: Plan) -> None:
        """Raises StalePlan or PlanChanged for what an apply would refuse in a moment."""
        self._authorise(call.principal, "plan.view", stack.target)
        if await asyncio.to_thread(changed_since, plan):
            raise was_changed(plan.stack, plan.number)
        row = await repository.stack(call.session, plan.stack)
        if row is None or row.serial != plan.base:
            raise is_stale(plan)

    async def resources(self, call: Call, stack: StackInfo) -> dict[str, Recorded]:
        """The state: every row of the stack by its key, which is its URN but for what was deposed."""
        self._authorise(call.principal, "stack.view", stack.target)
        return await repository.resources(call.session, str(stack.name))

    async def forget(self, call: Call, stack: StackInfo) -> None:
        """Removes what is left of a stack once a plan has deleted all of its resources."""
        self._authorise(call.principal, "stack.apply", stack.target)
        if not await repository.resources(call.session, str(stack.name)):
            await refuse_if_consumed(call.session, str(stack.name), {})
            await repository.delete_stack(call.session, str(stack.name))
            await self._audit.record(call, "stack.apply", stack.target, detail={"forgotten": True})

    async def apply(
        self,
        principal: Principal,
        stack: StackInfo,
        number: int,
        watcher: Watcher,
        *,
        release: int | None = None,
        asks: bool = True,
        final_backups: bool = True,
    ) -> Plan:
        """Applies a stored plan, or takes up one whose apply was cut off. The caller holds the stack's lock.

        It runs in transactions of its own, since its journal must survive whatever becomes of the caller. Only a plan
        that brings back what was in force before needs nobody's approval: it `asks` nobody. What holds data is backed
        up before it is deleted, unless `final_backups` says otherwise.
        Raises StalePlan, PlanChanged, PolicyRefused, NotApproved, StackBusy, ExportInUse, or ApplyFailed.
        """
        self._authorise(principal, "stack.apply", stack.target)
        applying = Applying(self._tools, principal, stack, number, asks=asks, final_backups=final_backups)
        return await applying.run(watcher, release)
