"""A platform in memory behind the portal's pages: for tests, and for looking at the pages while one works on them.

`python -m fakes.portal` (in `tests/`) serves it and prints its address.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

import roadbed.platform
from fakes import portal_blocks, portal_policies, portal_quotas, portal_stacks, portal_waiting
from fakes import portal_data as data
from fakes.portal_backups import FakeBackups
from fakes.portal_costs import FakeBlockCosts, FakeCosts
from fakes.portal_jobs import FakeJobs
from fakes.portal_resources import FakeResources
from roadbed.api.app import create_app
from roadbed.approvals.domain import State as ApprovalState
from roadbed.approvals.views import ApprovalView
from roadbed.audit.domain import Record
from roadbed.blocks.domain import BlockView
from roadbed.catalog.domain import EntityView
from roadbed.catalog.references import EntityRef
from roadbed.control.domain import Event, LogLine, Operation, State, Step
from roadbed.delivery.views import Application, ApplicationDetail, ConfigValue, Release, Workload
from roadbed.doctor.domain import Check, PlatformStatus
from roadbed.engine.domain import Plan
from roadbed.engine.planning.schedule import schedule
from roadbed.engine.state.drift import DriftReport
from roadbed.engine.views import HistoryEntry, JournalEntry, StackOutput, Version
from roadbed.golden_paths.domain import Template
from roadbed.golden_paths.reader import read_template
from roadbed.identity.domain import Session
from roadbed.kit.access import Grant, Principal, Target
from roadbed.kit.clock import SystemClock, isoformat
from roadbed.kit.errors import InvalidInput, NotFound, Refused, Unauthenticated
from roadbed.kit.pagination import Page
from roadbed.platform.domain import Environment
from roadbed.policy.views import PolicyList, PolicyView, policy_list, policy_view
from roadbed.portal.app import PUBLIC, error_page, router
from roadbed.portal.assets import DIST
from roadbed.portal.services import PortalServices
from roadbed.providers.registry import Registry
from roadbed.quotas.domain import Standing
from roadbed.resource_types.service import ResourceTypes
from roadbed.runtimes.domain import ReplicaView
from roadbed.runtimes.logs import LogRecord
from roadbed.sdk.providers import Property, Provider, ResourceType
from roadbed.stacks.domain import PlanState, PlanView, ResourceView, StackDetail, StackSecret, StackView, Wish
from roadbed.stacks.graph import StackGraph, stack_graph
from roadbed.stacks.policy_report import PolicyReport, policy_report
from roadbed.storage.call import Call
from roadbed.waivers.domain import Waiver
from roadbed.waivers.settings import WaiverSettings
from type_pages import every_type

CODE, PASSWORD, CSRF = "the-one-time-code", "correct horse battery", "the-csrf-token"
ADA = Principal("user", "ada", frozenset({data.PAYMENTS}), (Grant("operator"),))

_STARTER = Path(roadbed.platform.__file__).parent / "starter"
_ACTIONS = {
    "fetch:template": "Render the template",
    "publish:git": "Create the repository",
    "catalog:register": "Register it in the catalog",
    "roadbed:deploy": "Build and deploy it",
}


@dataclass
class World:
    """All that there is. `empty` for a platform on its first day."""

    applications: list[Application] = field(default_factory=lambda: list(data.APPLICATIONS))
    operations: dict[str, Operation] = field(default_factory=lambda: {one.id: one for one in data.OPERATIONS})
    entities: Sequence[EntityView] = data.ENTITIES
    audit: Sequence[Record] = data.AUDIT
    environments: Sequence[Environment] = data.ENVIRONMENTS
    stacks: dict[str, StackDetail] = field(default_factory=lambda: dict(portal_stacks.STACKS))
    plans: dict[tuple[str, int], PlanState] = field(default_factory=lambda: dict(portal_stacks.PLAN_STATES))
    journal: dict[tuple[str, int], list[JournalEntry]] = field(default_factory=dict)
    history: list[HistoryEntry] = field(default_factory=lambda: list(portal_stacks.HISTORY))
    wishes: list[Wish] = field(default_factory=list)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    away: bool = False
    status: PlatformStatus = data.STATUS
    sandboxed: bool = True
    sessions: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=lambda: {CODE})
    done: list[tuple[str, str]] = field(default_factory=list)
    noted: list[tuple[str, str]] = field(default_factory=list)
    pace: float = 0.6
    listeners: list[asyncio.Queue[Event]] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    def empty(cls) -> World:
        return cls(applications=[], operations={}, entities=[], audit=[], environments=data.ENVIRONMENTS[:1], stacks={})

    def begin_anew(self) -> None:
        """What has happened has not, for all that know this world and its jobs."""
        jobs, fresh = self.jobs, World(pace=self.pace)
        vars(jobs).update(vars(fresh.jobs))
        vars(self).update(vars(fresh), jobs=jobs)

    def emit(self, subject: str, type_: str = "changed") -> None:
        for listener in self.listeners:
            listener.put_nowait(Event(1, datetime.now(UTC), type_, subject, {}))


@dataclass
class Service:
    world: World


class FakeDatabase(Service):
    @asynccontextmanager
    async def call(self, principal: Principal | None) -> AsyncIterator[Call]:
        if self.world.away:
            raise psycopg.OperationalError("the connection is closed")
        yield Call(cast(AsyncSession, None), principal)


class FakeSessions(Service):
    async def session(self, call: Call, secret: str) -> Session | None:
        expires = datetime.now(UTC) + timedelta(hours=1)
        return Session(ADA, CSRF, expires) if secret in self.world.sessions else None

    async def log_in(self, call: Call, username: str, password: str, *, address: str = "") -> str:
        if (username, password) != ("ada", PASSWORD):
            raise Unauthenticated("wrong user name or password", hint="check both and try again")
        return self._open()

    async def redeem(self, call: Call, code: str, *, address: str = "") -> str:
        if code not in self.world.codes:
            raise Unauthenticated("this login link was used already, or is too old", hint="ask for a new one")
        self.world.codes.discard(code)
        return self._open()

    async def log_out(self, call: Call, secret: str) -> None:
        self.world.sessions.discard(secret)

    def _open(self) -> str:
        secret = f"session-{len(self.world.sessions)}"
        self.world.sessions.add(secret)
        return secret


class FakeApplications(Service):
    async def applications(self, call: Call, environment: str | None = None) -> Sequence[Application]:
        return [one for one in self.world.applications if environment in (None, one.environment)]

    async def application(self, call: Call, name: str, environment: str) -> ApplicationDetail:
        if name == "hidden":
            raise Refused("user:ada may not see application hidden", hint="ask an owner for the role viewer")
        if name == "broken":
            raise RuntimeError("a secret detail that no page may show")
        for one in self.world.applications:
            if (one.application, one.environment) == (name, environment):
                return self._detail(one)
        raise NotFound(f"there is no application {name!r} in {environment}", hint="see what there is: roadbed apps")

    def _detail(self, one: Application) -> ApplicationDetail:
        stack = f"{one.application}@{one.environment}"
        worked_on = [operation.id for operation in self.world.operations.values() if operation.target == stack]
        return ApplicationDetail(
            **{name: getattr(one, name) for name in Application.__slots__},
            description=data.HOSTILE if one.application == "search" else f"Takes {one.application}, and keeps them.",
            system="checkout",
            workloads=[Workload("web", one.replicas, "a94e2be01c3d")],
            resources=data.resources(stack) if one.release else (),
            last_operation=worked_on[0] if worked_on else None,
            entity_ref=f"component:default/{one.application}",
            sandboxed=self.world.sandboxed,
        )

    async def replicas(self, call: Call, name: str, environment: str) -> Sequence[ReplicaView]:
        return data.REPLICAS if name == "orders" else ()

    async def releases(self, call: Call, name: str, environment: str) -> Sequence[Release]:
        return () if name == "new-thing" else data.RELEASES

    async def config(self, call: Call, name: str, environment: str) -> Sequence[ConfigValue]:
        return () if name == "new-thing" else data.CONFIG

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        *,
        n: int = 100,
        follow: bool = False,
        workload: str | None = None,
    ) -> AsyncIterator[LogRecord]:
        return self._lines(0 if name == "new-thing" else min(n, 60), follow=follow)

    async def _lines(self, count: int, *, follow: bool) -> AsyncIterator[LogRecord]:
        number = 0
        while number < count or follow:
            if number >= count:
                await asyncio.sleep(self.world.pace)
            yield self._line(number)
            number += 1

    def _line(self, number: int) -> LogRecord:
        replica = ("web-3k9x2", "web-8qz41")[number % 2]
        at = isoformat(datetime.now(UTC) - timedelta(seconds=max(0, 60 - number)))
        if number % 17 == 0:
            return LogRecord(at, replica, "web", "system", f"{replica} became ready ({number})")
        if number % 11 == 0:
            text = "WARNING: pool has 1 free connection; " + "waiting for another one to be given back " * 6
            return LogRecord(at, replica, "web", "stderr", text)
        method, status = ("POST", 201) if number % 3 == 0 else ("GET", 200)
        text = f'{{"level":"info","method":"{method}","path":"/orders","status":{status},"n":{number}}}'
        return LogRecord(at, replica, "web", "stdout", text)

    async def restart(self, call: Call, name: str, environment: str, workload: str | None = None) -> Operation:
        if name == "hidden":
            raise Refused(f"user:ada may not restart application {name}", hint="ask an owner for the role operator")
        return self._accept("restart", name)

    async def scale(self, call: Call, name: str, environment: str, replicas: Mapping[str, int]) -> Operation:
        return self._accept("scale", ",".join(f"{one}={count}" for one, count in replicas.items()))

    async def rollback(self, call: Call, name: str, environment: str, release: str | None = None) -> Operation:
        return self._accept("rollback", str(release))

    async def destroy(self, call: Call, name: str, environment: str) -> Operation:
        return self._accept("destroy", name)

    def _accept(self, what: str, detail: str) -> Operation:
        self.world.done.append((what, detail))
        return self.world.operations["op_queued"]


class FakePolicyPages(Service):
    async def policies(self, call: Call) -> PolicyList:
        return policy_list(portal_policies.BOOK, self.world.environments)

    async def policy(self, call: Call, name: str) -> PolicyView:
        return policy_view(portal_policies.BOOK, portal_policies.BOOK.get(name), self.world.environments)


class FakeBlocks(Service):
    async def catalog(self, call: Call) -> Sequence[BlockView]:
        return portal_blocks.BLOCKS if self.world.stacks else ()

    async def block(self, call: Call, name: str) -> BlockView:
        found = {one.name: one for one in portal_blocks.BLOCKS}
        if name not in found:
            raise NotFound(f"no building block {name!r} was published")
        return found[name]


class FakeWaivers(Service):
    settings = WaiverSettings()

    async def request(self, call: Call, policy: str, subject: str, why: str, until: datetime | None) -> Waiver:
        self.world.done.append(("waiver", f"{policy} for {subject}"))
        return portal_waiting.WAIVERS[0]

    async def waivers(self, call: Call, place: str | None = None, policy: str | None = None) -> Sequence[Waiver]:
        about = place is None or place.startswith("orders")
        return portal_waiting.WAIVERS if self.world.stacks and about else ()

    async def awaiting(self, call: Call) -> Sequence[Waiver]:
        return portal_waiting.WAIVERS[:2] if self.world.stacks else ()

    async def waiver(self, call: Call, id_: str) -> Waiver:
        found = next((one for one in portal_waiting.WAIVERS if one.id == id_), None)
        if found is None:
            raise NotFound(f"there is no waiver {id_}")
        return found

    async def approve(self, call: Call, id_: str, comment: str = "") -> Waiver:
        return await self._decided(call, "approve", id_, comment)

    async def refuse(self, call: Call, id_: str, comment: str = "") -> Waiver:
        return await self._decided(call, "refuse", id_, comment)

    async def revoke(self, call: Call, id_: str, comment: str = "") -> Waiver:
        return await self._decided(call, "revoke", id_, comment)

    async def _decided(self, call: Call, what: str, id_: str, comment: str) -> Waiver:
        self.world.done.append((what, f"{id_}: {comment}"))
        return await self.waiver(call, id_)

    def may_decide(self, call: Call, one: Waiver) -> bool:
        return True

    def may_revoke(self, call: Call, one: Waiver) -> bool:
        return True


class FakeApprovals(Service):
    async def approvals(
        self,
        call: Call,
        *,
        stack: str | None = None,
        operation: str | None = None,
        state: ApprovalState | None = None,
    ) -> Sequence[ApprovalView]:
        view = portal_waiting.VIEW
        asked = operation in (None, view.approval.operation) and stack in (None, view.approval.stack)
        return [view] if asked and self.world.stacks else []

    async def approval(self, call: Call, id_: str) -> ApprovalView:
        if id_ != portal_waiting.APPROVAL.id:
            raise NotFound(f"there is no approval {id_}")
        return portal_waiting.VIEW

    async def approve(self, call: Call, id_: str, comment: str = "") -> ApprovalView:
        self.world.done.append(("approve", f"{id_}: {comment}"))
        return portal_waiting.VIEW

    async def refuse(self, call: Call, id_: str, comment: str = "") -> ApprovalView:
        self.world.done.append(("refuse", f"{id_}: {comment}"))
        return portal_waiting.VIEW

    async def again(self, call: Call, id_: str) -> Operation:
        return self.world.operations["op_queued"]


class FakeQuotas(Service):
    async def standings(
        self, call: Call, team: str | None = None, environment: str | None = None
    ) -> Sequence[Standing]:
        return [portal_quotas.standing(team or "group:default/payments", environment or "dev")]

    async def budgets(self, call: Call, team: str | None = None, environment: str | None = None) -> Sequence[Standing]:
        return [portal_quotas.budget(team or "group:default/payments", environment or "dev")]


class FakeStacks(Service):
    async def graph(self, call: Call, environment: str | None = None, around: str | None = None) -> StackGraph:
        names = sorted(self.world.stacks)
        uses = [(names[0], "zone", name) for name in names[1:3]]
        return stack_graph(await self.stacks(call), uses, environment=environment, around=around)

    async def policy_report(self, call: Call, environment: str | None = None) -> PolicyReport:
        return policy_report(portal_policies.VERDICTS if self.world.stacks else ())

    async def stacks(self, call: Call, environment: str | None = None) -> Sequence[StackView]:
        return [one for one in self.world.stacks.values() if environment in (None, one.environment)]

    async def stack(self, call: Call, name: str) -> StackDetail:
        if name == "hidden@dev":
            raise Refused("user:ada may not see stack hidden@dev", hint="ask an owner for the role viewer")
        if name not in self.world.stacks:
            raise NotFound(f"there is no stack {name!r}", hint="see what there is: roadbed stack list")
        return self.world.stacks[name]

    async def resources(self, call: Call, name: str, urn: str | None = None) -> Sequence[ResourceView]:
        return [one for one in portal_stacks.resources(name) if urn in (None, one.urn)]

    async def versions(self, call: Call, name: str, urn: str) -> Sequence[Version]:
        return portal_stacks.VERSIONS if urn.endswith("#cloud:Network") else ()

    async def history(self, call: Call, name: str, limit: int = 50) -> Sequence[HistoryEntry]:
        return self.world.history if name == portal_stacks.NETWORK else ()

    async def outputs(self, call: Call, name: str) -> Sequence[StackOutput]:
        return portal_stacks.OUTPUTS if name == portal_stacks.NETWORK else ()

    async def secrets(self, call: Call, name: str) -> Sequence[StackSecret]:
        return portal_stacks.SECRETS if name == portal_stacks.NETWORK else ()

    async def drift(self, call: Call, name: str) -> DriftReport:
        return portal_stacks.drift(name)

    async def plan(self, call: Call, name: str, wish: Wish) -> Plan:
        """The selector `nothing` selects nothing."""
        if "nothing" in wish.targets:
            raise InvalidInput("nothing of network@dev is named 'nothing'", hint="did you mean main/vpc?")
        self.world.wishes.append(wish)
        return portal_stacks.PLANS[portal_stacks.NETWORK, 12]

    async def get_plan(self, call: Call, name: str, number: int) -> Plan:
        if (name, number) in portal_stacks.PLANS:
            return portal_stacks.PLANS[name, number]
        if name == portal_stacks.ORDERS and number <= 31:
            return data.plan(name, number)
        raise NotFound(f"{name} has no plan {number}")

    async def plans(self, call: Call, name: str, limit: int = 50) -> Sequence[PlanView]:
        return portal_stacks.plan_views(name, self.world.plans)

    async def plan_state(self, call: Call, name: str, number: int) -> PlanState | None:
        return self.world.plans.get((name, number))

    async def journal(self, call: Call, name: str, number: int, after: int = 0) -> Sequence[JournalEntry]:
        if (name, number) == (portal_stacks.NETWORK, 11):
            return [entry for entry in _broken_off(portal_stacks.PLANS[name, number]) if entry.id > after]
        return [entry for entry in self.world.journal.get((name, number), ()) if entry.id > after]

    async def apply(self, call: Call, name: str, number: int) -> Operation:
        """Goes through the plan's effects at the world's pace, in larger bites where there are many."""
        if name == "hidden@dev":
            raise Refused("user:ada may not apply plans of hidden@dev", hint="ask an owner for the role operator")
        operation = replace(
            data.OPERATIONS[0], id="op_apply", kind="stack.apply", title=f"Apply plan {number}", target=name, steps=()
        )
        self.world.done.append(("apply", f"{name} {number}"))
        self.world.operations["op_apply"] = operation
        self.world.plans[name, number] = replace(self.world.plans[name, number], operation="op_apply")
        self.world.stacks[name] = replace(self.world.stacks[name], applying=number)
        self.world.emit(f"stack:{name}")
        task = asyncio.ensure_future(self._apply(portal_stacks.PLANS[name, number]))
        self.world.tasks.add(task)
        task.add_done_callback(self.world.tasks.discard)
        return operation

    async def _apply(self, plan: Plan) -> None:
        """The update of a gateway fails."""
        effects = [effect for effect in schedule(plan) if effect.step is not None]
        bite = max(1, len(effects) // 40)
        journal = self.world.journal.setdefault((plan.stack, plan.number), [])
        for start in range(0, len(effects), bite):
            for event in ("began", "succeeded"):
                await asyncio.sleep(self.world.pace)
                for effect in effects[start : start + bite]:
                    fails = event == "succeeded" and effect.step is not None and effect.step.type == "cloud:Gateway"
                    journal.append(_entry(len(journal) + 1, effect, "failed" if fails else event))
                self.world.emit(f"stack:{plan.stack}", "stack.progress")
            if self.world.operations["op_apply"].cancel_requested:
                break
        outcome = "failed" if any(entry.event == "failed" for entry in journal) else "succeeded"
        self._end(plan, "cancelled" if self.world.operations["op_apply"].cancel_requested else outcome)

    def _end(self, plan: Plan, outcome: Any) -> None:
        error = None
        if outcome == "failed":
            error = {"detail": "1 of the plan's steps failed", "hint": "mend it and plan again"}
        ended = replace(self.world.operations["op_apply"], state=outcome, ended_at=datetime.now(UTC), error=error)
        self.world.operations["op_apply"] = ended
        stack = self.world.stacks[plan.stack]
        self.world.stacks[plan.stack] = replace(stack, applying=None, plan=None, serial=stack.serial + 1)
        self.world.emit(f"stack:{plan.stack}")
        self.world.emit("operation:op_apply")

    async def discard(self, call: Call, name: str, number: int) -> None:
        self.world.done.append(("discard", f"{name} {number}"))
        self.world.plans[name, number] = replace(self.world.plans[name, number], discarded=True)

    async def refresh(self, call: Call, name: str) -> Operation:
        self.world.done.append(("refresh", name))
        return self.world.operations["op_queued"]

    async def scan(self, call: Call, name: str) -> Operation:
        self.world.done.append(("scan", name))
        return self.world.operations["op_queued"]


def _entry(id_: int, effect: Any, event: str) -> JournalEntry:
    error = {"detail": "the provider cloud answered 409: the rule is used by another gateway"}
    step = effect.step
    return JournalEntry(
        id_, step.urn, step.deposed, effect.do, event, datetime.now(UTC), error if event == "failed" else None
    )


def _broken_off(plan: Plan) -> list[JournalEntry]:
    """Half of it done, one failed."""
    entries: list[JournalEntry] = []
    for effect in [one for one in schedule(plan) if one.step is not None][:6]:
        failed = effect.step is not None and effect.step.type == "cloud:Gateway"
        entries += [_entry(len(entries) + 1, effect, "began")]
        entries += [_entry(len(entries) + 1, effect, "failed" if failed else "succeeded")]
    return entries


class FakeOperations(Service):
    async def get(self, call: Call, id_: str) -> Operation:
        if id_ not in self.world.operations:
            raise NotFound(f"there is no operation {id_}")
        return self.world.operations[id_]

    async def list(
        self,
        call: Call,
        *,
        target: str | None = None,
        state: State | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Operation]:
        found = [
            one for one in self.world.operations.values() if target in (None, one.target) and state in (None, one.state)
        ]
        return Page(found, "op_x" if len(found) > 4 and cursor is None else None)

    async def log(self, call: Call, id_: str, after: int = 0, limit: int | None = None) -> Sequence[LogLine]:
        lines = data.OPERATION_LOG
        if id_ == "op_run":
            finished = sum(step.state == "succeeded" for step in self.world.operations[id_].steps)
            lines = tuple(LogLine(n, data.NOW, "run", f"line {n} of the run") for n in range(1, finished + 1))
        return [line for line in lines if line.sequence > after]

    async def cancel(self, call: Call, id_: str) -> Operation:
        self.world.operations[id_] = replace(self.world.operations[id_], cancel_requested=True)
        return self.world.operations[id_]

    async def watch(self, call: Call, after: int | None = None) -> AsyncIterator[Event]:
        if call.principal is None:
            raise Unauthenticated("nobody is logged in")
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self.world.listeners.append(queue)
        return self._events(queue)

    async def _events(self, queue: asyncio.Queue[Event]) -> AsyncIterator[Event]:
        try:
            while True:
                yield await queue.get()
        finally:
            self.world.listeners.remove(queue)


class FakeGoldenPaths(Service):
    async def templates(self, call: Call) -> Sequence[Template]:
        return [self._python_api()]

    async def template(self, call: Call, name: str) -> Template:
        if name != "python-api":
            raise NotFound(f"there is no golden path {name!r}")
        return self._python_api()

    async def run(self, call: Call, name: str, parameters: Mapping[str, Any]) -> Operation:
        """Goes through its steps at the world's pace, as a real run would. The name `taken` is refused."""
        if parameters["name"] == "taken":
            raise InvalidInput("there is an application named taken already", hint="choose another name")
        steps = tuple(Step(step.id, step.name, "waiting") for step in self._python_api().steps)
        operation = replace(
            data.OPERATIONS[1],
            id="op_run",
            kind="template",
            title=f"Create {parameters['name']}",
            target=name,
            steps=steps,
        )
        self.world.operations["op_run"] = operation
        task = asyncio.ensure_future(self._tick(str(parameters["name"])))
        self.world.tasks.add(task)
        task.add_done_callback(self.world.tasks.discard)
        return operation

    async def _tick(self, name: str) -> None:
        operation = self.world.operations["op_run"]
        for index, step in enumerate(operation.steps):
            for state in ("running", "succeeded"):
                steps = list(self.world.operations["op_run"].steps)
                ended = datetime.now(UTC) if state == "succeeded" else None
                started = steps[index].started_at or datetime.now(UTC)
                steps[index] = replace(step, state=cast(Any, state), started_at=started, ended_at=ended)
                self._now(replace(operation, state="running", started_at=operation.created_at, steps=tuple(steps)))
                await asyncio.sleep(self.world.pace)
        url = f"http://{name}.dev.localhost:8080"
        result = {"application": name, "environment": "dev", "url": url, "release": "v1"}
        self.world.applications.append(replace(data.APPLICATIONS[0], application=name, url=url, release="v1"))
        last = self.world.operations["op_run"]
        self._now(replace(last, state="succeeded", ended_at=datetime.now(UTC), result=result))

    def _now(self, operation: Operation) -> None:
        self.world.operations["op_run"] = operation
        self.world.emit("operation:op_run")

    def _python_api(self) -> Template:
        path = "templates/python-api/template.yaml"
        return read_template((_STARTER / path).read_text(encoding="utf-8"), path, _ACTIONS)


