"""Databases for applications on a real server: made, found again, walled off, removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired, Transient
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.storage.embedded import EmbeddedPostgres


class Reports(list[str]):
    async def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture(scope="session")
async def applications(run_folder: Path, worker_id: str) -> AsyncIterator[EmbeddedPostgres]:
    """The applications' server of this worker. Databases of different tests have different names."""
    server = EmbeddedPostgres(
        run_folder / f"apps-{worker_id}" / "postgres", name="applications'", tcp_port=0, durable=False
    )
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def provider(applications: EmbeddedPostgres) -> PostgresProvider:
    return PostgresProvider(ApplicationServer(applications))


def desired(stack: str, properties: Mapping[str, Any] | None = None) -> Desired:
    return Desired(f"{stack}/web/db#postgres:Database", "postgres:Database", "db", stack, properties or {})


async def connect(made: Actual, database: str | None = None) -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(
        host=made.outputs["host"],
        port=made.outputs["port"],
        dbname=database or made.outputs["name"],
        user=made.outputs["username"],
        password=made.secrets["password"],
        autocommit=True,
    )


async def test_an_application_gets_a_database_that_it_can_fill(provider: PostgresProvider) -> None:
    reports = Reports()
    made = await provider.create(desired("fill@dev"), reports)
    async with await connect(made) as connection:
        await connection.execute("CREATE TABLE orders (id int); CREATE SCHEMA more; CREATE EXTENSION pg_trgm")
    assert made.outputs["name"].startswith("fill_dev_web_db_")
    assert reports == [f"made the database {made.id}"]
    found = await provider.read(desired("fill@dev"), made.id)
    assert found is not None
    assert (found.outputs, found.secrets) == (made.outputs, {})


async def test_making_it_again_keeps_the_data_and_sets_a_new_password(provider: PostgresProvider) -> None:
    first = await provider.create(desired("again@dev"), Reports())
    async with await connect(first) as connection:
        await connection.execute("CREATE TABLE kept (id int)")
    reports = Reports()
    second = await provider.create(desired("again@dev"), reports)
    assert second.outputs == first.outputs
    assert "took over" in reports[0]
    async with await connect(second) as connection:
        await connection.execute("SELECT * FROM kept")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await connect(first)


async def test_what_a_crash_left_is_completed(provider: PostgresProvider, applications: EmbeddedPostgres) -> None:
    wanted = desired("crash@dev")
    made = await provider.create(wanted, Reports())
    async with await psycopg.AsyncConnection.connect(applications.url("postgres"), autocommit=True) as administrator:
        await administrator.execute(f"DROP DATABASE {made.id}".encode())
    assert await provider.read(wanted, made.id) is None
    async with await connect(await provider.create(wanted, Reports())):
        pass


async def test_a_role_that_somebody_else_made_is_left_alone(
    provider: PostgresProvider, applications: EmbeddedPostgres
) -> None:
    made = await provider.create(desired("alien@dev"), Reports())
    async with await psycopg.AsyncConnection.connect(applications.url("postgres"), autocommit=True) as administrator:
        await administrator.execute(f"COMMENT ON ROLE {made.id} IS 'mine'".encode())
    for attempt in (
        provider.create(desired("alien@dev"), Reports()),
        provider.delete(known(desired("alien@dev"), made), made.id, Reports()),
    ):
        with pytest.raises(Conflict, match="not this resource's"):
            await attempt


async def test_an_application_reaches_its_own_database_and_no_other(
    provider: PostgresProvider, postgres: EmbeddedPostgres
) -> None:
    one, other = await asyncio.gather(*(provider.create(desired(f"{name}@dev"), Reports()) for name in ("one", "two")))
    for database in (other.outputs["name"], "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            await connect(one, database)
    assert postgres.port is None, "the platform's server has no port that could be connected to"
    url = postgres.url("postgres").replace("roadbed@", f"{one.outputs['username']}@")
    with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
        await psycopg.AsyncConnection.connect(url)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE more",
        "CREATE DATABASE more",
        "ALTER SYSTEM SET log_statement = 'all'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE EXTENSION file_fdw",
        "SELECT rolpassword FROM pg_authid",
    ],
)
async def test_an_application_has_no_power_over_the_server(provider: PostgresProvider, statement: str) -> None:
    made = await provider.create(desired("power@dev"), Reports())
    async with await connect(made) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(f"ALTER DATABASE {made.id} OWNER TO {made.id}".encode())


