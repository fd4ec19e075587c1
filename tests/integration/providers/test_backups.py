"""What providers write into a backup comes back as it was: into the same place, into another, into a scratch one."""

from __future__ import annotations

import asyncio
import io
import os
import tarfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
import pytest
from valkey.asyncio import Valkey

from roadbed.kit.errors import Conflict, NotFound
from roadbed.providers.driver import Actual, Desired
from roadbed.providers.postgres.provider import PostgresProvider
from roadbed.providers.postgres.server import ApplicationServer
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.redis.server import RedisServers
from roadbed.providers.s3.client import Store
from roadbed.providers.s3.provider import S3Provider
from roadbed.providers.s3.server import S3Server
from roadbed.runtimes.volumes import Volumes
from roadbed.sdk.backups import Contents
from roadbed.storage.embedded import EmbeddedPostgres
from waiting import until

pytestmark = pytest.mark.slow


async def silent(text: str) -> None:
    """Nobody waits."""


@dataclass
class Written:
    """A backup in memory."""

    origin: str
    contents: Contents = field(default_factory=lambda: Contents("rows", {}, 0))
    data: bytes = b""
    id: str = "bak_1"

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)


async def saved(provider: Any, desired: Desired, id: str) -> Written:
    sink = io.BytesIO()
    contents = await provider.save(desired, id, sink, silent)
    return Written(id, contents, sink.getvalue())


def wanted(type: str, name: str, made: Actual | None = None, **properties: Any) -> Desired:
    desired = Desired(f"s@dev/{name}#{type}", type, name, "s@dev", properties, token=name)
    return desired if made is None else replace(desired, outputs=made.outputs, secrets=made.secrets)


# PostgreSQL.


@pytest.fixture(scope="module")
async def applications(run_folder: Path, worker_id: str) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(run_folder / f"kept-{worker_id}" / "pg", name="applications'", tcp_port=0, durable=False)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def postgres_provider(applications: EmbeddedPostgres) -> PostgresProvider:
    return PostgresProvider(ApplicationServer(applications))


async def ask(made: Actual, *statements: str) -> list[tuple[Any, ...]]:
    """By its own role; the rows of the last one, if it has any."""
    async with await psycopg.AsyncConnection.connect(
        host=made.outputs["host"],
        port=made.outputs["port"],
        dbname=made.outputs["name"],
        user=made.outputs["username"],
        password=made.secrets["password"],
        autocommit=True,
    ) as connection:
        for statement in statements:
            cursor = await connection.execute(statement.encode())
        return await cursor.fetchall() if cursor.description else []


FILLED = (
    "CREATE TABLE orders (id int PRIMARY KEY, what text)",
    "INSERT INTO orders SELECT n, repeat('x', n % 50) FROM generate_series(1, 500) n",
    "CREATE SCHEMA more",
    "CREATE TABLE more.lines (id int)",
    "INSERT INTO more.lines VALUES (1), (2)",
    "CREATE EXTENSION pg_trgm",
    "CREATE INDEX ON orders USING gin (what gin_trgm_ops)",
    "COMMENT ON TABLE orders IS 'kept'",
)


@pytest.fixture
async def database(postgres_provider: PostgresProvider, request: pytest.FixtureRequest) -> Actual:
    made = await postgres_provider.create(wanted("postgres:Database", _short(request)), silent)
    await ask(made, *FILLED)
    return made


def _short(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).removeprefix("test_")[:30].replace("_", "-")


async def test_a_database_comes_back_as_it_was_and_nobody_loses_a_right(
    postgres_provider: PostgresProvider, database: Actual
) -> None:
    desired = wanted("postgres:Database", "db", database)
    backup = await saved(postgres_provider, desired, database.id)
    assert backup.contents.counts == {"public.orders": 500, "more.lines": 2}
    await ask(database, "DELETE FROM orders WHERE id > 3", "DROP TABLE more.lines", "CREATE TABLE later (id int)")
    found = await postgres_provider.restore(desired, database.id, backup, silent)
    assert found.counts == backup.contents.counts
    await ask(
        database, "INSERT INTO orders VALUES (501, 'new')", "DROP TABLE more.lines", "CREATE TABLE fresh (id int)"
    )
    assert await ask(database, "SELECT obj_description('orders'::regclass)") == [("kept",)]
    found_again = await postgres_provider.read(desired, database.id)
    assert found_again is not None, "it is still marked as the platform's own"


