"""An engine over a real database and a world in a file, and who watches its applies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.access import OWNER, allow
from fakes.approvals import OpenGate
from fakes.audit import FakeAudit
from fakes.policies import FakePolicies
from fakes.watching import Silent
from roadbed.control.events import Events
from roadbed.engine.domain import Plan, Recorded, Step
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.clock import FixedClock
from roadbed.kit.errors import RoadbedError
from roadbed.kit.names import StackName
from roadbed.sdk.testing.faults import FaultyProvider, World
from roadbed.secrets.service import Secrets
from roadbed.storage.call import Call
from roadbed.storage.database import Database
from roadbed.waivers.in_force import WaiversInForce
from unit.engine.building import STACK, document, urn

INFO = StackInfo(StackName.parse(STACK), "group:default/shops", "development")
OTHER = StackInfo(StackName.parse("other@dev"), "group:default/shops", "development")


class Held:
    async def held(self, call: Call, stack: StackInfo) -> Mapping[str, str]:
        return {}


class Stopped(RoadbedError):
    """Somebody cancelled it."""


@dataclass
class Watching(Silent):
    """Wishes that nothing more begins once `stop_after` steps have ended."""

    stop_after: int | None = None
    ended_all: list[str] = field(default_factory=list)

    def ended(self, step: Step, error: RoadbedError | None) -> None:
        self.ended_all.append(step.name)

    async def check_cancelled(self) -> None:
        if self.stop_after is not None and len(self.ended_all) >= self.stop_after:
            raise Stopped("somebody cancelled it")


@dataclass
class Bench:
    database: Database
    world: World
    engine: Engine

    async def plan(self, *resources: Mapping[str, Any], info: StackInfo = INFO, **more: Any) -> Plan:
        graph = {**document(*resources), "stack": str(info.name), **more}
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(info, graph))

    async def apply(self, *resources: Mapping[str, Any], info: StackInfo = INFO, **more: Any) -> Plan:
        plan = await self.plan(*resources, info=info, **more)
        return await self.engine.apply(OWNER, info, plan.number, Watching())

    async def state(self) -> dict[str, Recorded]:
        async with self.database.call(OWNER) as call:
            return {row.key.replace(urn(row.name), row.name): row for row in (await self._rows(call)).values()}

    async def _rows(self, call: Call) -> Mapping[str, Recorded]:
        return await self.engine.resources(call, INFO)

    async def tampered(self, statement: str) -> None:
        async with self.database.session() as session:
            await (await session.connection()).exec_driver_sql(statement)


@dataclass
class StoppedOnce(Watching):
    """Wishes an end as soon as `running` have begun."""

    running: int = 0
    begun: list[str] = field(default_factory=list)

    def began(self, step: Step) -> None:
        self.begun.append(step.name)

    async def check_cancelled(self) -> None:
        if len(self.begun) >= self.running:
            raise Stopped("somebody cancelled it")


def make_engine(database: Database, *providers: Any, judging: Any = None, estimates: Any = None) -> Engine:
    """Allows everything, and holds no secrets. `judging` stands in for the policies: else there are none."""
    return Engine(
        database,
        allow,
        FakeAudit(),  # type: ignore[arg-type]  # stands in for the audit log
        Events(database),
        FixedClock(),
        Secrets(bytes(32)),
        {type_: provider for provider in providers for type_ in provider.types},
        judging or FakePolicies(),  # type: ignore[arg-type]  # stands in for the policies
        Held(),
        WaiversInForce(FixedClock()),
        OpenGate(),
        estimates=estimates,
    )


def make_bench(database: Database) -> Bench:
    provider = FaultyProvider(World(Path(":memory:")))
    return Bench(database, provider.world, make_engine(database, provider))
