"""`python -m roadbed.storage.revise "message"`: writes the revision that leads from the migrations to the tables.

It compares in an embedded server that lives as long as this takes.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from roadbed.storage.embedded import EmbeddedPostgres
from roadbed.storage.migrate import MIGRATIONS, alembic_config, head, upgrade
from roadbed.storage.models import include_name, load_metadata


async def revise(database_url: str, message: str) -> list[Path]:
    """Brings the database up to date and returns the files written: none when tables and migrations agree already."""
    await upgrade(database_url)
    if not await asyncio.to_thread(_differs, database_url):
        return []
    config = alembic_config(database_url)
    config.messaging_opts = {"quiet": True}
    config.attributes["metadata"] = load_metadata()
    number = int(head() or "0") + 1
    before = _revisions()
    await asyncio.to_thread(command.revision, config, message, autogenerate=True, rev_id=f"{number:04}")
    return sorted(_revisions() - before)


def differences(connection: Connection) -> Sequence[object]:
    """What Alembic would still change in this database to make it agree with the tables."""
    options = {"include_name": include_name, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    found: Sequence[object] = compare_metadata(context, load_metadata())
    return found


def _differs(database_url: str) -> bool:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        found = differences(connection)
    engine.dispose()
    return bool(found)


def _revisions() -> set[Path]:
    return set((MIGRATIONS / "versions").glob("[0-9]*.py"))


async def _revise_in_scratch_server(folder: Path, message: str) -> list[Path]:
    server = EmbeddedPostgres(folder / "postgres", name="scratch", durable=False)
    await server.start()
    try:
        await server.ensure_database("revise")
        return await revise(server.url("revise"), message)
    finally:
        await server.stop()


def _tidy(path: Path) -> None:
    """As the checks of this project want it, without Alembic's remarks. Where ruff isn't installed, as it is."""
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))
    for action in (["format"], ["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *action, "--quiet", str(path)], check=False)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or not re.fullmatch(r"[\w ,.-]+", arguments[0]):
        print('usage: python -m roadbed.storage.revise "what changes"', file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="roadbed-revise-") as folder:
        Path(folder).chmod(0o711)  # where this is root, the server runs as another user
        written = asyncio.run(_revise_in_scratch_server(Path(folder), arguments[0]))
    for path in written:
        _tidy(path)
        print(path)
    if not written:
        print("tables and migrations agree: nothing to write", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
