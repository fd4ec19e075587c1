"""What Alembic runs for every command: one connection, one transaction, the comparison as this project wants it."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool

from roadbed.storage.models import include_name


def run() -> None:
    """`config.attributes` brings the libpq `url`, and the `metadata` to compare with where a revision is written."""
    attributes = context.config.attributes
    url = attributes["url"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=attributes.get("metadata"),
            include_name=include_name,
            compare_server_default=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
