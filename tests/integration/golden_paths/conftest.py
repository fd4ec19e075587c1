"""A scene whose worker works, with the catalog of the platform repo that ships."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from golden_paths_kit import Scene, make_scene
from roadbed.storage.database import Database


@pytest.fixture
async def scene(database: Database, home: Path) -> AsyncIterator[Scene]:
    made = make_scene(database, home)
    await made.sync_catalog()
    await made.start()
    yield made
    await made.stop()
