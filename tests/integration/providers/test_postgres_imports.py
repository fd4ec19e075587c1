"""Databases, roles and extensions that somebody made by hand come under the platform, or are refused and left alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, Self
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from fakes.access import OWNER
from fakes.watching import Silent
from integration.engine.bench import make_engine
from roadbed.engine.applying import patience
from roadbed.engine.domain import Plan, Recorded
from roadbed.engine.errors import ApplyFailed
from roadbed.engine.service import Engine, PlanRequest, StackInfo
from roadbed.kit.errors import InvalidInput, RoadbedError
from roadbed.kit.names import StackName
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from unit.engine.building import STACK, document, resource

INFO = StackInfo(StackName.parse(STACK), "group:default/shops", "development")


@dataclass
class Bench:
    database: Database
    engine: Engine
    server: EmbeddedPostgres
    name: str

    @classmethod
    def of(cls, database: Database, server: EmbeddedPostgres) -> Self:
        provider = PostgresProvider(ApplicationServer(server))
        return cls(database, make_engine(database, provider), server, f"theirs_{uuid4().hex[:10]}")

    async def sql(self, statement: LiteralString, database: str = "postgres") -> list[tuple[Any, ...]]:
        """`{}` in it is the name that this test made for itself, `{text}` the same as text."""
        url = self.server.url(database)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as administrator:
            done = await administrator.execute(
                sql.SQL(statement).format(sql.Identifier(self.name), text=sql.Literal(self.name))
            )
            return await done.fetchall() if done.description else []

    async def plan(self, *resources: Mapping[str, Any]) -> Plan:
        async with self.database.call(OWNER) as call:
            return await self.engine.plan(call, PlanRequest(INFO, document(*resources)))

    async def apply(self, *resources: Mapping[str, Any]) -> Plan:
        plan = await self.plan(*resources)
        return await self.engine.apply(OWNER, INFO, plan.number, Silent())

    async def state(self) -> dict[str, Recorded]:
        async with self.database.call(OWNER) as call:
            return {row.name: row for row in (await self.engine.resources(call, INFO)).values()}

    async def is_there(self, database: str) -> bool:
        url = self.server.url("postgres")
        async with await psycopg.AsyncConnection.connect(url) as administrator:
            found = await administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            return await found.fetchone() is not None


@pytest.fixture(scope="session")
async def server(run_folder: Path, worker_id: str) -> AsyncIterator[EmbeddedPostgres]:
    folder = run_folder / f"imports-{worker_id}" / "postgres"
    server = EmbeddedPostgres(folder, name="applications'", tcp_port=0, durable=False)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def bench(database: Database, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(patience, "FIRST_DELAY_S", 0.0001)
    return Bench.of(database, server)


def importing(type: str, id: str, called: str = "db", **properties: Any) -> dict[str, Any]:
    return {**resource(called, properties, type=f"postgres:{type}"), "options": {"import": id}}


async def test_a_database_is_taken_over_with_what_is_in_it(bench: Bench) -> None:
    await bench.sql("CREATE DATABASE {}")
    await bench.sql("CREATE TABLE kept (id int)", bench.name)
    declared = importing("Database", bench.name)
    plan = await bench.apply(declared)
    (step,) = plan.steps
    assert (step.action, [(change.path, change.secret) for change in step.changes]) == ("import", [("password", True)])
    row = (await bench.state())["db"]
    assert row.outputs["name"] == row.outputs["username"] == bench.name
    assert {step.action for step in (await bench.plan(declared)).steps} <= {"none"}
    assert await bench.sql("SELECT 1 FROM kept", bench.name) == []
    await bench.apply()
    assert not await bench.is_there(bench.name)


async def test_a_role_is_taken_over_and_made_as_declared(bench: Bench) -> None:
    await bench.sql("CREATE ROLE {} NOLOGIN CONNECTION LIMIT 3")
    plan = await bench.apply(importing("Role", bench.name, connection_limit=7))
    (step,) = plan.steps
    assert step.action == "import"
    assert {change.path for change in step.changes} == {"connection_limit", "password"}
    assert await bench.sql("SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = {text}") == [(True, 7)]


@pytest.mark.parametrize("theirs", ["postgres", "template1", "template0"])
async def test_what_is_the_servers_own_is_refused_and_stays(bench: Bench, theirs: str) -> None:
    with pytest.raises(ApplyFailed, match=f"{theirs} is the server's own and can't be taken over"):
        await bench.apply(importing("Database", theirs))
    await bench.apply()
    assert await bench.is_there(theirs)
    assert not await bench.state()


async def test_a_name_that_postgresql_keeps_is_refused(bench: Bench) -> None:
    with pytest.raises(ApplyFailed, match="pg_monitor can't be taken over: PostgreSQL lets nobody have a role of this"):
        await bench.apply(importing("Role", "pg_monitor"))
    await bench.apply()
    assert await bench.sql("SELECT 1 FROM pg_roles WHERE rolname = 'pg_monitor'")


async def test_what_another_resource_has_is_refused_and_stays(bench: Bench) -> None:
    await bench.apply(resource("db", type="postgres:Database"))
    row = (await bench.state())["db"]
    mine = resource("db", type="postgres:Database")
    holder = "shop@dev/db#postgres:Database"
    refusals = {"Database": (InvalidInput, f"{holder} has it already"), "Role": (ApplyFailed, f"belongs to {holder}")}
    for kind, (error, says) in refusals.items():
        with pytest.raises(error, match=says):
            await bench.apply(mine, importing(kind, row.id, "thief"))
        await bench.apply(mine)
        assert await bench.is_there(row.id)
        assert (await bench.state()).keys() == {"db"}


async def test_what_is_not_there_is_no_import(bench: Bench) -> None:
    for kind, there in (("Database", "nowhere"), ("Role", "nobody"), ("Extension", "postgres/none")):
        given = {"name": "none", "database": "postgres"} if kind == "Extension" else {}
        with pytest.raises(InvalidInput, match="can't be imported"):
            await bench.plan(importing(kind, there, **given))


async def test_an_extension_that_is_there_is_imported_and_not_made_a_second_time(bench: Bench) -> None:
    await bench.sql("CREATE DATABASE {}")
    await bench.sql("CREATE EXTENSION pg_trgm", bench.name)
    given = {"name": "pg_trgm", "database": bench.name}
    with pytest.raises(ApplyFailed, match="already, and not by this resource"):
        await bench.apply(resource("trigrams", given, type="postgres:Extension"))
    await bench.apply()
    there = f"{bench.name}/pg_trgm"
    plan = await bench.apply(importing("Extension", there, "trigrams", **given))
    assert [step.action for step in plan.steps] == ["import"]
    assert (await bench.state())["trigrams"].id == there


async def test_what_is_somebody_elses_can_be_read_without_its_password(bench: Bench) -> None:
    await bench.sql("CREATE DATABASE {}")
    read = {**resource("theirs", type="postgres:Database"), "kind": "read", "id": bench.name}
    await bench.apply(read)
    row = (await bench.state())["theirs"]
    assert (row.outputs["name"], dict(row.sealed)) == (bench.name, {})
    user = resource("user", {"name": {"$ref": [row.urn, "password"]}}, type="postgres:Role")
    with pytest.raises(RoadbedError, match="password"):
        await bench.apply(read, user)
    await bench.apply()
    assert await bench.is_there(bench.name)
