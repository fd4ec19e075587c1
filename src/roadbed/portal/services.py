"""What the pages ask of the services: the least of each, so that a page can be tried with a fake.

The services themselves satisfy these (mypy checks it where `main` builds PortalServices). Each checks by itself what
the caller may.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from roadbed.approvals.domain import State as ApprovalState
from roadbed.approvals.views import ApprovalView
from roadbed.audit.domain import Record
from roadbed.backups.domain import Backup, Schedule
from roadbed.blocks.domain import BlockView
from roadbed.catalog.domain import EntityView
from roadbed.catalog.references import EntityRef
from roadbed.control.domain import Event, LogLine, Operation, State
from roadbed.delivery.block_costs import BlockCost
from roadbed.delivery.resource_changes import ResourceChange
from roadbed.delivery.resource_views import AskedResource, Proposal
from roadbed.delivery.views import Application, ApplicationDetail, ConfigValue, Release
from roadbed.doctor.domain import Check, PlatformStatus
from roadbed.engine.domain import Plan
from roadbed.engine.state.drift import DriftReport
from roadbed.engine.views import HistoryEntry, JournalEntry, StackOutput, Version
from roadbed.golden_paths.domain import Template
from roadbed.identity.domain import Session
from roadbed.kit.access import Principal
from roadbed.kit.clock import Clock
from roadbed.kit.pagination import Page
from roadbed.platform.blocks import Block
from roadbed.platform.domain import Environment
from roadbed.policy.views import PolicyList, PolicyView
from roadbed.quotas.domain import Standing
from roadbed.resource_types.domain import Declaration, TypeView
from roadbed.runtimes.domain import ReplicaView
from roadbed.runtimes.logs import LogRecord
from roadbed.runtimes.scheduled.views import JobView, RunView
from roadbed.stacks.costs import CostReport
from roadbed.stacks.domain import PlanState, PlanView, ResourceView, StackDetail, StackSecret, StackView, Wish
from roadbed.stacks.graph import StackGraph
from roadbed.stacks.policy_report import PolicyReport
from roadbed.storage.call import Call
from roadbed.waivers.domain import Waiver
from roadbed.waivers.settings import WaiverSettings


class Database(Protocol):
    def call(self, principal: Principal | None) -> AbstractAsyncContextManager[Call]: ...


class Sessions(Protocol):
    """`log_in` and `redeem` return the secret that goes into the cookie."""

    async def session(self, call: Call, secret: str) -> Session | None: ...

    async def log_in(self, call: Call, username: str, password: str, *, address: str = "") -> str: ...

    async def redeem(self, call: Call, code: str, *, address: str = "") -> str: ...

    async def log_out(self, call: Call, secret: str) -> None: ...


class Applications(Protocol):
    async def applications(self, call: Call, environment: str | None = None) -> Sequence[Application]: ...

    async def application(self, call: Call, name: str, environment: str) -> ApplicationDetail: ...

    async def replicas(self, call: Call, name: str, environment: str) -> Sequence[ReplicaView]: ...

    async def releases(self, call: Call, name: str, environment: str) -> Sequence[Release]: ...

    async def config(self, call: Call, name: str, environment: str) -> Sequence[ConfigValue]: ...

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        *,
        n: int = 100,
        follow: bool = False,
        workload: str | None = None,
    ) -> AsyncIterator[LogRecord]: ...

    async def restart(self, call: Call, name: str, environment: str, workload: str | None = None) -> Operation: ...

    async def scale(self, call: Call, name: str, environment: str, replicas: Mapping[str, int]) -> Operation: ...

    async def rollback(self, call: Call, name: str, environment: str, release: str | None = None) -> Operation: ...

    async def destroy(self, call: Call, name: str, environment: str) -> Operation: ...


class Resources(Protocol):
    @property
    def rotated(self) -> frozenset[str]: ...

    async def blocks(self, call: Call, environment: str | None = None) -> Sequence[Block]: ...

    async def resources(self, call: Call, name: str, environment: str) -> Sequence[AskedResource]: ...

    async def plan(self, call: Call, name: str, environment: str, change: ResourceChange) -> Proposal: ...

    async def change(self, call: Call, name: str, environment: str, change: ResourceChange) -> Operation: ...

    async def rotate(self, call: Call, name: str, environment: str, resource: str) -> Operation: ...


class Jobs(Protocol):
    async def jobs(self, call: Call, name: str, environment: str) -> Sequence[JobView]: ...

    async def job(self, call: Call, name: str, environment: str, job: str) -> JobView: ...

    async def runs(self, call: Call, name: str, environment: str, job: str) -> Sequence[RunView]: ...

    async def logs(
        self,
        call: Call,
        name: str,
        environment: str,
        job: str,
        number: int | None = None,
        *,
        n: int = 1000,
        follow: bool = False,
    ) -> AsyncIterator[LogRecord]: ...

    async def run(self, call: Call, name: str, environment: str, job: str) -> RunView: ...

    async def suspend(self, call: Call, name: str, environment: str, job: str, *, suspended: bool) -> JobView: ...


class BlockCosts(Protocol):
    async def of(self, call: Call, environment: str) -> Sequence[BlockCost]: ...


class Costs(Protocol):
    async def report(
        self, call: Call, application: str | None = None, environment: str | None = None
    ) -> CostReport: ...


class Backups(Protocol):
    @property
    def kept(self) -> frozenset[str]: ...

    async def backups(self, call: Call, name: str, environment: str) -> Sequence[Backup]: ...

    async def schedules(self, call: Call, name: str, environment: str) -> Sequence[Schedule]: ...

    async def back_up(self, call: Call, name: str, environment: str, resource: str) -> Operation: ...

    async def restore(
        self, call: Call, name: str, environment: str, resource: str, backup: str, confirm: str
    ) -> Operation: ...


class Stacks(Protocol):
    """A stack is named as text: `orders@dev`."""

    async def stacks(self, call: Call, environment: str | None = None) -> Sequence[StackView]: ...

    async def graph(self, call: Call, environment: str | None = None, around: str | None = None) -> StackGraph: ...

    async def stack(self, call: Call, name: str) -> StackDetail: ...

    async def resources(self, call: Call, name: str, urn: str | None = None) -> Sequence[ResourceView]: ...

    async def versions(self, call: Call, name: str, urn: str) -> Sequence[Version]: ...

    async def history(self, call: Call, name: str, limit: int = 50) -> Sequence[HistoryEntry]: ...

    async def outputs(self, call: Call, name: str) -> Sequence[StackOutput]: ...

    async def secrets(self, call: Call, name: str) -> Sequence[StackSecret]: ...

    async def drift(self, call: Call, name: str) -> DriftReport: ...

    async def plan(self, call: Call, name: str, wish: Wish) -> Plan: ...

    async def get_plan(self, call: Call, name: str, number: int) -> Plan: ...

    async def plans(self, call: Call, name: str, limit: int = 50) -> Sequence[PlanView]: ...

    async def plan_state(self, call: Call, name: str, number: int) -> PlanState | None: ...

    async def journal(self, call: Call, name: str, number: int, after: int = 0) -> Sequence[JournalEntry]: ...

    async def apply(self, call: Call, name: str, number: int) -> Operation: ...

    async def discard(self, call: Call, name: str, number: int) -> None: ...

    async def refresh(self, call: Call, name: str) -> Operation: ...

    async def scan(self, call: Call, name: str) -> Operation: ...

    async def policy_report(self, call: Call, environment: str | None = None) -> PolicyReport: ...


class Operations(Protocol):
    async def get(self, call: Call, id_: str) -> Operation: ...

    async def list(
        self,
        call: Call,
        *,
        target: str | None = None,
        state: State | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Operation]: ...

    async def log(self, call: Call, id_: str, after: int = 0, limit: int | None = None) -> Sequence[LogLine]: ...

    async def cancel(self, call: Call, id_: str) -> Operation: ...

    async def watch(self, call: Call, after: int | None = None) -> AsyncIterator[Event]: ...


class GoldenPaths(Protocol):
    async def templates(self, call: Call) -> Sequence[Template]: ...

    async def template(self, call: Call, name: str) -> Template: ...

    async def run(self, call: Call, name: str, parameters: Mapping[str, Any]) -> Operation: ...


class Catalog(Protocol):
    async def entities(
        self, call: Call, filters: Sequence[str] = (), *, limit: int | None = None, cursor: str | None = None
    ) -> Page[EntityView]: ...

    async def entity(self, call: Call, ref: EntityRef | str) -> EntityView: ...


class Platform(Protocol):
    async def environments(self, call: Call) -> Sequence[Environment]: ...


class Status(Protocol):
    async def status(self, call: Call) -> PlatformStatus: ...

    async def doctor(self, call: Call) -> Sequence[Check]: ...


class Audit(Protocol):
    async def list(
        self,
        call: Call,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        target: str | None = None,
        principal: str | None = None,
        action: str | None = None,
    ) -> Page[Record]: ...


class ResourceTypes(Protocol):
    async def types(self, call: Call) -> Sequence[TypeView]: ...

    async def type(self, call: Call, name: str) -> TypeView: ...

    async def declare(self, call: Call, type: str, name: str, properties: Mapping[str, Any]) -> Declaration: ...


class Policies(Protocol):
    async def policies(self, call: Call) -> PolicyList: ...

    async def policy(self, call: Call, name: str) -> PolicyView: ...


class Blocks(Protocol):
    async def catalog(self, call: Call) -> Sequence[BlockView]: ...

    async def block(self, call: Call, name: str) -> BlockView: ...


class Quotas(Protocol):
    async def standings(
        self, call: Call, team: str | None = None, environment: str | None = None
    ) -> Sequence[Standing]: ...

    async def budgets(
        self, call: Call, team: str | None = None, environment: str | None = None
    ) -> Sequence[Standing]: ...


class Waivers(Protocol):
    @property
    def settings(self) -> WaiverSettings: ...

    async def request(self, call: Call, policy: str, subject: str, why: str, until: datetime | None) -> Waiver: ...

    async def waivers(self, call: Call, place: str | None = None, policy: str | None = None) -> Sequence[Waiver]: ...

    async def awaiting(self, call: Call) -> Sequence[Waiver]: ...

    async def waiver(self, call: Call, id_: str) -> Waiver: ...

    async def approve(self, call: Call, id_: str, comment: str = "") -> Waiver: ...

    async def refuse(self, call: Call, id_: str, comment: str = "") -> Waiver: ...

    async def revoke(self, call: Call, id_: str, comment: str = "") -> Waiver: ...

    def may_decide(self, call: Call, one: Waiver) -> bool: ...

    def may_revoke(self, call: Call, one: Waiver) -> bool: ...


class Approvals(Protocol):
    async def approvals(
        self,
        call: Call,
        *,
        stack: str | None = None,
        operation: str | None = None,
        state: ApprovalState | None = None,
    ) -> Sequence[ApprovalView]: ...

    async def approval(self, call: Call, id_: str) -> ApprovalView: ...

    async def approve(self, call: Call, id_: str, comment: str = "") -> ApprovalView: ...

    async def refuse(self, call: Call, id_: str, comment: str = "") -> ApprovalView: ...

    async def again(self, call: Call, id_: str) -> Operation: ...


@dataclass(frozen=True, slots=True)
class PortalServices:
    database: Database
    clock: Clock
    sessions: Sessions
    applications: Applications
    resources: Resources
    jobs: Jobs
    blocks: Blocks
    stacks: Stacks
    block_costs: BlockCosts
    costs: Costs
    operations: Operations
    golden_paths: GoldenPaths
    resource_types: ResourceTypes
    policies: Policies
    waivers: Waivers
    approvals: Approvals
    quotas: Quotas
    catalog: Catalog
    platform: Platform
    status: Status
    audit: Audit
    backups: Backups
