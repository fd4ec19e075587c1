"""A platform's durable work on a real database: the service, its events, a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from control_kit import Control, open_control
from roadbed.storage.database import Database


@pytest.fixture
async def control(database: Database) -> AsyncIterator[Control]:
    """Started: its worker works."""
    async with open_control(database) as control:
        yield control
