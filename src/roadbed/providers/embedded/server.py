"""One server that the platform runs: started, kept, and ended."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from roadbed.kit.errors import Problem
from roadbed.providers.driver import Transient
from roadbed.providers.embedded import process
from roadbed.providers.embedded.folders import passable
from roadbed.providers.embedded.ports import PortBook
from roadbed.storage.ports import is_free

_START_PATIENCE_S = 60.0
_EVERY_S = 0.02
_LONGEST_LOG = 10 * 2**20
_RELEASE_TRIES = 50

Ports = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Program:
    """What is run. `package` is the wheel that brings the program `name`; `shown` what people call it.

    - `ports`: their names; `first`: where the search for free ones begins.
    - `arguments`: of the folder and the ports; one of them is `mark` of the folder alone, by which it is found again.
    - `is_taken`: whether a port that is free can't be used all the same. `clean`: takes away what it leaves elsewhere.
    - `end_s`: how long it may take to end by itself, in seconds.
    - `prepare`: writes what it reads, before each start. `ready`: whether it answers; asked again and again.
    """

    shown: str
    package: str
    name: str
    ports: tuple[str, ...]
    first: int
    mark: Callable[[Path], str]
    arguments: Callable[[Path, Ports], Sequence[str]]
    prepare: Callable[[Path, Ports], None]
    ready: Callable[[Path, Ports], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    end_s: float = 10.0
    is_taken: Callable[[int], bool] = lambda port: False
    clean: Callable[[Ports], None] = lambda ports: None


class EmbeddedServer:
    """`folder` holds what the platform writes, and `log`; `data` in it is the server's alone.

    `wanted` says whether it should run. One process at a time starts or ends servers of a `lock`.
    """

    def __init__(
        self, program: Program, folder: Path, key: str, book: PortBook, lock: ServerLock, wanted: Callable[[], bool]
    ) -> None:
        self.program, self.folder, self.key = program, folder, key
        self._book, self._lock, self._wanted = book, lock, wanted
        self._process: psutil.Process | None = None
        self._looked = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def ports(self) -> Ports | None:
        return self._book.get(self.key)

    def check_installed(self) -> None:
        """Raises Unavailable where the program isn't on this machine."""
        process.binary(self.program.package, self.program.name)

    def pid(self) -> int | None:
        """Of the server that runs, whoever started it."""
        if self._process is not None and process.alive(self._process):
            return self._process.pid
        if self._process is not None or not self._looked:
            self._looked = True
            self._process = process.find(self._mark, self.program.name)
        return self._process.pid if self._process else None

    async def start(self) -> Ports:
        """Returns when it answers. Raises Transient, with its last words."""
        async with self._lock.held():
            return await self._start()

    async def keep(self) -> bool:
        """Starts it again if it should run and doesn't; whether it did."""
        if self.pid() is not None or not self._wanted():
            return False
        async with self._lock.held():
            self._looked = False  # another process of the platform may have been quicker
            if self.pid() is not None or not self._wanted():
                return False
            await self._start()
            return True

    async def restart(self) -> Ports:
        async with self._lock.held():
            await self._end()
            return await self._start()

    async def stop(self) -> None:
        """Returns when it is gone, also when it was not there."""
        async with self._lock.held():
            await self._end()

    async def reload(self) -> None:
        """Tells it to read its configuration again."""
        if (pid := self.pid()) is not None:
            os.kill(pid, signal.SIGHUP)

    def trim_log(self) -> None:
        """It is written at its end always, so it can be emptied while it is written."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > _LONGEST_LOG:
                os.truncate(self.log, 0)

    @property
    def _mark(self) -> str:
        return self.program.mark(self.folder)

    async def _start(self) -> Ports:
        self._looked = False
        known = self.ports is not None
        if self.pid() is None:
            await asyncio.to_thread(self.check_installed)
            passable(self.folder)
            process.own(self.data)
            await self._check_ports()
            self._launch()
        try:
            return await self._ready()
        except Transient:
            if not known and self.pid() is None:  # another program may have been quicker, and nobody was told of these
                self._book.release(self.key)
            raise

    def _launch(self) -> None:
        """In one step, so that nobody who gives up waiting leaves half of it."""
        ports = self._book.take(self.key, self.program.ports, self.program.first, self.program.is_taken)
        self.program.prepare(self.folder, ports)
        self.log.unlink(missing_ok=True)
        program = process.binary(self.program.package, self.program.name)
        arguments = self.program.arguments(self.folder, ports)
        self._process = process.spawn(program, arguments, self.data, self.log, self.program.environment)

    async def _check_ports(self) -> None:
        """What was killed holds its ports a moment longer than it lives."""
        for name, port in (self.ports or {}).items():
            for _ in range(_RELEASE_TRIES):
                if is_free(port):
                    break
                await asyncio.sleep(_EVERY_S)
            else:
                raise Transient(
                    f"the {name} port {port} of {self.program.shown} is in use by another program",
                    hint=f"stop that program (`ss -ltnp 'sport = :{port}'` names it); the port stays the same because "
                    "applications are configured with it",
                )

    async def _ready(self) -> Ports:
        ports = self.ports or {}
        deadline = asyncio.get_running_loop().time() + _START_PATIENCE_S
        while not await self.program.ready(self.folder, ports):
            if self._process is None or not process.alive(self._process):
                raise self._failure("ended by itself")
            if asyncio.get_running_loop().time() > deadline:
                raise self._failure(f"does not answer after {_START_PATIENCE_S:.0f} s")
            await asyncio.sleep(_EVERY_S)
        return ports

    async def _end(self) -> None:
        """Asks it to end, and insists after a while."""
        self._looked = False
        if self.pid() is None or self._process is None:
            return
        running = self._process
        with suppress(psutil.NoSuchProcess):
            running.terminate()
            deadline = asyncio.get_running_loop().time() + self.program.end_s
            while process.alive(running):
                if asyncio.get_running_loop().time() > deadline:
                    running.kill()
                await asyncio.sleep(_EVERY_S)
        self._process, self._looked = None, True
        self.program.clean(self.ports or {})

    def _failure(self, what: str) -> Transient:
        lines = self.log.read_text(errors="replace").splitlines()[-5:] if self.log.exists() else []
        return Transient(
            f"{self.program.shown} {what}{': ' + lines[-1].strip() if lines else ''}",
            hint=f"all that it said is in {self.log}",
            problems=[Problem(line) for line in lines],
        )


class ServerLock:
    """One at a time: in this process, and among the processes of the platform."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._here = asyncio.Lock()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        passable(self._file.parent)
        async with self._here:
            with self._file.open("w") as lock:
                await _take(lock.fileno())
                yield


async def _take(descriptor: int) -> None:
    """Asks again and again: a thread that waits could not be told to give up."""
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        await asyncio.sleep(_EVERY_S)
