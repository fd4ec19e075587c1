"""Valkey databases on real servers: the rules of every provider, and what a program meets there."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from valkey.asyncio import Valkey
from valkey.exceptions import AuthenticationError, NoPermissionError, ValkeyError

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired, Transient
from roadbed.providers.redis.provider import RedisProvider
from roadbed.providers.redis.server import RedisServers
from roadbed.sdk.testing import CHECKS, Case, Check
from waiting import until


@pytest.fixture(scope="module")
async def servers(run_folder: Path, worker_id: str) -> AsyncIterator[RedisServers]:
    made = RedisServers(run_folder / f"redis-{worker_id}", first_port=0)
    yield made
    for server in list(made.servers()):
        await server.stop()


@pytest.fixture
def provider(servers: RedisServers) -> RedisProvider:
    return RedisProvider(servers)


async def silent(text: str) -> None:
    """Nobody waits."""


def wanted(name: str, **properties: Any) -> Desired:
    return Desired(f"s@dev/{name}#redis:Database", "redis:Database", name, "s@dev", properties, token=name)


def client(made: Actual, **more: Any) -> Valkey:
    password = made.secrets["password"]
    return Valkey(**{"host": made.outputs["host"], "port": made.outputs["port"], "password": password, **more})


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=str)
async def test_they_keep_the_rules(check: Check, servers: RedisServers) -> None:
    async def vanish(id: str) -> None:
        await servers.remove(id)

    changed = {"max_memory_mb": 32, "eviction": "allkeys-lru", "persistent": False, "passwordless": True}
    changed |= {"keyspace_events": "KEA"}
    await check(Case(RedisProvider(servers), "redis:Database", {"max_memory_mb": 16}, changed, vanish=vanish))


async def test_each_is_a_whole_redis_of_its_own(provider: RedisProvider) -> None:
    first, second = wanted("first"), wanted("second")
    one, other = await provider.create(first, silent), await provider.create(second, silent)
    async with client(one, username="default") as mine, client(one, db=3) as mine_too, client(other) as theirs:
        await theirs.set("kept", "1")
        await mine.set("a", "b")
        assert await mine.keys("*") == [b"a"]
        assert await mine_too.keys("*") == []
        assert await mine.register_script("return redis.call('get', 'a')")() == b"b"
        await mine.flushall()
        assert await theirs.get("kept") == b"1"
    with pytest.raises(AuthenticationError):
        await client(one, password=other.secrets["password"]).set("a", "c")
    for made, desired in ((one, first), (other, second)):
        await provider.delete(desired, made.id, silent)


async def test_a_program_changes_what_is_in_it_and_not_the_server(provider: RedisProvider) -> None:
    desired = wanted("bounded", max_memory_mb=8)
    made = await provider.create(desired, silent)
    async with client(made) as mine:
        assert (await mine.config_get("maxmemory"))["maxmemory"] == str(8 * 2**20)
        forbidden = ("SHUTDOWN", "CONFIG SET maxmemory 0", "ACL SETUSER x", "REPLICAOF a 1")
        for command in forbidden:
            with pytest.raises(NoPermissionError):
                await mine.execute_command(*command.split())  # type: ignore[no-untyped-call]
        with pytest.raises(ValkeyError, match="maxmemory"):
            await fill(mine)
    await provider.delete(desired, made.id, silent)


async def fill(mine: Valkey) -> None:
    for number in range(20):
        await mine.set(f"k{number}", "x" * 2**20)


async def test_one_that_is_killed_comes_back_with_what_it_held_on_its_port(
    provider: RedisProvider, servers: RedisServers
) -> None:
    desired = wanted("killed")
    made = await provider.create(desired, silent)
    server = servers.server(made.id)
    async with client(made) as mine:
        await mine.set("a", "b")
        await until(lambda: _synced(server.data))
    os.kill(server.pid() or 0, signal.SIGKILL)
    await until(lambda: server.pid() is None)
    with pytest.raises(Transient, match="doesn't run"):
        await provider.read(desired, made.id)
    assert await server.keep()
    assert not await server.keep()
    assert server.ports == {"client": made.outputs["port"]}
    async with client(made) as mine:
        assert await mine.get("a") == b"b"
    await provider.delete(desired, made.id, silent)


def _synced(data: Path) -> bool:
    return any(b"$1\r\nb\r\n" in file.read_bytes() for file in data.rglob("*.incr.aof"))


async def test_another_platform_process_takes_over_what_runs(provider: RedisProvider, servers: RedisServers) -> None:
    desired = wanted("adopted")
    made = await provider.create(desired, silent)
    other = RedisServers(servers.folder.parents[1], first_port=0)
    assert [one.pid() for one in other.servers()] == [one.pid() for one in servers.servers()]
    again = await RedisProvider(other).read(desired, made.id)
    assert again is not None
    assert again.outputs == made.outputs
    await RedisProvider(other).delete(desired, made.id, silent)
    assert servers.server(made.id).pid() is None


async def test_what_is_anothers_is_not_taken_over(provider: RedisProvider) -> None:
    desired = wanted("mine")
    made = await provider.create(desired, silent)
    with pytest.raises(Conflict, match="belongs to s@dev/mine"):
        await provider.update(wanted("thief"), made.id, silent)
    await provider.delete(wanted("thief"), made.id, silent)
    assert await provider.read(desired, made.id) is not None
    await provider.delete(desired, made.id, silent)


async def test_nothing_of_its_files_tells_the_password(provider: RedisProvider, servers: RedisServers) -> None:
    desired = wanted("secret")
    made = await provider.create(desired, silent)
    files = [file for file in servers.folder.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if made.secrets["password"].encode() in file.read_bytes()]
    await provider.delete(desired, made.id, silent)
    assert not list((servers.folder).rglob(f"*{made.id}*"))


async def test_ids_lead_nowhere_else(provider: RedisProvider) -> None:
    assert await provider.read(wanted("x"), "../../etc/passwd") is None


async def test_it_is_not_made_smaller_than_what_is_in_it(provider: RedisProvider) -> None:
    desired = wanted("shrunk", max_memory_mb=16)
    made = await provider.create(desired, silent)
    async with client(made) as mine:
        await mine.set("a", "x" * 3 * 2**20)
    known = replace(desired, secrets=made.secrets)
    smaller, fitting = {"max_memory_mb": 2}, {"max_memory_mb": 8}
    asked = {desired.urn: smaller, "s@dev/new#redis:Database": smaller}
    refused = await provider.claimed("s@dev", None, asked)
    assert refused.keys() == {desired.urn}
    assert re.fullmatch(r"shrunk holds 3\.\d MB and can't be made to hold 2 MB", refused[desired.urn].message)
    with pytest.raises(Conflict, match="can't be made to hold 2 MB"):
        await provider.update(replace(known, properties=smaller), made.id, silent)
    assert not await provider.claimed("s@dev", None, {desired.urn: fitting})
    assert not await provider.claimed("s@dev", None, {desired.urn: {"max_memory_mb": {"$ref": "later"}}})
    await provider.delete(known, made.id, silent)