async def test_removing_ends_connections_and_can_be_repeated(provider: PostgresProvider) -> None:
    wanted = desired("remove@dev", {"name": "store"})
    made = await provider.create(wanted, Reports())
    assert made.id.startswith("store_")
    open_connection = await connect(made)
    await provider.delete(wanted, made.id, Reports())
    with pytest.raises(psycopg.OperationalError):
        await open_connection.execute("SELECT 1")
    await open_connection.close()
    await provider.delete(wanted, made.id, Reports())
    assert await provider.read(wanted, made.id) is None


async def test_the_password_is_in_no_log(provider: PostgresProvider, applications: EmbeddedPostgres) -> None:
    made = await provider.create(desired("silent@dev"), Reports())
    async with await connect(made) as connection:
        with pytest.raises(psycopg.errors.SyntaxError):
            await connection.execute(f"nonsense {made.secrets['password']}".encode())
    logs = "".join(path.read_text() for path in applications.logs.iterdir())
    assert made.secrets["password"] not in logs
    assert "SCRAM-SHA-256" not in logs


def role(stack: str, **properties: Any) -> Desired:
    return Desired(f"{stack}/reader#postgres:Role", "postgres:Role", "reader", stack, properties, token="t1")


def known(desired: Desired, made: Actual) -> Desired:
    """As the engine asks once it is in the state."""
    return replace(desired, outputs=made.outputs, secrets=made.secrets, previous=desired.properties)


async def attributes(server: EmbeddedPostgres, name: str) -> tuple[bool, int]:
    async with await psycopg.AsyncConnection.connect(server.url("postgres")) as administrator:
        query = "SELECT rolcanlogin, rolconnlimit FROM pg_roles WHERE rolname = %s"
        row = await (await administrator.execute(query, [name])).fetchone()
        assert row is not None
        return row[0], row[1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (True, 50)),
        ({"login": None, "connection_limit": None}, (True, 50)),
        ({"login": False}, (False, 50)),
        ({"connection_limit": 0}, (True, 0)),
        ({"connection_limit": -1, "login": True}, (True, -1)),
    ],
)
async def test_a_role_is_made_and_changed_as_declared(
    provider: PostgresProvider, applications: EmbeddedPostgres, given: dict[str, Any], expected: tuple[bool, int]
) -> None:
    for first in ({"login": False, "connection_limit": 3}, given):
        before = role("terms@dev", **first)
        made = await provider.create(before, Reports())
        desired = replace(known(before, made), properties=given)
        changed = await provider.update(desired, made.id, Reports())
        assert await attributes(applications, made.id) == expected
        assert changed.secrets == made.secrets, "who has the password keeps it"
        found = await provider.read(known(desired, changed), made.id)
        assert found is not None
        assert found.properties == given, "nothing has drifted"
        await provider.delete(known(desired, changed), made.id, Reports())


async def test_a_role_may_make_databases_of_its_own_which_go_when_it_does(
    provider: PostgresProvider, applications: EmbeddedPostgres
) -> None:
    wanted = role("maker@dev", create_databases=True)
    made = await provider.create(wanted, Reports())
    async with await connect(made, "postgres") as connection:
        await connection.execute("CREATE DATABASE makers_own")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("CREATE TABLE here (id int)")
    async with await connect(made, "makers_own") as inside:
        await inside.execute("CREATE TABLE a (id int)")
    plain = known(role("maker@dev"), made)
    await provider.update(plain, made.id, Reports())
    for closed in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            await connect(made, closed)
    with pytest.raises(Conflict, match="owns something in makers_own"):
        await provider.delete(plain, made.id, Reports())
    await provider.delete(known(wanted, made), made.id, Reports())
    async with await psycopg.AsyncConnection.connect(applications.url("postgres"), autocommit=True) as administrator:
        found = await administrator.execute("SELECT 1 FROM pg_database WHERE datname = 'makers_own'")
        assert await found.fetchone() is None


