"""NATS accounts on a real server: the rules of every provider, and what a program meets there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError, ServerError

from roadbed.kit.errors import Conflict
from roadbed.providers.driver import Actual, Desired
from roadbed.providers.nats.client import ask
from roadbed.providers.nats.provider import NatsProvider
from roadbed.providers.nats.server import NatsServer
from roadbed.sdk.testing import CHECKS, Case, Check
from waiting import kill, until


@pytest.fixture(scope="module")
async def server(run_folder: Path, worker_id: str) -> AsyncIterator[NatsServer]:
    made = NatsServer(run_folder / f"nats-{worker_id}", first_port=0)
    provider, anchor = NatsProvider(made), wanted("anchor")
    kept = await provider.create(anchor, silent)
    yield made
    await provider.delete(anchor, kept.id, silent)
    assert made.server.pid() is None, "it runs although nothing uses it"


@pytest.fixture
def provider(server: NatsServer) -> NatsProvider:
    return NatsProvider(server)


async def silent(text: str) -> None:
    """Nobody waits."""


def wanted(name: str, **properties: Any) -> Desired:
    return Desired(f"s@dev/{name}#nats:Account", "nats:Account", name, "s@dev", properties, token=name)


@asynccontextmanager
async def connected(made: Actual, **more: Any) -> AsyncIterator[Client]:
    login = {"user": made.outputs["username"], "password": made.secrets["password"], **more}
    client = await nats.connect(f"nats://127.0.0.1:{made.outputs['port']}", allow_reconnect=False, **login)
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=str)
async def test_they_keep_the_rules(check: Check, server: NatsServer) -> None:
    async def vanish(id: str) -> None:
        await server.remove(id)

    @contextmanager
    def taken() -> Iterator[None]:
        """Another program has its port."""
        kill(server.server.pid() or 0)
        with socket.create_server(("127.0.0.1", (server.server.ports or {})["client"])):
            yield

    changed = {"jetstream": False, "max_connections": 3}
    given = {"max_storage_mb": 10}
    await check(Case(NatsProvider(server), "nats:Account", given, changed, vanish=vanish, unreachable=taken))


async def test_nobody_else_meets_its_subjects_and_streams(provider: NatsProvider, server: NatsServer) -> None:
    first, second = wanted("first"), wanted("second", max_storage_mb=1)
    one, other = await provider.create(first, silent), await provider.create(second, silent)
    async with connected(one) as mine, connected(other) as theirs:
        heard = [await theirs.subscribe(subject) for subject in ("hello", "orders.>")]
        await mine.jetstream().add_stream(name="orders", subjects=["orders.>"])
        await mine.jetstream().publish("orders.new", b"1")
        await mine.publish("hello", b"x")
        await mine.flush()
        with pytest.raises(NotFoundError):
            await theirs.jetstream().stream_info("orders")
        await theirs.flush()
        assert [one.pending_msgs for one in heard] == [0, 0]
        with pytest.raises(ServerError, match="storage"):
            await theirs.jetstream().add_stream(name="big", subjects=["big"], max_bytes=2 * 2**20)
    assert await ask("127.0.0.1", one.outputs["port"], one.id, "wrong") == "refused"
    await provider.delete(second, other.id, silent)
    assert (server.server.data / "jetstream" / one.id).exists()
    assert not (server.server.data / "jetstream" / other.id).exists()
    await provider.delete(first, one.id, silent)
    assert await ask("127.0.0.1", one.outputs["port"], one.id, one.secrets["password"]) == "refused"


async def test_streams_and_connections_outlive_a_change_of_another_account(provider: NatsProvider) -> None:
    first, second = wanted("standing"), wanted("coming")
    one = await provider.create(first, silent)
    async with connected(one) as mine:
        await mine.jetstream().add_stream(name="s", subjects=["s"])
        other = await provider.create(second, silent)
        await provider.update(wanted("coming", max_connections=2), other.id, silent)
        await provider.delete(second, other.id, silent)
        assert (await mine.jetstream().publish("s", b"1")).seq == 1
        assert mine.is_connected
    await provider.delete(first, one.id, silent)


async def test_a_server_that_is_killed_comes_back_with_its_streams(provider: NatsProvider, server: NatsServer) -> None:
    desired = wanted("killed")
    made = await provider.create(desired, silent)
    async with connected(made) as mine:
        await mine.jetstream().add_stream(name="s", subjects=["s"])
        await mine.jetstream().publish("s", b"1")
    kill(server.server.pid() or 0)
    await until(lambda: server.server.pid() is None)
    assert await server.server.keep()
    async with connected(made) as mine:
        assert (await mine.jetstream().stream_info("s")).state.messages == 1
    await provider.delete(desired, made.id, silent)


async def test_what_is_anothers_is_not_taken_over(provider: NatsProvider) -> None:
    desired = wanted("mine")
    made = await provider.create(desired, silent)
    with pytest.raises(Conflict, match="belongs to s@dev/mine"):
        await provider.update(wanted("thief"), made.id, silent)
    await provider.delete(wanted("thief"), made.id, silent)
    assert await provider.read(desired, made.id) is not None
    await provider.delete(desired, made.id, silent)


async def test_nothing_of_its_files_tells_the_password(provider: NatsProvider, server: NatsServer) -> None:
    desired = wanted("secret")
    made = await provider.create(desired, silent)
    files = [file for file in server.folder.rglob("*") if file.is_file()]
    assert not [file for file in files if made.secrets["password"].encode() in file.read_bytes()]
    await provider.delete(desired, made.id, silent)