class FakeCatalog(Service):
    async def entities(
        self, call: Call, filters: Sequence[str] = (), *, limit: int | None = None, cursor: str | None = None
    ) -> Page[EntityView]:
        kinds = {text.removeprefix("kind=") for text in filters}
        return Page([one for one in self.world.entities if not kinds or one.ref.kind in kinds])

    async def entity(self, call: Call, ref: EntityRef | str) -> EntityView:
        for one in self.world.entities:
            if one.ref == ref:
                return one
        raise NotFound(f"{ref} is not in the catalog")


class FakePlatform(Service):
    async def environments(self, call: Call) -> Sequence[Environment]:
        return self.world.environments

    async def status(self, call: Call) -> PlatformStatus:
        return self.world.status

    async def doctor(self, call: Call) -> Sequence[Check]:
        return data.CHECKS


class FakeAudit(Service):
    async def record(self, call: Call, action: str, target: Target, *, outcome: str, detail: Mapping[str, Any]) -> None:
        """What the guards note: a refusal."""
        self.world.noted.append((outcome, action))

    async def list(
        self,
        call: Call,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        target: str | None = None,
        principal: str | None = None,
        action: str | None = None,
    ) -> Page[Record]:
        return Page([one for one in self.world.audit if action in (None, one.action)])


