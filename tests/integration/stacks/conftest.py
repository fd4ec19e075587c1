"""A scene whose worker works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roadbed.storage.database import Database
from stacks_kit import Scene, make_scene


@pytest.fixture
async def scene(database: Database, home: Path) -> AsyncIterator[Scene]:
    made = make_scene(database, home)
    await made.start()
    yield made
    await made.stop()
