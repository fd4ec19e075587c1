"""What a test of any capability relies on: a database of its own, with the tables, and transactions at the boundary."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fakes.access import OWNER
from roadbed.storage.database import Database


async def count(database: Database) -> int:
    async with database.session() as session:
        return int((await session.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one())


async def insert(database: Database) -> None:
    async with database.call(OWNER) as call:
        await call.session.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 'x')"))


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_database_is_fresh_and_a_call_commits(database: Database, turn: int) -> None:
    assert await count(database) == 0, turn
    await insert(database)
    assert await count(database) == 1


async def test_what_raises_leaves_nothing(database: Database) -> None:
    async def insert_and_raise() -> None:
        async with database.call(OWNER) as call:
            await call.session.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 'x')"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await insert_and_raise()
    assert await count(database) == 0


async def test_an_error_shows_no_parameters(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with database.session() as session:
            await session.execute(text("SELECT 1 / 0 WHERE :hash <> ''"), {"hash": "hunter22"})
    assert "hunter22" not in str(caught.value)
