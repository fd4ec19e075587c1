"""The tables of the job queue (Procrastinate's) in our database: installed, kept up to date, and one trigger of ours.

Procrastinate ships its schema as one file and each change of it as a migration, named so that they sort. Which of
them a database has is recorded in `queue_schema`, because Procrastinate itself keeps no record. Its tables and
functions carry their own prefix and live in the same schema as ours: their names are not qualified inside its
functions, so a schema of their own would need a search path on every connection that defers a job.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString

from psycopg import AsyncConnection

# Procrastinate wakes its workers when a job is inserted, but not when a lock is freed or a job is put back: without
# this, an operation that waited for its stack would start at the next poll.
_WAKE_ON_RELEASE: LiteralString = """
CREATE OR REPLACE FUNCTION queue_wake_workers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('procrastinate_queue_v1#' || OLD.queue_name,
                      json_build_object('type', 'job_inserted', 'job_id', OLD.id)::text);
    RETURN NULL;
END;
$$;
DROP TRIGGER IF EXISTS queue_wake_on_update ON procrastinate_jobs;
CREATE TRIGGER queue_wake_on_update AFTER UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.status = 'doing' AND NEW.status <> 'doing') EXECUTE FUNCTION queue_wake_workers();
DROP TRIGGER IF EXISTS queue_wake_on_delete ON procrastinate_jobs;
CREATE TRIGGER queue_wake_on_delete AFTER DELETE ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.lock IS NOT NULL) EXECUTE FUNCTION queue_wake_workers();
"""

_RECORD: LiteralString = """
CREATE TABLE IF NOT EXISTS queue_schema (sole boolean PRIMARY KEY DEFAULT true CHECK (sole), version text NOT NULL);
"""


@cache
def shipped_version() -> str:
    """The name of the last migration that the installed Procrastinate ships. Doesn't import it (0.4 s)."""
    return _migrations()[-1].name


async def installed_version(connection: AsyncConnection) -> str | None:
    """What `shipped_version()` was when this database's queue was last brought up to date; None: never."""
    cursor = await connection.execute("SELECT to_regclass('queue_schema') IS NOT NULL")
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return None
    row = await (await connection.execute("SELECT version FROM queue_schema")).fetchone()
    return row[0] if row else None


async def ensure_queue_schema(connection: AsyncConnection) -> None:
    """Installs the queue's schema or brings it up to date, in one transaction. The caller keeps others out."""
    async with connection.transaction():
        installed = await installed_version(connection)
        if installed == shipped_version():
            return
        for script in _pending(installed):
            await connection.execute(script.read_bytes())
        await connection.execute(_WAKE_ON_RELEASE)
        await connection.execute(_RECORD)
        await connection.execute(
            "INSERT INTO queue_schema (version) VALUES (%s)"
            " ON CONFLICT (sole) DO UPDATE SET version = excluded.version",
            (shipped_version(),),
        )


def _pending(installed: str | None) -> list[Path]:
    if installed is None:
        return [_sql_folder() / "schema.sql"]
    return [path for path in _migrations() if path.name > installed]


def _migrations() -> list[Path]:
    return sorted((_sql_folder() / "migrations").glob("*.sql"))


def _sql_folder() -> Path:
    spec = find_spec("procrastinate")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("procrastinate is not installed")
    return Path(spec.origin).parent / "sql"
