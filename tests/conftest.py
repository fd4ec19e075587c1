"""Fixtures that every test may use: one PostgreSQL server for a whole run, a fresh database for each test."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from roadbed.storage.database import Database
from roadbed.storage.embedded import EmbeddedPostgres
from roadbed.storage.models import load_metadata
from roadbed.storage.queue_schema import ensure_queue_schema

RUN_FOLDER = "ROADBED_TESTS_FOLDER"
"""Names the folder that the workers of one run share; they inherit it from the process that started them."""

PREFIX = "roadbed-tests-"
"""Begins that folder's name; the number of the process that made it follows."""

TEMPLATE = "template_roadbed"

MEMORY = Path("/dev/shm")

NEEDED = 6 * 1024**3
"""Bytes that must be free in memory for a run's folder to lie there."""

_SERVERS = ("valkey-server", "nats-server", "weed")

CLONED = "STRATEGY FILE_COPY"
"""Half as long as by way of the log, where nothing is synced."""


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        _sweep()
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_quick_folder()))
        folder.chmod(0o711)  # the user as whom PostgreSQL runs under root passes through
        os.environ[RUN_FOLDER] = str(folder)


@pytest.hookimpl(trylast=True)  # after the order was made random
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first: at the end one of them would run alone, with the other processor idle."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config) and (name := os.environ.pop(RUN_FOLDER, None)):
        _remove(Path(name))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells what tests have met that count it, from whichever worker (`record_property("met", …)`)."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, told in report.user_properties:
            if name == "met" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid} met: {told}")


def _quick_folder() -> str:
    """Memory if there is enough: making a database is two thousand files, which a disk's file system takes long for."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        found = os.statvfs(MEMORY)
        free = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
        if free > NEEDED and not found.f_flag & os.ST_NOEXEC:
            return str(MEMORY)
    return tempfile.gettempdir()


def _sweep() -> None:
    """Ends what runs that were killed have left behind."""
    for place in {_quick_folder(), tempfile.gettempdir()}:
        for folder in Path(place).glob(f"{PREFIX}*-*"):
            owner = folder.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not psutil.pid_exists(int(owner)):
                _remove(folder)


def _remove(folder: Path) -> None:
    """Ends the servers in the folder, then removes it."""
    for lock in folder.rglob("postmaster.pid"):
        asyncio.run(EmbeddedPostgres(lock.parents[1], name="tests'").stop())
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            program, *arguments = process.cmdline() or [""]
            if Path(program).name in _SERVERS and any(str(folder) in argument for argument in arguments):
                process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _shared_server(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "postgres" / "tests", name="tests'", max_connections=200, durable=False)


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder that all workers of this run share. Other users can pass through it."""
    return Path(os.environ[RUN_FOLDER])


@pytest.fixture
def home(run_folder: Path) -> Iterator[Path]:
    """An empty ROADBED_HOME of this test's own, with a short path that other users can pass through."""
    folder = run_folder / f"home-{uuid4().hex[:12]}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def postgres(run_folder: Path) -> EmbeddedPostgres:
    """The run's server: the first worker that asks starts it, the end of the run stops it."""
    server = _shared_server(run_folder)
    await server.start()
    with _lock(run_folder / "template.lock"):
        await _make_template(server)
    return server


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


async def _make_template(server: EmbeddedPostgres) -> None:
    """A database with every capability's tables. Clones of it are quicker than making the tables anew."""
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as administrator:
        found = await administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if await found.fetchone():
            return
        await administrator.execute("DROP DATABASE IF EXISTS template_partial")
        await administrator.execute("CREATE DATABASE template_partial")
        await _make_tables(server.url("template_partial"))
        await administrator.execute("ALTER DATABASE template_partial RENAME TO template_roadbed")


async def _make_tables(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await ensure_queue_schema(connection)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    async with engine.begin() as transaction:
        await transaction.run_sync(load_metadata().create_all)
    await engine.dispose()


@asynccontextmanager
async def fresh_database(server: EmbeddedPostgres) -> AsyncIterator[Database]:
    """A database of one's own, with every capability's tables, empty; gone after the block."""
    name = f"test_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} {CLONED}")
    database = Database(server.url(name))
    yield database
    await database.close()
    async with await psycopg.AsyncConnection.connect(server.url("postgres"), autocommit=True) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """This test's own."""
    async with fresh_database(postgres) as database:
        yield database


@pytest.fixture(scope="module")
async def shared_database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """For a module whose tests look only, or that keep out of each other's way."""
    async with fresh_database(postgres) as database:
        yield database