async def test_a_database_goes_into_another_and_is_all_that_ones(
    postgres_provider: PostgresProvider, database: Actual
) -> None:
    backup = await saved(postgres_provider, wanted("postgres:Database", "db", database), database.id)
    other = await postgres_provider.create(wanted("postgres:Database", "another"), silent)
    desired = wanted("postgres:Database", "another", other)
    found = await postgres_provider.restore(desired, other.id, backup, silent)
    assert found.counts == backup.contents.counts
    await ask(other, "ALTER TABLE orders ADD COLUMN more int", "DROP SCHEMA more CASCADE")


async def test_a_database_is_rehearsed_and_nothing_of_that_stays(
    postgres_provider: PostgresProvider, database: Actual, applications: EmbeddedPostgres
) -> None:
    desired = wanted("postgres:Database", "db", database)
    backup = await saved(postgres_provider, desired, database.id)
    assert (await postgres_provider.rehearse(desired, backup, silent)).counts == backup.contents.counts
    async with await psycopg.AsyncConnection.connect(applications.url("postgres")) as administrator:
        query = "SELECT datname FROM pg_database WHERE datname ~ '^(scratch|restoring|replaced)_'"
        assert await (await administrator.execute(query)).fetchall() == []
        query = "SELECT rolname FROM pg_roles WHERE rolname ~ '^scratch_'"
        assert await (await administrator.execute(query)).fetchall() == []


