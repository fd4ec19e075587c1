"""A database that the first version left, with everything in it: brought up to date, the next plan goes on with it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from alembic import command

from control_kit import make_control
from fakes.access import OWNER, allow
from fakes.approvals import OpenGate
from fakes.audit import FakeAudit
from fakes.watching import Silent
from roadbed.control.events import Events
from roadbed.delivery import repository as releases
from roadbed.engine.domain import Plan, Recorded
from roadbed.engine.errors import PlanChanged, StalePlan
from roadbed.engine.known import output_context
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.engine.states import States
from roadbed.kit.clock import FixedClock
from roadbed.kit.names import StackName
from roadbed.sdk.testing.faults import FaultyProvider, World
from roadbed.secrets.service import Secrets
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from roadbed.storage.migrate import alembic_config, upgrade
from roadbed.storage.queue_schema import ensure_queue_schema
from roadbed.waivers.in_force import WaiversInForce
from stacks_kit import Nothing
from unit.engine.building import STACK, document, ref, resource, urn

INFO = StackInfo(StackName.parse(STACK), "group:default/shops", "development")
SECRETS = Secrets(bytes(32))
AT = "2026-01-02T03:04:05Z"
HALF = f"half-{hashlib.sha256(urn('half').encode()).hexdigest()[:32]}"
"""What a creation made whose end nobody saw, by the identity that is found again."""


@dataclass
class Bench:
    database: Database
    world: World
    engine: Engine
    states: States

    async def plan(self, *resources: Mapping[str, Any]) -> Plan:
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(INFO, document(*resources)))

    async def apply(self, number: int) -> None:
        await self.engine.apply(OWNER, INFO, number, Silent())

    async def state(self) -> dict[str, Recorded]:
        async with self.database.call(OWNER) as call:
            return {row.name: row for row in (await self.engine.resources(call, INFO)).values()}


@pytest.fixture
async def bench(postgres: EmbeddedPostgres) -> AsyncIterator[Bench]:
    """Over a database of the first revision, with what was in it, brought up to date."""
    name = f"first_{uuid4().hex}"
    await postgres.ensure_database(name)
    url = postgres.url(name)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await ensure_queue_schema(connection)
        await asyncio.to_thread(command.upgrade, alembic_config(url), "0001")
        for table, rows in TABLES.items():
            for row in rows:
                await _insert(connection, table, row)
    assert await upgrade(url)
    database, world = Database(url), World(Path(":memory:"))
    yield _bench(database, world)
    world.close()
    await database.close()
    async with await psycopg.AsyncConnection.connect(postgres.url("postgres"), autocommit=True) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _bench(database: Database, world: World) -> Bench:
    """The things of the state are in the world, and what nobody saw the end of."""
    for identity, properties in (
        ("a-1", {"value": 1}),
        ("b-1", {"value": "of a-1"}),
        ("gone-1", {}),
        (HALF, {"value": 7}),
    ):
        world.add(identity, **properties)
    provider = FaultyProvider(world)
    providers = dict.fromkeys(provider.types, provider)
    nothing: Any = Nothing()
    audit: Any = FakeAudit()
    events, clock = Events(database), FixedClock()
    waivers = WaiversInForce(clock)
    engine = Engine(database, allow, audit, events, clock, SECRETS, providers, nothing, nothing, waivers, OpenGate())
    return Bench(database, world, engine, States(allow, audit, events, clock))


async def _insert(connection: psycopg.AsyncConnection, table: str, row: Mapping[str, Any]) -> None:
    columns = ", ".join(f'"{column}"' for column in row)
    values = [json.dumps(value) if isinstance(value, dict | list) else value for value in row.values()]
    places = ", ".join(["%s"] * len(values))
    await connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})".encode(), values)


def _resource(name: str, properties: Mapping[str, Any], depends_on: list[str], **more: Any) -> dict[str, Any]:
    row = {
        "urn": urn(name),
        "stack": STACK,
        "type": "test:Thing",
        "name": name,
        "id": f"{name}-1",
        "properties": properties,
        "depends_on": depends_on,
        "outputs": {"id": f"{name}-1", "value": properties.get("value"), "stable": f"stable-{name}-1"},
        "sealed": {"key": SECRETS.seal(f"key of {name}", context=output_context(urn(name), "key"))},
        "release": 1,
        "source": {"file": "thing.py", "line": 7},
        "broken": False,
        "updated_at": AT,
    }
    return {**row, **more}


def _step(name: str, action: str, value: Any) -> dict[str, Any]:
    return {
        "urn": urn(name),
        "type": "test:Thing",
        "name": name,
        "action": action,
        "phase": "infrastructure",
        "properties": {"value": value},
        "after": {"value": value},
        "changes": [
            {"path": "value", "before": None, "after": value, "secret": False, "unknown": False, "replaces": False}
        ],
        "depends_on": [],
        "source": {"file": "thing.py", "line": 7},
        "note": None,
    }


def _plan(number: int, base: int, *steps: Mapping[str, Any]) -> dict[str, Any]:
    body = {"steps": list(steps), "verdicts": []}
    made = {"created_at": AT, "created_by": "user:ada"}
    return {"stack": STACK, "number": number, "base": base, "digest": "0" * 64, "body": body, **made}


def _entry(plan: int, name: str, outcome: str | None, action: str = "create") -> dict[str, Any]:
    told = {"code": "refused", "message": "no"} if outcome == "failed" else None
    ended = {"outcome": outcome, "outcome_at": AT if outcome else None, "error": told}
    return {"stack": STACK, "plan": plan, "urn": urn(name), "action": action, "intent_at": AT, **ended}


OPERATION = "operation_01"
RELEASE: dict[str, Any] = {
    "stack": STACK,
    "source": "5" * 64,
    "build": "b" * 64,
    "settings": {"config": {"LEVEL": "debug"}, "secrets": {}, "scale": {"web": 2}, "restarted": {}},
    "operation": OPERATION,
    "message": None,
    "outcome": None,
    "rollback_of": None,
    "sandboxed": True,
    "created_at": AT,
    "created_by": "user:ada",
    "ended_at": AT,
}
TABLES: Mapping[str, list[dict[str, Any]]] = {
    "stacks": [
        {"name": STACK, "owner": INFO.owner, "kind": "development", "serial": 4, "plans": 3, "applying": 2},
        {"name": "other@dev", "owner": None, "kind": "development", "serial": 1, "plans": 1, "applying": None},
    ],
    "resources": [
        _resource("a", {"value": 1}, []),
        _resource("b", {"value": "of a-1"}, [urn("a")]),
        _resource("gone", {}, []),
        _resource("failed", {"value": 3}, [], id="", outputs={}, sealed={}, source=None, release=None, broken=True),
    ],
    "plans": [
        _plan(1, 0, _step("a", "create", 1), _step("b", "create", "of a-1"), _step("failed", "create", 3)),
        _plan(2, 3, _step("half", "create", 7), _step("never", "create", 8), _step("a", "none", 1)),
        _plan(3, 4, _step("a", "update", 2)),
        {**_plan(1, 1, _step("a", "update", 2)), "stack": "other@dev"},
    ],
    "journal": [
        _entry(1, "a", "succeeded"),
        _entry(1, "b", "succeeded"),
        _entry(1, "failed", "failed"),
        _entry(2, "half", None),
    ],
    "applications": [
        {
            "stack": STACK,
            "application": "shop",
            "environment": "dev",
            "owner": INFO.owner,
            "description": "Sells",
            "system": None,
            "releases": 2,
            "operation": OPERATION,
            "updated_at": AT,
        }
    ],
    "releases": [
        {**RELEASE, "number": 1, "status": "superseded", "plan": 1},
        {**RELEASE, "number": 2, "status": "active", "plan": 1, "rollback_of": 1},
    ],
    "operations": [
        {
            "id": OPERATION,
            "kind": "deployment",
            "title": "Deploy shop",
            "target": f"stack:{STACK}",
            "target_type": "stack",
            "owner": INFO.owner,
            "environment": "dev",
            "environment_kind": "development",
            "state": "succeeded",
            "requested_by": "user:ada",
            "principal": {"name": "ada", "kind": "user", "groups": [], "grants": []},
            "input": {"stack": STACK},
            "lock": STACK,
            "job": 1,
            "attempt": 1,
            "created_at": AT,
            "started_at": AT,
            "ended_at": AT,
            "result": {"release": "v2"},
            "error": None,
            "cancel_requested": False,
        }
    ],
    "operation_steps": [
        {
            "operation": OPERATION,
            "name": "apply",
            "position": 0,
            "title": "Applying",
            "state": "succeeded",
            "started_at": AT,
            "ended_at": AT,
            "done": 2,
            "total": 2,
            "message": None,
            "result": {"ok": True},
        }
    ],
    "operation_log": [{"operation": OPERATION, "sequence": 1, "at": AT, "step": "apply", "text": "made a"}],
}
SAME = (resource("a", {"value": 1}), resource("b", {"value": {"$join": ["of ", ref("a")]}}, after=("a",)))


async def test_the_state_is_what_it_was_and_what_was_cut_off_stands_in_it_as_broken(bench: Bench) -> None:
    state = await bench.state()
    assert {name: row.broken for name, row in state.items()} == {
        "a": False,
        "b": False,
        "gone": False,
        "failed": True,
        "half": True,
    }
    assert state["b"].depends_on == {urn("a")}
    assert state["a"].outputs == {"id": "a-1", "value": 1, "stable": "stable-a-1"}
    assert (state["half"].id, state["half"].properties) == ("", {"value": 7})


async def test_what_is_as_declared_stays_and_the_rest_is_brought_about(bench: Bench) -> None:
    plan = await bench.plan(*SAME, resource("half", {"value": 7}), resource("failed", {"value": 3}))
    actions = {step.name: step.action for step in plan.steps}
    assert actions == {"a": "none", "b": "none", "half": "adopt", "failed": "adopt", "gone": "delete"}
    await bench.apply(plan.number)
    made = [(effect.do, effect.id.partition("-")[0]) for effect in bench.world.effects]
    assert sorted(made) == [("create", "failed"), ("delete", "gone")]  # `half` was found
    state = await bench.state()
    assert (state["half"].id, state["half"].broken) == (HALF, False)
    assert not (await bench.plan(*SAME, resource("half", {"value": 7}), resource("failed", {"value": 3}))).changing


async def test_a_secret_output_of_then_is_used_now(bench: Bench) -> None:
    plan = await bench.plan(*SAME, resource("new", {"value": ref("a", "key")}, after=("a",)))
    await bench.apply(plan.number)
    assert [thing.properties for thing in bench.world.things.values() if thing.urn == urn("new")] == [
        {"value": "key of a"}
    ]


async def test_plans_and_the_journal_of_then_can_be_read(bench: Bench) -> None:
    async with bench.database.call(OWNER) as call:
        plan = await bench.engine.get_plan(call, INFO, 2)
        history = await bench.states.versions(call, INFO, urn("failed"))
    assert [(step.name, step.action) for step in plan.steps] == [
        ("half", "create"),
        ("never", "create"),
        ("a", "none"),
    ]
    assert "failed" in str(history)


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_no_plan_of_then_is_applied_now(bench: Bench, number: int) -> None:
    with pytest.raises((StalePlan, PlanChanged)):
        await bench.apply(number)
    assert bench.world.effects == []


async def test_releases_and_operations_are_there(bench: Bench) -> None:
    async with bench.database.call(OWNER) as call:
        active = await releases.active_release(call.session, INFO.name)
        record = await releases.application(call.session, INFO.name)
        operation = await make_control(bench.database, allow).operations.get(call, OPERATION)
    assert active is not None
    assert record is not None
    assert (active.number, active.rollback_of, active.settings.scale) == (2, 1, {"web": 2})
    assert (record.description, record.owner) == ("Sells", INFO.owner)
    assert (operation.state, operation.result) == ("succeeded", {"release": "v2"})