async def test_a_role_that_may_not_log_in_does_not(provider: PostgresProvider) -> None:
    database, reader = await provider.create(desired("door@dev"), Reports()), role("door@dev", login=False)
    made = await provider.create(reader, Reports())
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        await connect(made, database.id)
    opened = role("door@dev", connection_limit=0)
    await provider.update(replace(known(reader, made), properties=opened.properties), made.id, Reports())
    with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
        await connect(made, database.id)


@pytest.mark.parametrize("declared", [{}, {"login": True, "connection_limit": 50}, {"connection_limit": 50}])
async def test_what_somebody_changed_of_a_role_is_told_and_put_right(
    provider: PostgresProvider, applications: EmbeddedPostgres, declared: dict[str, Any]
) -> None:
    wanted = role(f"drift{len(declared)}@dev", **declared)
    made = await provider.create(wanted, Reports())
    async with await psycopg.AsyncConnection.connect(applications.url("postgres"), autocommit=True) as administrator:
        await administrator.execute(f"ALTER ROLE {made.id} NOLOGIN CONNECTION LIMIT 2".encode())
    found = await provider.read(known(wanted, made), made.id)
    assert found is not None
    assert found.properties == {**declared, "login": False, "connection_limit": 2}
    await provider.update(known(wanted, made), made.id, Reports())
    assert await attributes(applications, made.id) == (True, 50)


async def test_an_extension_has_the_version_that_is_declared(
    provider: PostgresProvider, applications: EmbeddedPostgres
) -> None:
    database = await provider.create(desired("versions@dev"), Reports())

    def trigrams(**properties: Any) -> Desired:
        given = {"name": "pg_trgm", "database": database.id, **properties}
        return Desired("v@dev/e#postgres:Extension", "postgres:Extension", "e", "v@dev", given, token="t1")

    old = trigrams(version="1.4")
    made = await provider.create(old, Reports())
    assert made.outputs == {"name": "pg_trgm", "version": "1.4"}
    new = replace(known(old, made), properties=trigrams(version="1.5").properties)
    changed = await provider.update(new, made.id, Reports())
    assert (changed.id, changed.outputs["version"]) == (made.id, "1.5")
    async with await psycopg.AsyncConnection.connect(applications.url(database.id), autocommit=True) as administrator:
        await administrator.execute("ALTER EXTENSION pg_trgm UPDATE TO '1.6'")
    drifted = await provider.read(known(new, changed), made.id)
    left_out = await provider.read(known(trigrams(), changed), made.id)
    assert drifted is not None
    assert left_out is not None
    assert (drifted.properties or {})["version"] == "1.6"
    assert "version" not in (left_out.properties or {}), "who declares none takes what there is"
    for impossible in ("1.5", "99"):
        with pytest.raises(Conflict, match=r"no update path|no installation script"):
            await provider.update(trigrams(version=impossible), made.id, Reports())
    untouched = await provider.update(known(trigrams(), changed), made.id, Reports())
    assert untouched.outputs["version"] == "1.6"


async def test_many_privileges_at_once_wait_for_each_other(provider: PostgresProvider) -> None:
    """PostgreSQL refuses two that change one catalog row at a time: that is worth another try."""
    database, reader = await provider.create(desired("many@dev"), Reports()), role("many@dev")
    made = await provider.create(reader, Reports())

    async def grant(privilege: str) -> None:
        given = {"role": made.id, "database": database.id, "privileges": [privilege]}
        wanted = Desired("m@dev/g#postgres:Grant", "postgres:Grant", "g", "m@dev", given)
        for _ in range(100):
            try:
                await provider.create(wanted, Reports())
            except Transient:
                continue
            return
        pytest.fail("it was busy all the time")

    await asyncio.gather(*(grant(privilege) for privilege in ("CONNECT", "CREATE", "TEMPORARY") * 6))


async def test_a_server_that_is_away_is_worth_another_try(home: Path) -> None:
    class Away:
        port = 1

        def url(self, database: str) -> str:
            return f"postgresql://roadbed@127.0.0.1:1/{database}"

    with pytest.raises(Transient, match="can't be reached"):
        await PostgresProvider(ApplicationServer(Away())).create(desired("away@dev"), Reports())
