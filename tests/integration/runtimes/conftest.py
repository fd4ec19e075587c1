"""A platform of one driver, one controller and its provider, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fakes.audit import FakeAudit
from fakes.gateway import FakeGateway
from roadbed.storage.database import Database
from runtime_site import Site, daemon, end_replicas


@pytest.fixture
async def make_site(home: Path, database: Database) -> AsyncIterator[Callable[..., Any]]:
    """Makes the site's daemon; leaving the block is its death, which replicas survive."""
    yield partial(daemon, home, database, FakeGateway(), FakeAudit())
    await end_replicas(home)


@pytest.fixture
async def site(make_site: Callable[..., Any]) -> AsyncIterator[Site]:
    async with make_site() as made:
        yield made
