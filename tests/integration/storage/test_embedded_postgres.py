"""The embedded servers against real processes: first start, adoption, crashes, and who may come in."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import psycopg
import pytest

from roadbed.kit.errors import InvalidInput, Unavailable
from roadbed.storage.embedded import EmbeddedPostgres
from waiting import until

pytestmark = pytest.mark.slow


async def query(url: str, text: str = "SELECT current_user::text") -> object:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(text.encode())
        row = await cursor.fetchone() if cursor.description else None
    return row[0] if row else None


@pytest.fixture
async def server(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server with TCP, started."""
    server = EmbeddedPostgres(home / "postgres" / "applications", name="applications'", tcp_port=0, durable=False)
    await server.start()
    yield server
    await server.stop()


async def test_a_second_start_adopts_the_server_that_runs(server: EmbeddedPostgres) -> None:
    again = EmbeddedPostgres(server.folder, name="applications'", tcp_port=0)
    pid = server.pid
    await again.start()
    assert (again.pid, again.port, again.running()) == (pid, server.port, True)


async def test_starts_at_the_same_time_make_one_server(home: Path) -> None:
    servers = [EmbeddedPostgres(home / "postgres" / "platform", name="platform", durable=False) for _ in range(3)]
    await asyncio.gather(*(server.start() for server in servers))
    assert len({server.pid for server in servers}) == 1
    await servers[0].stop()
    assert not servers[1].running()


async def test_a_server_that_was_killed_comes_back_with_its_data(server: EmbeddedPostgres) -> None:
    await server.ensure_database("kept")
    port, pid = server.port, server.pid
    assert pid is not None
    os.kill(pid, 9)
    await until(lambda: not server.running())
    await server.start()
    assert await query(server.url("kept"), "SELECT 7") == 7
    assert server.port == port


async def test_a_lock_file_that_names_an_alien_process_is_no_obstacle(server: EmbeddedPostgres) -> None:
    lock = (server.data / "postmaster.pid").read_text()
    await server.stop()
    lines = [str(os.getpid()), *lock.splitlines()[1:]]
    (server.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert not server.running()
    await server.start()
    assert server.pid != os.getpid()


async def test_the_superuser_comes_in_over_the_socket_alone(server: EmbeddedPostgres) -> None:
    assert await query(server.url("postgres")) == "roadbed"
    with pytest.raises(psycopg.OperationalError, match="rejects connection"):
        await query(server.url("postgres", "roadbed", "guess"))


async def test_a_role_needs_its_password(server: EmbeddedPostgres) -> None:
    await query(server.url("postgres"), "CREATE ROLE app LOGIN PASSWORD 'right'")
    assert await query(server.url("postgres", "app", "right")) == "app"
    for wrong in ("wrong", ""):
        with pytest.raises(psycopg.OperationalError, match="password"):
            await query(server.url("postgres", "app", wrong))
    socket_url = server.url("postgres").replace("roadbed@", "app@")
    with pytest.raises(psycopg.OperationalError, match="no pg_hba"):
        await query(socket_url)


async def test_without_tcp_nothing_listens(home: Path) -> None:
    server = EmbeddedPostgres(home / "postgres" / "platform", name="platform", durable=False)
    await server.start()
    assert server.pid is not None
    assert [found for found in psutil.Process(server.pid).net_connections("inet") if found.status == "LISTEN"] == []
    assert server.port is None
    assert (server.folder / "socket").stat().st_mode & 0o777 == 0o700
    await server.stop()


async def test_a_deep_home_gets_its_socket_elsewhere(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    server = EmbeddedPostgres(deep / "postgres" / "platform", name="platform", durable=False)
    await server.start()
    assert await query(server.url("postgres")) == "roadbed"
    await server.stop()


async def test_a_port_that_was_taken_in_the_meantime_is_named(server: EmbeddedPostgres) -> None:
    await server.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", server.port or 0))
        squatter.listen()
        with pytest.raises(Unavailable, match=f"port {server.port} on 127.0.0.1 is in use"):
            await server.start()


async def test_what_the_server_says_before_it_ends_is_in_the_error(server: EmbeddedPostgres) -> None:
    await server.stop()
    (server.data / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match="pg_control") as caught:
        await server.start()
    assert any("pg_control" in problem.message for problem in caught.value.problems)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
async def test_a_private_folder_on_the_way_is_named_and_left_alone(home: Path) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "postgres" / "platform", name="platform")
    with pytest.raises(InvalidInput, match=f"can't pass through {private}"):
        await server.start()
    assert private.stat().st_mode & 0o777 == 0o700


async def test_stopping_what_never_ran_is_no_error(home: Path) -> None:
    await EmbeddedPostgres(home / "postgres" / "platform", name="platform").stop()
