"""Bringing a database up to date: once, by whoever is first, and in agreement with the tables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from sqlalchemy import create_engine

from roadbed.engine.domain import ACTIONS
from roadbed.storage.embedded import EmbeddedPostgres
from roadbed.storage.migrate import alembic_config, head, upgrade
from roadbed.storage.queue_schema import ensure_queue_schema, installed_version, shipped_version
from roadbed.storage.revise import differences


@pytest.fixture
async def empty_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    name = f"empty_{uuid4().hex}"
    await postgres.ensure_database(name)
    yield postgres.url(name)
    async with await psycopg.AsyncConnection.connect(postgres.url("postgres"), autocommit=True) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_tables_and_migrations_agree(empty_url: str) -> None:
    """If not: `python -m roadbed.storage.revise "what changes"`."""
    await upgrade(empty_url)
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        assert list(differences(connection)) == []
    engine.dispose()


async def test_the_first_of_several_migrates(empty_url: str) -> None:
    changed = await asyncio.gather(*(upgrade(empty_url) for _ in range(3)))
    assert sorted(changed) == [False, False, True]
    assert not await upgrade(empty_url)
    async with await psycopg.AsyncConnection.connect(empty_url) as connection:
        assert await installed_version(connection) == shipped_version()
        row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    assert row is not None
    assert row[0] == head()


async def test_the_queues_schema_is_brought_from_an_earlier_version(empty_url: str) -> None:
    """As a database that an older Procrastinate left: its last migration is applied again, and the record moves on."""
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as connection:
        await ensure_queue_schema(connection)
        await connection.execute("DROP FUNCTION procrastinate_retry_job_v2")
        await connection.execute("UPDATE queue_schema SET version = '03.03.00_01_pre_priority_lock_fetch_job.sql'")
        await connection.execute("ALTER TYPE procrastinate_job_event_type RENAME VALUE 'retried' TO 'renamed'")
        await ensure_queue_schema(connection)
        assert await installed_version(connection) == shipped_version()
        await connection.execute("SELECT 'procrastinate_retry_job_v2'::regproc")


async def test_plans_of_before_get_what_a_list_says_of_them(empty_url: str) -> None:
    """Revision 0004 makes of a plan's body what the engine writes beside a new one."""
    await asyncio.to_thread(command.upgrade, alembic_config(empty_url), "0003")
    steps = [{"action": "create"}, {"action": "create"}, {"action": "none"}]
    bodies = {
        1: {"steps": steps, "verdicts": [{"level": "mandatory"}]},
        2: {"steps": steps[2:]},
        3: {"steps": [], "rewrites": [{"was": "a"}], "verdicts": [{"level": "advisory"}]},
        4: {"steps": [], "export_changes": [{"path": "a"}]},
    }
    async with await psycopg.AsyncConnection.connect(empty_url, autocommit=True) as connection:
        await connection.execute("INSERT INTO stacks (name, kind, serial, plans) VALUES ('a@dev', 'test', 1, 4)")
        for number, body in bodies.items():
            await connection.execute(
                "INSERT INTO plans (stack, number, base, digest, body, created_at, created_by)"
                " VALUES ('a@dev', %s, 1, 'd', %s, now(), 'user:ada')",
                (number, json.dumps(body)),
            )
        await asyncio.to_thread(command.upgrade, alembic_config(empty_url), "0004")
        rows = await (await connection.execute("SELECT outline FROM plans ORDER BY number")).fetchall()
    outlines = [row[0] for row in rows]
    assert [(one["empty"], one["refused"]) for one in outlines] == [
        (False, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip
    assert outlines[0]["summary"] == dict.fromkeys(ACTIONS, 0) | {"create": 2, "none": 1}
