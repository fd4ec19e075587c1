"""Identity over a database of each test's own, with a clock that the test moves."""

from __future__ import annotations

import pytest

from platform_people import People
from roadbed.kit.clock import FixedClock
from roadbed.storage.database import Database


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def people(database: Database, clock: FixedClock) -> People:
    return People(database, clock)
