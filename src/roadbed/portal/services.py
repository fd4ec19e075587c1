"""The services that the pages ask. Each checks by itself what the caller may."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from roadbed.audit.domain import Record
from roadbed.control.domain import Event, LogLine, Operation
from roadbed.engine.domain import Plan
from roadbed.kit.access import Authorise, Principal
from roadbed.kit.clock import Clock
from roadbed.kit.pagination import Page
from roadbed.portal.shapes import (
    Application,
    ApplicationDetail,
    Check,
    ConfigValue,
    Entity,
    Environment,
    LogEntry,
    PlatformStatus,
    Release,
    Replica,
    Resource,
    Template,
)
from roadbed.storage.call import Call


class Database(Protocol):
    def call(self, principal: Principal | None) -> AbstractAsyncContextManager[Call]: ...


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in in a browser. `csrf` is what their forms must carry."""

    principal: Principal
    csrf: str


class Sessions(Protocol):
    """`log_in` and `redeem` return the secret that goes into the cookie."""

    async def session(self, call: Call, secret: str) -> Session | None: ...

    async def log_in(self, call: Call, username: str, password: str) -> str: ...

    async def redeem(self, call: Call, code: str) -> str: ...

    async def log_out(self, call: Call, secret: str) -> None: ...


class Applications(Protocol):
    async def applications(self, call: Call, environment: str | None = None) -> Sequence[Application]: ...

    async def application(self, call: Call, name: str, environment: str) -> ApplicationDetail: ...

    async def replicas(self, call: Call, name: str, environment: str) -> Sequence[Replica]: ...

    async def releases(self, call: Call, name: str, environment: str) -> Sequence[Release]: ...

    async def config(self, call: Call, name: str, environment: str) -> Sequence[ConfigValue]: ...

    async def resources(self, call: Call, stack: str) -> Sequence[Resource]: ...

    async def plan(self, call: Call, stack: str, number: int) -> Plan: ...

    async def logs(
        self, call: Call, name: str, environment: str, *, n: int, follow: bool, workload: str | None
    ) -> AsyncIterator[LogEntry]: ...

    async def restart(self, call: Call, name: str, environment: str, workload: str | None = None) -> Operation: ...

    async def scale(self, call: Call, name: str, environment: str, replicas: Mapping[str, int]) -> Operation: ...

    async def rollback(self, call: Call, name: str, environment: str, release: str | None = None) -> Operation: ...

    async def destroy(self, call: Call, name: str, environment: str) -> Operation: ...


class Operations(Protocol):
    async def get(self, call: Call, id: str) -> Operation: ...

    async def list(
        self,
        call: Call,
        *,
        target: str | None = None,
        state: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Operation]: ...

    async def log(self, call: Call, id: str, after: int = 0, limit: int = 500) -> Sequence[LogLine]: ...

    async def cancel(self, call: Call, id: str) -> object: ...


class GoldenPaths(Protocol):
    async def list(self, call: Call) -> Sequence[Template]: ...

    async def get(self, call: Call, name: str) -> Template: ...

    async def run(self, call: Call, name: str, parameters: Mapping[str, Any]) -> Operation: ...


class Catalog(Protocol):
    async def list(self, call: Call, *, kind: str | None = None, text: str | None = None) -> Sequence[Entity]: ...

    async def get(self, call: Call, kind: str, namespace: str, name: str) -> Entity: ...


class Platform(Protocol):
    async def environments(self, call: Call) -> Sequence[Environment]: ...

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


class Events(Protocol):
    def subscribe(self, after: int | None = None) -> AsyncIterator[Event]: ...


@dataclass(frozen=True, slots=True)
class PortalServices:
    database: Database
    authorise: Authorise
    clock: Clock
    sessions: Sessions
    applications: Applications
    operations: Operations
    golden_paths: GoldenPaths
    catalog: Catalog
    platform: Platform
    audit: Audit
    events: Events
