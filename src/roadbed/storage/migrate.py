"""Brings a database to the schema that this version of Roadbed needs.

Revisions are numbered (`0001_ground.py` has the revision id `0001`), so that the newest is known from the file names
and a start with nothing to do costs one query instead of an import of Alembic.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from roadbed.storage.queue_schema import ensure_queue_schema, installed_version, shipped_version

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x726F6164  # "road": whoever holds it migrates, all others wait


async def upgrade(database_url: str) -> bool:
    """Applies what is missing and says whether anything was. Several servers may do this at once.

    `database_url` is a libpq URL. Raises psycopg.OperationalError when the database can't be reached; a revision that
    fails leaves the database at the one before it.
    """
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        if await _is_current(connection):
            return False
        await connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        if await _is_current(connection):
            return False
        await ensure_queue_schema(connection)
        await asyncio.to_thread(_run_alembic, database_url)
        return True


def head() -> str | None:
    """The newest revision that there is a file for."""
    return max((path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")), default=None)


def alembic_config(database_url: str) -> Config:
    """How Alembic is called here: by program only, there is no `alembic.ini`."""
    from alembic.config import Config  # noqa: PLC0415  (0.3 s, for nothing at most starts)

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = database_url
    return config


async def _is_current(connection: psycopg.AsyncConnection) -> bool:
    if await installed_version(connection) != shipped_version():
        return False
    return await _revision(connection) == head()


async def _revision(connection: psycopg.AsyncConnection) -> str | None:
    row = await (await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL")).fetchone()
    if row is None or not row[0]:
        return None
    row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    return row[0] if row else None


def _run_alembic(database_url: str) -> None:
    from alembic import command  # noqa: PLC0415  (see above)

    command.upgrade(alembic_config(database_url), "head")