_GATE = ResourceType(
    "acme:Gate",
    "What a plugin brings, with "
    + "a description of which nobody knows where it ends, " * 4
    + "and no class in the SDK.",
    {
        "rules-of-entry": Property({"type": "array"}, required=True, description="Who may enter."),
        data.LONG_NAME.replace("-", "_"): Property({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        "nested": Property({"type": "object", "additionalProperties": {"type": "object"}}, replace=True),
    },
    may_run_twice=True,
)


def providers() -> Registry:
    """The platform's own types, and a plugin's; nothing can be made of them."""
    types: dict[str, dict[str, ResourceType]] = {}
    for name, one in {**every_type(), _GATE.name: _GATE}.items():
        types.setdefault(name.partition(":")[0], {})[name] = one
    return Registry([cast(Provider, SimpleNamespace(name=name, types=found)) for name, found in types.items()])


def services(world: World) -> PortalServices:
    platform = FakePlatform(world)
    return PortalServices(
        database=FakeDatabase(world),
        clock=SystemClock(),
        sessions=FakeSessions(world),
        applications=FakeApplications(world),
        resources=FakeResources(world),
        jobs=world.jobs,
        blocks=FakeBlocks(world),
        stacks=FakeStacks(world),
        block_costs=FakeBlockCosts(),
        costs=FakeCosts(world.stacks),
        operations=FakeOperations(world),
        golden_paths=FakeGoldenPaths(world),
        resource_types=ResourceTypes(lambda principal, action, target: None, providers()),
        policies=FakePolicyPages(world),
        waivers=FakeWaivers(world),
        approvals=FakeApprovals(world),
        quotas=FakeQuotas(world),
        catalog=FakeCatalog(world),
        platform=platform,
        status=platform,
        audit=FakeAudit(world),
        backups=FakeBackups(world),
    )


def app(world: World | None = None, dist: Path = DIST) -> FastAPI:
    """The portal behind the API's real guards, over a fake platform. `dist` is the folder of its assets."""
    made = services(world or World())
    return create_app(
        database=cast(Any, made.database),
        identity=cast(Any, SimpleNamespace(sessions=made.sessions)),
        audit=cast(Any, made.audit),
        routers=[],
        pages=[router(made, dist=dist)],
        public_pages=PUBLIC,
        login_page="/login",
        error_page=error_page(made.clock, dist=dist),
    )


@contextmanager
def serving(world: World) -> Iterator[str]:
    """The address of a portal over `world`, which a thread of its own serves meanwhile."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app(world), log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4700)
    parser.add_argument("--empty", action="store_true", help="a platform on its first day")
    parser.add_argument("--unsandboxed", action="store_true", help="a machine whose kernel forbids sandboxes")
    options = parser.parse_args()
    world = World.empty() if options.empty else World()
    if options.unsandboxed:
        world.sandboxed, world.status = False, replace(world.status, isolation=data.UNSANDBOXED)
    world.codes |= {f"{CODE}-{number}" for number in range(100)}
    print(f"http://127.0.0.1:{options.port}/login/once?code={CODE}")
    uvicorn.run(app(world), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
