"""Every provider keeps the rules, on the real thing: disk, sandbox, PostgreSQL, HTTP, gateway, catalog, runtime."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from backends import TinyServer, tiny_server
from provider_cases import command_cases, file_cases, kept_cases, names
from roadbed.providers.http.provider import HttpProvider
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer, External
from roadbed.sdk.testing import CHECKS, Case, Check
from roadbed.storage.embedded import EmbeddedPostgres

KEPT = kept_cases()
every_check = pytest.mark.parametrize("check", CHECKS, ids=str)


@every_check
@pytest.mark.parametrize("case", KEPT, ids=names(KEPT))
async def test_values_that_are_kept(check: Check, case: Case) -> None:
    await check(case)


@every_check
@pytest.mark.parametrize("number", range(4))
async def test_files(check: Check, number: int, tmp_path: Path) -> None:
    await check(file_cases(tmp_path)[number])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "the suite left something"


@every_check
@pytest.mark.parametrize("number", range(3))
async def test_commands(check: Check, number: int, home: Path) -> None:
    await check(command_cases(home / "commands")[number])


@pytest.fixture(scope="module")
async def answering() -> AsyncIterator[TinyServer]:
    async with tiny_server("well") as server:
        yield server


@every_check
async def test_health_gates(check: Check, answering: TinyServer) -> None:
    url = f"http://127.0.0.1:{answering.port}/health"
    given = {"url": url, "headers": {"authorization": "Bearer swordfish"}, "attempts": 3, "interval_s": 0.01}
    secret = frozenset({"headers.authorization"})
    changed = {**given, "expect_body": "well"}
    addresses = (
        "http://169.254.169.254/",
        "http://[::ffff:169.254.169.254]/",
        "http:///x",
        "http://a b/",
        "http://x:99999/",
    )
    refused = [
        *({**given, "url": url} for url in addresses),
        {**given, "headers": {"authorization": "Bearer\nswordfish"}},
        {**given, "headers": {"not a name": "x"}},
    ]
    await check(Case(HttpProvider(), "http:Health", given, changed, secret, importable=False, refused=refused))


@pytest.fixture(scope="session")
async def served(run_folder: Path, worker_id: str) -> AsyncIterator[EmbeddedPostgres]:
    folder = run_folder / f"conformance-{worker_id}" / "postgres"
    server = EmbeddedPostgres(folder, name="applications'", tcp_port=0, durable=False)
    await server.start()
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as administrator:
        await administrator.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD 'swordfish'")
        await administrator.execute("GRANT CONNECT ON DATABASE postgres TO manager")
        await administrator.execute("CREATE ROLE guests")
        await administrator.execute("GRANT guests TO manager WITH ADMIN OPTION")
    yield server
    await server.stop()


def external(server: EmbeddedPostgres) -> dict[str, object]:
    """The same server as somebody sees it who is no superuser and comes in by TCP."""
    return {"host": "127.0.0.1", "port": server.port, "username": "manager", "password": "swordfish"}


@pytest.mark.slow
@every_check
@pytest.mark.parametrize("outside", [False, True], ids=["own", "external"])
@pytest.mark.parametrize("type", ["Database", "Role"])
async def test_databases_and_roles(check: Check, outside: bool, type: str, served: EmbeddedPostgres) -> None:
    async def vanish(id: str) -> None:
        name = sql.Identifier(id)
        async with await psycopg.AsyncConnection.connect(served.url("postgres"), autocommit=True) as administrator:
            await administrator.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            await administrator.execute(sql.SQL("DROP ROLE {}").format(name))

    changed = {"name": "store", "member_of": ["guests"]} if type == "Role" else None
    where = external(served) if outside else None
    refused = [{"name": "store", "member_of": ["nobody-of-that-name"]}] if type == "Role" else []
    provider = PostgresProvider(ApplicationServer(served))
    case = Case(provider, f"postgres:{type}", {"name": "store"}, changed, vanish=vanish, configuration=where)
    await check(replace(case, refused=refused))


@pytest.mark.slow
@every_check
async def test_external_servers(check: Check, served: EmbeddedPostgres) -> None:
    provider, secret = PostgresProvider(ApplicationServer(served)), frozenset({"password"})
    given = external(served)
    changed = {**given, "sslmode": "disable"}
    refused = [{**given, "password": "tunafish"}, {**given, "database": "no-such-database"}]
    await check(Case(provider, "postgres:Server", given, changed, secret, importable=False, refused=refused))


@pytest.fixture
async def database_name(served: EmbeddedPostgres, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    name = f"db_{abs(hash(request.node.name)) % 10**12}"
    async with await psycopg.AsyncConnection.connect(served.url("postgres"), autocommit=True) as administrator:
        await administrator.execute(f"CREATE DATABASE {name}".encode())
        yield name
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.slow
@every_check
async def test_grants(check: Check, served: EmbeddedPostgres, database_name: str) -> None:
    provider = PostgresProvider(ApplicationServer(served))

    async with await psycopg.AsyncConnection.connect(served.url(database_name), autocommit=True) as inside:
        await inside.execute("CREATE SCHEMA one")
    given = {"role": "guests", "database": database_name, "on": "schema", "schema": "one"}
    usage = {**given, "privileges": ["USAGE"]}
    wrong: list[dict[str, Any]] = [
        {"privileges": ["SELECT"]},
        {"role": "nobody"},
        {"database": "nowhere"},
        {"schema": "none"},
    ]
    await check(
        Case(
            provider,
            "postgres:Grant",
            usage,
            {**given, "privileges": ["USAGE", "CREATE"]},
            refused=[{**usage, **one} for one in wrong],
            exempt=dict.fromkeys(("two_at_once", "named_again"), "PostgreSQL doesn't know who gave a privilege"),
        )
    )


@pytest.mark.slow
@every_check
async def test_extensions(check: Check, served: EmbeddedPostgres, database_name: str) -> None:
    async def vanish(id: str) -> None:
        async with await psycopg.AsyncConnection.connect(served.url(database_name), autocommit=True) as inside:
            await inside.execute("DROP EXTENSION pg_trgm")

    provider, given = PostgresProvider(ApplicationServer(served)), {"name": "pg_trgm", "database": database_name}
    once = {"two_at_once": "a database has an extension once"}
    refused = [
        {**given, **one} for one in ({"name": "none"}, {"version": "99"}, {"database": "nowhere"}, {"schema": "no"})
    ]
    await check(Case(provider, "postgres:Extension", given, vanish=vanish, refused=refused, exempt=once))


def test_an_external_server_shows_no_password() -> None:
    assert "swordfish" not in repr(External("db", 5432, "manager", "swordfish"))
