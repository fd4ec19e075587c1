"""Which packages a Python tree imports, where no file lists them.

Only well-known names are taken: the name of a module says nothing sure of who publishes what under it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping

from roadbed.detection.tree import Tree, matching
from roadbed.workload.document import Place

PACKAGES: Mapping[str, str] = {
    **{name: name for name in (
        "fastapi", "uvicorn", "starlette", "litestar", "quart", "hypercorn", "granian", "daphne", "flask", "gunicorn",
        "waitress", "falcon", "bottle", "celery", "streamlit", "redis", "psycopg", "asyncpg", "boto3", "httpx",
        "requests", "sqlalchemy", "sqlmodel", "alembic", "pydantic", "jinja2", "numpy", "pandas", "aiohttp", "tornado",
        "rich", "typer", "click", "markdown", "orjson", "structlog", "whitenoise", "websockets", "nicegui", "gradio",
        "plotly", "matplotlib", "tenacity", "apscheduler", "rq", "dramatiq", "aiofiles", "passlib", "arq", "psycopg2",
    )},
    "django": "django", "yaml": "pyyaml", "dotenv": "python-dotenv", "pydantic_settings": "pydantic-settings",
    "jwt": "pyjwt", "PIL": "pillow", "bs4": "beautifulsoup4", "nats": "nats-py", "multipart": "python-multipart",
    "sklearn": "scikit-learn", "flask_sqlalchemy": "flask-sqlalchemy", "flask_cors": "flask-cors",
    "flask_migrate": "flask-migrate", "rest_framework": "djangorestframework", "dateutil": "python-dateutil",
    "dj_database_url": "dj-database-url", "environ": "django-environ", "prometheus_client": "prometheus-client",
}  # fmt: skip
"""Module → package."""
_WHEELS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}
_IMPORT = re.compile(
    r"(?:from\s+([A-Za-z_]\w*)[\w.]*\s+import\b|import\s+([A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_][\w.]*)*))"
)
_ASIDE = re.compile(r"(^|/)(tests?|docs?|examples?|scripts?|node_modules|venv|\.[^/]+)/|(^|/)test_[^/]*$")
_FILES, _DEPTH = 200, 5


def imported(tree: Tree) -> tuple[dict[str, Place], dict[str, Place]]:
    """Packages by the name under which they are published, and modules that nobody here knows; each where it is first
    imported.
    """
    paths = [path for path in matching(tree, "*.py", depth=_DEPTH) if not _ASIDE.search(path)][:_FILES]
    own = {part for path in paths for part in path.removesuffix(".py").split("/")}
    known: dict[str, Place] = {}
    unknown: dict[str, Place] = {}
    for path in paths:
        for module, line in _modules(tree.text(path) or ""):
            if module in PACKAGES and module not in own:
                known.setdefault(PACKAGES[module], Place(path, line, 1))
            elif module not in own and module not in sys.stdlib_module_names:
                unknown.setdefault(module, Place(path, line, 1))
    return known, unknown


def requirement(package: str) -> str:
    """As a line of a requirements.txt: the form that needs no compiler."""
    return _WHEELS.get(package, package)


def _modules(text: str) -> Iterator[tuple[str, int]]:
    """Of imports that are made when the module is."""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _IMPORT.match(line):
            for name in (match[1] or match[2]).split(","):
                yield name.strip().partition(".")[0], number
