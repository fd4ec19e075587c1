"""What brings a Python tree's database up to its code, where that is Alembic: by itself, or within Flask."""

from __future__ import annotations

import re

from roadbed.detection.packages import Packages
from roadbed.detection.tree import Tree

_VERSION = re.compile(r"(?P<folder>[\w./-]+)/versions/[^/]+\.py")
_FINDS_DATABASE = re.compile(r"environ|getenv|set_main_option|settings|config\.[A-Za-z_]*url|create_engine|current_app")
"""How an `env.py` comes by the database: the address in `alembic.ini` is a developer's."""


def migrating(tree: Tree, packages: Packages, target: str | None) -> str | None:
    """A line for a shell. `target` is Flask's application, None where it is none."""
    folders = {match["folder"] for path in tree.paths if (match := _VERSION.fullmatch(path))}
    if not any(_FINDS_DATABASE.search(tree.text(f"{folder}/env.py") or "") for folder in folders):
        return None
    if "flask-migrate" in packages and target is not None and "migrations" in folders:
        return f"flask --app {target} db upgrade"
    return "alembic upgrade head" if "alembic" in packages and "alembic.ini" in tree else None
