"""All tables of all capabilities, for those who compare them with a database: migrations and tests."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

import roadbed
from roadbed.storage.base import Base

_NOT_OURS = ("procrastinate_", "queue_schema", "alembic_version")


def load_metadata() -> MetaData:
    """Imports every capability's `tables.py` by name: storage stands below them all and may not know any of them."""
    package = Path(roadbed.__path__[0])
    for path in sorted(package.rglob("tables.py")):
        import_module(".".join(("roadbed", *path.relative_to(package).with_suffix("").parts)))
    return Base.metadata


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Alembic's question whether to compare something found in a database: not what the job queue keeps there."""
    return kind != "table" or name is None or not name.startswith(_NOT_OURS)