async def test_a_broken_backup_leaves_the_database_as_it_is(
    postgres_provider: PostgresProvider, database: Actual
) -> None:
    desired = wanted("postgres:Database", "db", database)
    backup = await saved(postgres_provider, desired, database.id)
    cut = replace(backup, data=backup.data[: len(backup.data) // 2])
    with pytest.raises(Conflict, match="own program failed"):
        await postgres_provider.restore(desired, database.id, cut, silent)
    assert await ask(database, "SELECT count(*) FROM orders") == [(500,)]


async def test_rows_are_counted_in_the_moment_that_is_dumped(
    postgres_provider: PostgresProvider, database: Actual
) -> None:
    """While somebody goes on writing."""
    desired = wanted("postgres:Database", "db", database)
    going_on = True

    async def write() -> None:
        number = 1000
        while going_on:
            await ask(database, f"INSERT INTO orders VALUES ({number}, '')")
            number += 1

    writing = asyncio.create_task(write())
    backups = [await saved(postgres_provider, desired, database.id) for _ in range(3)]
    going_on = False
    await writing
    for backup in backups:
        assert (await postgres_provider.rehearse(desired, backup, silent)).counts == backup.contents.counts


async def test_a_database_that_is_gone_is_not_found(postgres_provider: PostgresProvider) -> None:
    with pytest.raises(NotFound):
        await postgres_provider.save(wanted("postgres:Database", "gone"), "gone_1", io.BytesIO(), silent)


# Valkey.


@pytest.fixture(scope="module")
async def caches(run_folder: Path, worker_id: str) -> AsyncIterator[RedisProvider]:
    servers = RedisServers(run_folder / f"kept-redis-{worker_id}", first_port=0)
    yield RedisProvider(servers)
    for server in list(servers.servers()):
        await server.stop()


def client(made: Actual, number: int = 0) -> Valkey:
    return Valkey(host=made.outputs["host"], port=made.outputs["port"], password=made.secrets["password"], db=number)


async def test_keys_come_back_and_what_is_over_stays_away(caches: RedisProvider) -> None:
    made = await caches.create(wanted("redis:Database", "cache"), silent)
    desired = wanted("redis:Database", "cache", made)
    async with client(made) as zero, client(made, 3) as three:
        await zero.set("kept", b"\x00\xff")
        await raw(zero, "HSET", "hash", "a", "1")
        seconds, microseconds = await zero.time()
        began = seconds + microseconds / 1e6
        await zero.set("soon", "over", px=300)
        await zero.set("later", "there", ex=1000)
        await raw(three, "RPUSH", "list", "a", "b")
        backup = await saved(caches, desired, made.id)
        assert backup.contents.counts == {"db0": 2, "db3": 1}
        await zero.flushall()
        await zero.set("new", "x")
        await until(lambda: _is_over(zero, began), what="the key that ends to be over")
        found = await caches.restore(desired, made.id, backup, silent)
        assert found.counts == backup.contents.counts
        assert sorted(await zero.keys()) == [b"hash", b"kept", b"later"]
        assert await zero.get("kept") == b"\x00\xff"
        assert 0 < await zero.ttl("later") <= 1000
        assert await raw(three, "LRANGE", "list", "0", "-1") == [b"a", b"b"]
    assert (await caches.rehearse(desired, backup, silent)).counts == backup.contents.counts


async def raw(server: Any, *words: str) -> Any:
    """The client's own methods are typed for both of its manners."""
    return await server.execute_command(*words)


async def _is_over(server: Valkey, began: float) -> bool:
    seconds, microseconds = await server.time()
    return bool(seconds + microseconds / 1e6 > began + 0.3)


# S3.


@pytest.fixture(scope="module")
async def buckets(run_folder: Path, worker_id: str) -> AsyncIterator[S3Server]:
    server = S3Server(run_folder / f"kept-s3-{worker_id}", first_port=0)
    yield server
    await server.server.stop()


async def test_objects_come_back_with_what_was_said_of_them(buckets: S3Server) -> None:
    provider = S3Provider(buckets)
    made = await provider.create(wanted("s3:Bucket", "files"), silent)
    desired = wanted("s3:Bucket", "files", made)
    theirs = Store(made.outputs["endpoint"], made.outputs["access_key_id"], made.secrets["secret_key"])._client
    keys = {"a.txt": b"one", "folder/ö ..txt": b"", "big": os.urandom(3 * 2**20), "folder/": b""}
    for key, body in keys.items():
        theirs.put_object(Bucket=made.id, Key=key, Body=body, ContentType="text/plain", Metadata={"by": "ada"})
    backup = await saved(provider, desired, made.id)
    assert backup.contents.counts == {"objects": 4}
    theirs.delete_object(Bucket=made.id, Key="big")
    theirs.put_object(Bucket=made.id, Key="later", Body=b"x")
    found = await provider.restore(desired, made.id, backup, silent)
    assert found.counts == {"objects": 4}
    listed = {one["Key"] for one in theirs.list_objects_v2(Bucket=made.id)["Contents"]}
    assert listed == keys.keys()
    big = theirs.get_object(Bucket=made.id, Key="big")
    assert (big["Body"].read(), big["ContentType"], big["Metadata"]) == (keys["big"], "text/plain", {"by": "ada"})
    assert (await provider.rehearse(desired, backup, silent)).counts == {"objects": 4}


# Volumes.


@pytest.fixture
def volumes(home: Path) -> Volumes:
    return Volumes(home)


def test_a_tree_comes_back_with_its_modes_and_links(volumes: Volumes, home: Path) -> None:
    source, other = "s@dev/data-0123456789ab", "t@dev/data-0123456789ab"
    for each in (source, other):
        volumes.make(each)
    folder = home / "volumes" / source
    (folder / "deep" / "er").mkdir(parents=True, mode=0o750)
    (folder / "deep" / "er" / "run").write_bytes(b"#!/bin/sh\n")
    (folder / "deep" / "er" / "run").chmod(0o755)
    (folder / "secret").write_text("x")
    (folder / "secret").chmod(0o600)
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    for path in folder.rglob("*"):
        os.chown(path, folder.stat().st_uid, folder.stat().st_gid, follow_symlinks=False)
    sink = io.BytesIO()
    contents, unsteady = volumes.save(source, sink)
    assert (contents.counts, unsteady) == ({"files": 2, "folders": 2, "links": 1}, [])
    backup = Written(source, contents, sink.getvalue())
    inode = folder.stat().st_ino
    (folder / "secret").write_text("changed")
    (folder / "later").write_text("y")
    (folder / "pipe").unlink()
    for each in (source, other):
        assert volumes.restore(each, backup).counts == contents.counts
        there = home / "volumes" / each
        assert sorted(entry.name for entry in there.iterdir()) == ["deep", "out", "secret"]
        assert (there / "secret").read_text() == "x"
        assert (there / "secret").stat().st_mode & 0o777 == 0o600
        assert (there / "deep" / "er" / "run").stat().st_mode & 0o777 == 0o755
        assert (there / "out").readlink() == Path("/etc")
        assert (there / "secret").stat().st_uid == there.stat().st_uid
    assert folder.stat().st_ino == inode, "replicas have this very folder"
    assert volumes.rehearse(backup).counts == contents.counts
    assert not [entry for entry in (home / "volumes").iterdir() if entry.name.startswith(".")]


def test_an_archive_that_leads_out_of_the_volume_is_refused(volumes: Volumes, home: Path) -> None:
    volumes.make("s@dev/data-0123456789ab")
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w|gz") as tar:
        tar.addfile(tarfile.TarInfo("../../evil"))
    with pytest.raises(Conflict, match="can't be unpacked"):
        volumes.restore("s@dev/data-0123456789ab", Written("x", Contents("files", {}, 0, {"uid": 0}), sink.getvalue()))
    assert not (home / "evil").exists()
