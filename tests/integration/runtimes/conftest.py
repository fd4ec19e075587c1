"""A platform of one driver, one controller and its provider, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fakes.access import allow
from fakes.audit import FakeAudit
from fakes.gateway import FakeGateway
from roadbed.control.events import Events
from roadbed.kit.clock import SystemClock
from roadbed.runtimes.controller import Controller
from roadbed.runtimes.declarations import Declarations
from roadbed.runtimes.drivers.process.driver import ProcessDriver
from roadbed.runtimes.jobs import Jobs
from roadbed.runtimes.provider import RuntimeProvider
from roadbed.runtimes.service import Runtimes
from roadbed.runtimes.settings import RuntimeSettings
from roadbed.runtimes.tools import Tools
from roadbed.secrets.service import Secrets
from roadbed.storage.database import Database
from runtime_site import Site


@pytest.fixture
async def make_site(home: Path, database: Database) -> AsyncIterator[Callable[..., Any]]:
    """Makes the site's daemon; leaving the block is its death, which replicas survive."""
    gateway, audit = FakeGateway(), FakeAudit()
    secrets = Secrets(b"k" * 32)

    @asynccontextmanager
    async def make(**settings: Any) -> AsyncIterator[Site]:
        chosen = RuntimeSettings(**({"drain_s": 0.2, "grace_s": 5} | settings))
        events = Events(database)
        await events.start()
        driver = ProcessDriver(home, chosen)
        clock = SystemClock()
        tools = Tools(database, driver, gateway, secrets, events, clock, chosen)
        runtimes = Runtimes(database, driver, allow)
        declarations = Declarations(driver, allow, audit, secrets, events, clock, chosen)  # type: ignore[arg-type]
        jobs = Jobs(tools)
        controller = Controller(tools)
        await controller.start()
        try:
            provider = RuntimeProvider(declarations, jobs, database, events)
            yield Site(home, driver, gateway, tools, runtimes, declarations, jobs, provider, audit)
        finally:
            await controller.close()
            await events.close()

    yield make
    leftover = ProcessDriver(home, RuntimeSettings(grace_s=0.5))
    for id_ in leftover.known():
        await leftover.stop(id_)
    for id_ in leftover.known():
        if leftover.inspect(id_):
            await leftover.wait(id_)


@pytest.fixture
async def site(make_site: Callable[..., Any]) -> AsyncIterator[Site]:
    async with make_site() as made:
        yield made
