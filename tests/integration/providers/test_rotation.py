"""Credentials are exchanged on the real servers: both sets let in until the old ones are ended, also after a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from valkey.asyncio import Valkey
from valkey.exceptions import AuthenticationError

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired
from roadbed.providers.nats.client import ask
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.nats.server import NatsServer
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.redis.server import RedisServers
from roadbed.providers.s3.client import Store
from roadbed.providers.s3.provider import S3Provider
from roadbed.providers.s3.server import S3Server
from roadbed.storage.embedded import EmbeddedPostgres

pytestmark = pytest.mark.slow


async def silent(text: str) -> None:
    """Nobody waits."""


def wanted(type: str, name: str, made: Actual | None = None, **properties: Any) -> Desired:
    desired = Desired(f"s@dev/{name}#{type}", type, name, "s@dev", properties, token=name)
    return desired if made is None else replace(desired, outputs=made.outputs, secrets=made.secrets)


@pytest.fixture(scope="module")
async def databases(run_folder: Path, worker_id: str) -> AsyncIterator[PostgresProvider]:
    server = EmbeddedPostgres(run_folder / f"rota-{worker_id}" / "pg", name="applications'", tcp_port=0, durable=False)
    await server.start()
    yield PostgresProvider(ApplicationServer(server))
    await server.stop()


async def sql(made: Actual, *statements: str, dbname: str | None = None) -> psycopg.AsyncConnection[object]:
    connection = await psycopg.AsyncConnection.connect(
        host=made.outputs["host"],
        port=made.outputs["port"],
        dbname=dbname or made.outputs["name"],
        user=made.outputs["username"],
        password=made.secrets["password"],
        autocommit=True,
    )
    for statement in statements:
        await connection.execute(statement.encode())
    return connection


async def test_a_databases_logins_change_and_all_belongs_to_one_role(databases: PostgresProvider) -> None:
    old = await databases.create(wanted("postgres:Database", "db"), silent)
    async with await sql(old, "CREATE TABLE first (id int)"):
        pass
    lost = await databases.rotate(wanted("postgres:Database", "db", old), old.id, silent)
    new = await databases.rotate(wanted("postgres:Database", "db", old), old.id, silent)
    async with await sql(old, "INSERT INTO first VALUES (1)"), await sql(new, "ALTER TABLE first ADD more int"):
        pass
    desired = wanted("postgres:Database", "db", new)
    await databases.revoke(desired, new.id, silent)
    await databases.revoke(desired, new.id, silent)
    for ended in (old, lost):
        with pytest.raises(psycopg.OperationalError):
            await sql(ended)
    async with await sql(new, "CREATE TABLE second (id int)"):
        pass
    read = await databases.read(desired, new.id)
    assert read is not None
    assert read.outputs == new.outputs, "that is no drift"
    newer = await databases.rotate(desired, new.id, silent)
    await databases.revoke(wanted("postgres:Database", "db", newer), new.id, silent)
    async with await sql(newer, "DROP TABLE first", "DROP TABLE second"):
        pass
    await databases.update(wanted("postgres:Database", "db", newer), newer.id, silent)
    async with await sql(newer):
        pass
    await databases.delete(wanted("postgres:Database", "db", newer), newer.id, silent)


async def test_a_role_that_makes_databases_of_its_own_gets_another_login(databases: PostgresProvider) -> None:
    made: dict[str, Any] = {"create_databases": True, "connection_limit": 7}
    old = await databases.create(wanted("postgres:Role", "maker", **made), silent)
    async with await sql(old, "CREATE DATABASE made_by_old", dbname="postgres"):
        pass
    new = await databases.rotate(wanted("postgres:Role", "maker", old, **made), old.id, silent)
    async with await sql(old, dbname="postgres"), await sql(new, "CREATE DATABASE made_by_new", dbname="postgres"):
        pass
    async with await sql(new, "CREATE TABLE theirs (id int)", dbname="made_by_old"):
        pass
    desired = wanted("postgres:Role", "maker", new, **made)
    await databases.revoke(desired, new.id, silent)
    with pytest.raises(psycopg.OperationalError):
        await sql(old, dbname="postgres")
    read = await databases.read(desired, new.id)
    assert read is not None
    assert (read.outputs, read.properties) == (new.outputs, made), "that is no drift"
    await databases.update(desired, new.id, silent)
    with pytest.raises(psycopg.OperationalError):
        await sql(old, dbname="postgres")
    newer = await databases.rotate(desired, new.id, silent)
    await databases.revoke(wanted("postgres:Role", "maker", newer, **made), new.id, silent)
    async with await sql(newer, "DROP TABLE theirs", dbname="made_by_old"):
        pass
    await databases.delete(wanted("postgres:Role", "maker", newer, **made), newer.id, silent)
    with pytest.raises(psycopg.OperationalError):
        await sql(newer, dbname="postgres")


async def test_a_role_that_does_not_log_in_has_nothing_to_exchange(databases: PostgresProvider) -> None:
    group = wanted("postgres:Role", "group", login=False)
    made = await databases.create(group, silent)
    with pytest.raises(Conflict, match="doesn't log in"):
        await databases.rotate(replace(group, outputs=made.outputs, secrets=made.secrets), made.id, silent)
    await databases.delete(group, made.id, silent)


async def test_a_bucket_has_two_keys_for_a_while(run_folder: Path, worker_id: str) -> None:
    server = S3Server(run_folder / f"rota-s3-{worker_id}", first_port=0)
    provider = S3Provider(server)
    old = await provider.create(wanted("s3:Bucket", "files"), silent)
    other = await provider.create(wanted("s3:Bucket", "others"), silent)
    pid = server.server.pid()
    try:
        lost = await provider.rotate(wanted("s3:Bucket", "files", old), old.id, silent)
        new = await provider.rotate(wanted("s3:Bucket", "files", old), old.id, silent)
        holders = [_holder(each) for each in (old, lost, new, other)]
        assert [await each.lets_in(name) for each, name in holders] == [True, True, True, True]
        desired = wanted("s3:Bucket", "files", new)
        await provider.update(desired, new.id, silent)
        await provider.revoke(desired, new.id, silent)
        await provider.revoke(desired, new.id, silent)
        assert [await each.lets_in(name) for each, name in holders] == [False, False, True, True]
        read = await provider.read(desired, new.id)
        assert read is not None
        assert read.outputs == new.outputs, "that is no drift"
        await provider.update(wanted("s3:Bucket", "others", other), other.id, silent)
        still = [await each.lets_in(name) for each, name in holders]
        assert still == [False, False, True, True], "another's change brings nothing back"
        assert server.server.pid() == pid, "without a restart"
        await server.server.restart()
        assert [await each.lets_in(name) for each, name in holders] == [False, False, True, True]
    finally:
        await server.remove(old.id, with_objects=True)
        await server.remove(other.id, with_objects=True)


def _holder(made: Actual) -> tuple[Store, str]:
    """Whoever has these keys, and the bucket that they are for."""
    given = made.outputs
    return Store(given["endpoint"], given["access_key_id"], made.secrets["secret_key"]), given["bucket"]


async def test_a_valkey_server_takes_both_passwords_and_nobody_is_disconnected(
    run_folder: Path, worker_id: str
) -> None:
    servers = RedisServers(run_folder / f"rota-redis-{worker_id}", first_port=0)
    provider = RedisProvider(servers)
    old = await provider.create(wanted("redis:Database", "cache"), silent)
    try:
        async with client(old) as connected:
            await connected.set("kept", "1")
            new = await provider.rotate(wanted("redis:Database", "cache", old), old.id, silent)
            async with client(old) as still, client(new) as too:
                assert await still.get("kept") == await too.get("kept") == b"1"
            await provider.revoke(wanted("redis:Database", "cache", new), new.id, silent)
            assert await connected.get("kept") == b"1"
        async with client(old) as ended:
            with pytest.raises(AuthenticationError):
                await ended.get("kept")
        await servers.server(new.id).restart()
        async with client(new) as after:
            assert await after.get("kept") == b"1"
    finally:
        await servers.remove(old.id)


def client(made: Actual) -> Valkey:
    return Valkey(host=made.outputs["host"], port=made.outputs["port"], password=made.secrets["password"])


async def test_an_account_has_two_users_for_a_while(run_folder: Path, worker_id: str) -> None:
    server = NatsServer(run_folder / f"rota-nats-{worker_id}", first_port=0)
    provider = NatsProvider(server)
    old = await provider.create(wanted("nats:Account", "queue"), silent)
    try:
        new = await provider.rotate(wanted("nats:Account", "queue", old), old.id, silent)
        assert [await _ask(each) for each in (old, new)] == ["welcome", "welcome"]
        desired = wanted("nats:Account", "queue", new)
        await provider.revoke(desired, new.id, silent)
        assert [await _ask(each) for each in (old, new)] == ["refused", "welcome"]
        read = await provider.read(desired, new.id)
        assert read is not None
        assert read.outputs == new.outputs, "that is no drift"
        await provider.update(desired, new.id, silent)
        assert await _ask(new) == "welcome"
    finally:
        await server.remove(old.id)


async def _ask(made: Actual) -> str:
    return await ask(made.outputs["host"], made.outputs["port"], made.outputs["username"], made.secrets["password"])
