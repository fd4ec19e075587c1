"""`python -m app.migrate`: applies migrations/*.sql that were not applied yet, in the order of their names.

Each file runs once, in a transaction of its own. An advisory lock lets any number of copies be started at
once: one works, the others wait and find nothing left to do. A file that was applied must not change.
"""

import hashlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from app.logs import configure_logging
from app.settings import Settings

FOLDER = Path(__file__).parent.parent / "migrations"
LOCK = 0x726F6164  # any number, as long as nothing else on this database locks it
log = logging.getLogger("app.migrate")


class MigrationError(Exception):
    """A migration cannot be applied; nothing of it was."""


def migrate(url: str, folder: Path = FOLDER) -> Sequence[str]:
    """Returns the names of the files that it applied. Raises MigrationError, or what psycopg raises."""
    with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        connection.execute(
            "create table if not exists schema_migrations (name text primary key, checksum text not null,"
            " applied_at timestamptz not null default now())"
        )
        return [path.name for path in sorted(folder.glob("*.sql")) if _apply(connection, path)]


def _apply(connection: psycopg.Connection[Any], path: Path) -> bool:
    """Whether there was anything to do."""
    script = path.read_bytes()
    checksum = hashlib.sha256(script).hexdigest()
    applied = "select checksum from schema_migrations where name = %s"
    if known := connection.execute(applied, [path.name]).fetchone():
        if known[0] != checksum:
            raise MigrationError(f"{path.name} was changed after it was applied: write a new file instead")
        return False
    try:
        with connection.transaction():
            connection.execute(script)
            connection.execute(
                "insert into schema_migrations (name, checksum) values (%s, %s)", [path.name, checksum]
            )
    except psycopg.Error as error:
        raise MigrationError(f"{path.name}: {error}") from error
    log.info("applied %s", path.name)
    return True


def main() -> int:
    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    try:
        applied = migrate(settings.database_url)
    except (MigrationError, psycopg.Error) as error:
        log.error("migration failed: %s", error)
        return 1
    log.info("%d migrations applied", len(applied))
    return 0


if __name__ == "__main__":
    sys.exit(main())
