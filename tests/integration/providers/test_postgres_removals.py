"""Roles, privileges and extensions are removed while others drop, make and close the databases of the same server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from integration.providers.test_postgres_imports import Bench
from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired, Transient
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from unit.engine.building import resource, urn

Hook = Callable[[str, str], Awaitable[None]]
"""What happens right before a connection ("connect") or a statement (its text), in the database of that name."""


class Interleaved(ApplicationServer):
    """Lets something else happen on the server at a chosen moment."""

    def __init__(self, server: EmbeddedPostgres, meanwhile: Hook) -> None:
        super().__init__(server)
        self._meanwhile = meanwhile

    @asynccontextmanager
    async def connect(self, database: str = "postgres") -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        await self._meanwhile("connect", database)
        async with super().connect(database) as connection:
            yield connection

    async def run(
        self,
        connection: psycopg.AsyncConnection,
        statement: LiteralString,
        name: str,
        **parts: sql.Composable,
    ) -> None:
        await self._meanwhile(statement, connection.info.dbname)
        await super().run(connection, statement, name, **parts)


async def silent(text: str) -> None:
    """Nobody follows these calls."""


@dataclass
class Place:
    """A server with a database and a role, made for one test."""

    server: EmbeddedPostgres
    database: str
    role: Desired

    @property
    def role_name(self) -> str:
        return str(self.role.outputs["name"])

    async def sql(
        self, statement: LiteralString, *names: str, inside: str = "postgres", values: Sequence[object] = ()
    ) -> list[tuple[Any, ...]]:
        """`{}` are names, `%s` are values."""
        url = self.server.url(inside)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as administrator:
            done = await administrator.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), values)
            return await done.fetchall() if done.description else []

    async def use(self, database: str) -> None:
        """Gives the role something that only a connection to the database can take away."""
        await self.sql("GRANT CREATE ON SCHEMA public TO {}", self.role_name, inside=database)

    async def drop(self, database: str) -> None:
        await self.sql("DROP DATABASE {} WITH (FORCE)", database)

    async def remove_role(self, meanwhile: Hook) -> None:
        await PostgresProvider(Interleaved(self.server, meanwhile)).delete(self.role, self.role_name, silent)

    async def has_role(self) -> bool:
        return (self.role_name,) in await self.sql("SELECT rolname FROM pg_roles")


@pytest.fixture(scope="session")
async def crowded(run_folder: Path, worker_id: str) -> AsyncIterator[EmbeddedPostgres]:
    folder = run_folder / f"removals-{worker_id}" / "postgres"
    server = EmbeddedPostgres(folder, name="applications'", tcp_port=0, durable=False)
    await server.start()
    yield server
    await server.stop()


def role(name: str) -> Desired:
    return Desired(f"{name}@dev/r#postgres:Role", "postgres:Role", "r", f"{name}@dev", {}, token="t1")


def known(desired: Desired, made: Actual) -> Desired:
    return replace(desired, outputs=made.outputs, secrets=made.secrets)


@pytest.fixture
async def place(crowded: EmbeddedPostgres) -> AsyncIterator[Place]:
    name = f"place_{uuid4().hex[:10]}"
    provider, wanted = PostgresProvider(ApplicationServer(crowded)), role(name)
    place = Place(crowded, name, known(wanted, await provider.create(wanted, silent)))
    await place.sql("CREATE DATABASE {}", name)
    await place.use(name)
    yield place
    await place.sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


async def nothing(statement: str, database: str) -> None:
    """The server is left to this alone."""


@pytest.mark.parametrize("moment", ["connect", "DROP OWNED BY {name}"])
async def test_a_database_that_vanishes_has_nothing_of_a_role_any_more(place: Place, moment: str) -> None:
    async def meanwhile(what: str, database: str) -> None:
        if (what, database) == (moment, place.database):
            await place.drop(database)

    await place.remove_role(meanwhile)
    assert not await place.has_role()


@pytest.mark.parametrize(
    ("kind", "given"),
    [("postgres:Grant", {"on": "schema", "privileges": ["CREATE"]}), ("postgres:Extension", {"name": "plpgsql"})],
)
async def test_a_database_that_vanishes_has_no_privileges_or_extensions(
    place: Place, kind: str, given: dict[str, Any]
) -> None:
    async def meanwhile(what: str, database: str) -> None:
        if (what, database) == ("connect", place.database):
            await place.sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    properties = {"role": place.role_name, "database": place.database, **given}
    wanted = Desired(f"x@dev/x#{kind}", kind, "x", "x@dev", properties, token="t1")
    provider, known_as = PostgresProvider(Interleaved(place.server, meanwhile)), f"{place.database}/plpgsql"
    await provider.delete(wanted, known_as, silent)
    await place.sql("CREATE DATABASE {}", place.database)
    assert await provider.read(wanted, known_as) is None


async def test_a_database_that_cannot_be_reached_but_is_there_is_worth_another_try(place: Place) -> None:
    async def meanwhile(what: str, database: str) -> None:
        if what.startswith("DROP OWNED") and database == place.database:
            await place.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", values=[database]
            )

    with pytest.raises(Transient):
        await place.remove_role(meanwhile)
    assert await place.has_role()
    await place.remove_role(nothing)
    assert not await place.has_role()


async def test_a_server_that_goes_away_is_not_taken_for_databases_that_are_gone(place: Place) -> None:
    """The role was listed, then nothing answers any more: neither the database, nor whether it is there."""

    class Leaving(EmbeddedPostgres):
        gone = False

        def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
            self.gone = self.gone or database == place.database
            return "postgresql://roadbed@127.0.0.1:1/x" if self.gone else super().url(database, user, password)

    leaving = Leaving(place.server.folder, name="applications'", tcp_port=0)
    with pytest.raises(Transient, match="can't be reached"):
        await PostgresProvider(ApplicationServer(leaving)).delete(place.role, place.role_name, silent)
    assert await place.has_role()


async def test_a_role_that_gets_something_meanwhile_is_looked_for_again(place: Place) -> None:
    other, made = f"{place.database}_new", 0

    async def meanwhile(what: str, database: str) -> None:
        nonlocal made
        if what.startswith("DROP ROLE") and not made:
            made += 1
            await place.sql("CREATE DATABASE {}", other)
            await place.use(other)

    await place.remove_role(meanwhile)
    assert not await place.has_role()
    await place.drop(other)


async def test_a_role_that_gets_something_every_time_is_left_in_the_end(place: Place) -> None:
    async def meanwhile(what: str, database: str) -> None:
        if what.startswith("DROP ROLE"):
            await place.use(place.database)

    with pytest.raises(Conflict, match=f"it still has: 1 object in database {place.database}"):
        await place.remove_role(meanwhile)
    await place.remove_role(nothing)
    assert not await place.has_role()


@pytest.mark.parametrize(
    ("statement", "states"),
    [
        ("UPDATE pg_database SET datallowconn = %s WHERE datname = %s", (False, True)),
        ("UPDATE pg_database SET datconnlimit = %s WHERE datname = %s", (-2, -1)),
    ],
    ids=["closed", "half removed"],
)
async def test_a_database_that_refuses_connections_is_in_the_way_only_of_whom_it_has(
    place: Place, statement: LiteralString, states: tuple[object, object]
) -> None:
    closed, opened = states
    provider, alone = PostgresProvider(ApplicationServer(place.server)), role(f"{place.database}_alone")
    made = await provider.create(alone, silent)
    await place.sql(statement, values=(closed, place.database))
    await provider.delete(known(alone, made), made.id, silent)
    with pytest.raises(Conflict, match=f"it still has: 1 object in database {place.database}"):
        await place.remove_role(nothing)
    await place.sql(statement, values=(opened, place.database))
    await place.remove_role(nothing)
    assert not await place.has_role()


async def test_many_roles_and_databases_go_at_once(crowded: EmbeddedPostgres) -> None:
    """Every role has something in every database, so each removal meets databases in every stage of theirs."""
    provider = PostgresProvider(ApplicationServer(crowded))

    async def made(kind: str) -> list[Desired]:
        stacks = [f"many{uuid4().hex[:8]}@dev" for _ in range(6)]
        wanted = [Desired(f"{stack}/x#{kind}", kind, "x", stack, {}, token="t1") for stack in stacks]
        return [known(one, await provider.create(one, silent)) for one in wanted]

    databases, roles = await made("postgres:Database"), await made("postgres:Role")
    for database in databases:
        place = Place(crowded, database.outputs["name"], roles[0])
        for one in roles:
            await replace(place, role=one).use(place.database)
            await place.sql("GRANT CONNECT ON DATABASE {} TO {}", place.database, one.outputs["name"])

    async def remove(one: Desired) -> None:
        for _ in range(100):
            try:
                await provider.delete(one, one.outputs["name"], silent)
            except Transient:
                continue
            return
        pytest.fail("it was busy all the time")

    together = [*databases, *roles]
    await asyncio.gather(*map(remove, together))
    assert [await provider.read(one, one.outputs["name"]) for one in together] == [None] * len(together)


async def test_a_stack_of_databases_roles_and_privileges_is_destroyed(
    database: Database, crowded: EmbeddedPostgres
) -> None:
    bench = Bench.of(database, crowded)
    declared = []
    for number in range(3):
        app, reader = urn(f"app{number}", "postgres:Database"), urn(f"ro{number}", "postgres:Role")
        given = {"role": {"$ref": [reader, "name"]}, "database": {"$ref": [app, "name"]}, "privileges": ["CONNECT"]}
        declared += [
            resource(f"app{number}", type="postgres:Database"),
            resource(f"ro{number}", type="postgres:Role"),
            resource(f"may{number}", given, type="postgres:Grant"),
        ]
    await bench.apply(*declared)
    assert len(await bench.state()) == 9
    await bench.apply()
    assert await bench.state() == {}


@pytest.mark.parametrize("kind", ["postgres:Database", "postgres:Role"])
async def test_what_belongs_to_a_module_called_pg_has_a_name_that_the_server_takes(
    crowded: EmbeddedPostgres, kind: str
) -> None:
    provider = PostgresProvider(ApplicationServer(crowded))
    wanted = Desired(f"pg@dev/x#{kind}", kind, "x", "pg@dev", {}, token=uuid4().hex)
    made = await provider.create(wanted, silent)
    assert made.id.startswith("d_pg_dev_x_")
    await provider.delete(known(wanted, made), made.id, silent)
    assert await provider.read(known(wanted, made), made.id) is None
