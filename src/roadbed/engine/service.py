"""The engine's door: make a plan, read it, apply it; read a stack's resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from roadbed.audit.service import Audit, Outcome
from roadbed.control.events import Events
from roadbed.engine import graph as graphs
from roadbed.engine import planner, repository, schema
from roadbed.engine.domain import Graph, Plan, Recorded, Step
from roadbed.engine.errors import PolicyRefused, StalePlan
from roadbed.engine.executor import Execution, Watcher
from roadbed.engine.journal import Journal
from roadbed.engine.known import KnownState
from roadbed.kit.access import Authorise, Principal, Target
from roadbed.kit.clock import Clock
from roadbed.kit.errors import NotFound, Problem
from roadbed.kit.names import StackName
from roadbed.policy.domain import Verdict
from roadbed.policy.service import Policies
from roadbed.providers.driver import Provider
from roadbed.sdk.policies import Context, PlannedResource
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database


@dataclass(frozen=True, slots=True)
class StackInfo:
    """What the engine must be told of a stack: whose it is, and the kind of its environment."""

    name: StackName
    owner: str | None
    kind: str

    @property
    def target(self) -> Target:
        return Target("stack", str(self.name), self.owner, self.name.environment, {"kind": self.kind})


class SecretStore(Protocol):
    """Who holds the secrets that a stack's graph names: name → sealed value."""

    async def held(self, call: Call, stack: StackName) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`document` is a graph document; an empty one plans the end of the stack. `keep` stay as they are."""

    stack: StackInfo
    document: Mapping[str, Any]
    keep: frozenset[str] = field(default=frozenset())


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
    ) -> None:
        self._database, self._authorise, self._audit, self._events = database, authorise, audit, events
        self._clock, self._secrets, self._policies, self._secret_store = clock, secrets, policies, secret_store
        self._providers = providers
        self._types = {name: provider.types[name] for name, provider in providers.items()}

    async def plan(self, call: Call, request: PlanRequest) -> Plan:
        """Makes and stores a plan. Raises InvalidInput for a graph that breaks a rule of the loop."""
        stack = request.stack
        self._authorise(call.principal, "application.plan", stack.target)
        graph = graphs.read(request.document)
        schema.check(graph, self._types)
        row = await repository.ensure_stack(call.session, str(stack.name), stack.owner, stack.kind)
        steps = await self._steps(call, stack, graph, request.keep)
        verdicts = await self._judge(call, stack, steps)
        plan = Plan(
            stack=row.name,
            number=await repository.next_plan_number(call.session, row.name),
            base=row.serial,
            digest=planner.digest(row.name, row.serial, steps, verdicts),
            steps=steps,
            verdicts=verdicts,
            created_at=self._clock.now(),
            created_by=str(call.principal),
        )
        await repository.save_plan(call.session, plan)
        await self._audit.record(call, "application.plan", stack.target, detail={"plan": plan.number, **plan.summary})
        return plan

    async def _steps(self, call: Call, stack: StackInfo, graph: Graph, keep: frozenset[str]) -> tuple[Step, ...]:
        state = await repository.resources(call.session, str(stack.name))
        known = KnownState(str(stack.name), state, await self._secret_store.held(call, stack.name), self._secrets)
        return planner.make_steps(graph, state, self._types, known, self._secrets.fingerprint, keep=keep)

    async def _judge(self, call: Call, stack: StackInfo, steps: Sequence[Step]) -> tuple[Verdict, ...]:
        """The policy hook: every plan is judged before it is stored."""
        judged = [
            PlannedResource(
                step.urn, step.type, step.name, step.properties, asdict(step.source) if step.source else None
            )
            for step in steps
            if step.action != "delete"
        ]
        if not judged:
            return ()
        context = Context(str(stack.name), stack.name.environment, stack.kind, stack.owner)
        return await self._policies.judge(call, context, judged)

    async def get_plan(self, call: Call, stack: StackInfo, number: int) -> Plan:
        self._authorise(call.principal, "plan.view", stack.target)
        plan = await repository.plan(call.session, str(stack.name), number)
        if plan is None:
            raise NotFound(
                f"{stack.name} has no plan {number}", hint="see its releases for the plans that were applied"
            )
        return plan

    async def resources(self, call: Call, stack: StackInfo) -> dict[str, Recorded]:
        """The state: every resource of the stack by its URN."""
        self._authorise(call.principal, "stack.view", stack.target)
        return await repository.resources(call.session, str(stack.name))

    async def forget(self, call: Call, stack: StackInfo) -> None:
        """Removes what is left of a stack once a plan has deleted all of its resources."""
        self._authorise(call.principal, "stack.apply", stack.target)
        if not await repository.resources(call.session, str(stack.name)):
            await repository.delete_stack(call.session, str(stack.name))
            await self._audit.record(call, "stack.apply", stack.target, detail={"forgotten": True})

    async def apply(
        self, principal: Principal, stack: StackInfo, number: int, watcher: Watcher, *, release: int | None = None
    ) -> Plan:
        """Applies a stored plan, or takes up one whose apply was cut off. The caller holds the stack's lock.

        It runs in transactions of its own, since its journal must survive whatever becomes of the caller.
        Raises StalePlan, PolicyRefused, or ApplyFailed.
        """
        plan = await self._begin(principal, stack, number)
        name = str(stack.name)
        async with self._database.call(principal) as call:
            state = await repository.resources(call.session, name)
            held = await self._secret_store.held(call, stack.name)
            done = await repository.succeeded(call.session, name, number)
        async with Journal(self._database, self._clock, name, number).open() as journal:
            execution = Execution(
                plan=plan,
                state=state,
                known=KnownState(name, state, held, self._secrets),
                providers=self._providers,
                journal=journal,
                secrets=self._secrets,
                watcher=watcher,
                release=release,
                owner=stack.owner,
                done=done,
            )
            try:
                await execution.run()
            except Exception:
                await self._end(principal, stack, number, "failed")
                raise
        await self._end(principal, stack, number, "done")
        return plan

    async def _begin(self, principal: Principal, stack: StackInfo, number: int) -> Plan:
        async with self._database.call(principal) as call:
            self._authorise(principal, "stack.apply", stack.target)
            plan = await self.get_plan(call, stack, number)
            refuse_if_forbidden(plan)
            row = await repository.stack(call.session, plan.stack, lock=True)
            resuming = row is not None and row.applying == number
            if not resuming:
                if row is None or row.serial != plan.base:
                    raise StalePlan(
                        f"plan {number} of {stack.name} is stale: the stack was changed after it was made",
                        hint="make a new plan and apply that one",
                    )
                await repository.advance(call.session, plan.stack, applying=number)
            return plan

    async def _end(self, principal: Principal, stack: StackInfo, number: int, outcome: Outcome) -> None:
        async with self._database.call(principal) as call:
            await repository.advance(call.session, str(stack.name), applying=None)
            await self._events.emit(call, "stack.changed", f"stack:{stack.name}", {"owner": stack.owner})
            await self._audit.record(call, "stack.apply", stack.target, outcome=outcome, detail={"plan": number})


def refuse_if_forbidden(plan: Plan) -> None:
    """Raises PolicyRefused if a mandatory policy forbids the plan."""
    if plan.refusals:
        problems = [Problem(f"{item.policy}: {item.message}", item.remedy) for item in plan.refusals]
        raise PolicyRefused(
            f"plan {plan.number} of {plan.stack} breaks {len(problems)} mandatory policies"
            if len(problems) > 1
            else problems[0].message,
            hint=problems[0].hint,
            problems=problems if len(problems) > 1 else (),
        )
