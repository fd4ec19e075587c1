"""Databases for applications on a real server: made, found again, walled off, removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
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
        provider.delete(desired("alien@dev"), made.id, Reports()),
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


async def test_a_server_that_is_away_is_worth_another_try(home: Path) -> None:
    class Away:
        port = 1

        def url(self, database: str) -> str:
            return f"postgresql://roadbed@127.0.0.1:1/{database}"

    with pytest.raises(Transient, match="can't be reached"):
        await PostgresProvider(ApplicationServer(Away())).create(desired("away@dev"), Reports())
