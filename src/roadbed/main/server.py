"""The server's life: start in order, say what goes on, serve, and end without touching what outlives it."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn

from roadbed.client.credentials import Credentials, load, save
from roadbed.client.local import RunFiles
from roadbed.identity.domain import Bootstrap
from roadbed.kit.access import system
from roadbed.kit.errors import RoadbedError
from roadbed.main.background import running
from roadbed.main.composition import Platform, compose
from roadbed.main.databases import Databases
from roadbed.main.settings import Settings
from roadbed.sandbox.detect import isolation
from roadbed.storage.database import Database
from roadbed.storage.ports import free_port

ROLES = frozenset({"api", "worker", "agent"})
OWNER = "admin"
"""The account of whoever started the platform first; the starter's catalog has a User of that name."""

PRIVATE = ("builds", "logs", "platform", "replicas", "repositories", "run", "sources", "workspaces")
"""Folders of the home that only the platform's user may enter."""

COLLECT_AFTER = (50_000, 20, 50)
"""Objects; collections of the young; of the middle-aged."""

log = logging.getLogger(__name__)
Say = Callable[[str], None]


async def serve(settings: Settings, roles: frozenset[str]) -> None:
    """Returns after SIGTERM or SIGINT. Applications, gateway and databases run on."""
    files = RunFiles(settings.home)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        try:
            listening = stack.enter_context(_listen(settings.api.host, settings.api.port))
            url = f"http://{_shown(settings.api.host)}:{listening.getsockname()[1]}"
            platform = await stack.enter_async_context(_platform(settings, url, files.announce_progress))
            await stack.enter_async_context(_roles(platform, roles, files.announce_progress))
            files.announce_progress("Opening the doors")
            bootstrap = await _first_owner(platform, settings.home, url)
            if "api" in roles:
                await stack.enter_async_context(_http(platform, listening))
        except RoadbedError as error:
            files.announce_failure(error)
            raise
        _spare_the_collector()
        files.announce_ready(url, f"{url}/login/once?code={bootstrap.one_time_code}" if bootstrap else None)
        log.info("ready at %s as %s", url, ", ".join(sorted(roles)))
        await stopping.wait()
        log.info("stopping; applications, gateway and databases run on")


def _spare_the_collector() -> None:
    """What stands at the start stays: the garbage collector need not go through it again and again.

    A plan of thousands of steps is a million objects that live for a second. At Python's own thresholds (700 objects)
    reading one walks through everything dozens of times, which takes longer than the reading itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _close_to_others(home: Path) -> None:
    """Other users of the machine read no source and no log. Without sandboxes replicas of another user must get in."""
    if isolation().sandbox:
        for name in PRIVATE:
            (home / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            (home / name).chmod(0o700)


class _Server(uvicorn.Server):
    """Leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, first: int) -> socket.socket:
    """Takes the first free port from `first` on, at once, so that nobody takes it before we serve."""
    return socket.create_server((host, free_port(first, host=host)), backlog=512)


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host  # noqa: S104 - compared, not bound


@asynccontextmanager
async def _platform(settings: Settings, url: str, say: Say) -> AsyncIterator[Platform]:
    say("Starting the databases")
    databases = Databases(settings.home, settings.database)
    database = Database(await databases.start())
    try:
        platform = compose(settings, database, databases, url)
        say("Reading the platform repo")
        await platform.prepare()
        _close_to_others(settings.home)
        async with running(databases.keep(), "databases"), running(platform.servers.keep(), "servers"):
            try:
                yield platform
            finally:
                await platform.spare.close()
    finally:
        await database.close()


@asynccontextmanager
async def _roles(platform: Platform, roles: frozenset[str], say: Say) -> AsyncIterator[None]:
    """Starts what the roles need, in the order in which each can rely on the one before; ends it in reverse."""
    async with AsyncExitStack() as stack:
        say("Starting the gateway")
        await platform.gateway.start()
        await platform.events.start()
        stack.push_async_callback(platform.events.close)
        if "agent" in roles:
            say("Looking after the applications")
            await stack.enter_async_context(platform.agent())
        if "worker" in roles:
            await platform.worker.start()
            stack.push_async_callback(platform.worker.close)
            await stack.enter_async_context(running(platform.drift.run(), "drift"))
            await stack.enter_async_context(running(platform.waivers.run(), "waivers"))
            await stack.enter_async_context(running(platform.approvals.run(), "approvals"))
            await stack.enter_async_context(running(platform.prune.run(), "pruning of builds"))
            await stack.enter_async_context(running(platform.backups.run(), "backups"))
        yield


async def _first_owner(platform: Platform, home: Path, url: str) -> Bootstrap | None:
    """Makes the first owner, without a password, and sees that this machine's client can log in."""
    stored = load(home)
    async with platform.database.call(system("setup")) as call:
        bootstrap = await platform.identity.accounts.bootstrap(call, OWNER)
        if bootstrap is None and stored is None:
            bootstrap = await platform.identity.accounts.recover(call, OWNER)
    if bootstrap is not None:
        save(home, Credentials(url, bootstrap.token))
    elif stored is not None and stored.url != url:
        save(home, Credentials(url, stored.token))
    return bootstrap


@asynccontextmanager
async def _http(platform: Platform, listening: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        platform.app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        lifespan="off",
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listening]), name="http")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
