"""What a Django project runs: its server, its migrations, its static files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from roadbed.detection.django_hosts import HostVariable, read_hosts
from roadbed.detection.domain import WEB, Process, Variable
from roadbed.detection.evidence import evidence, first_line
from roadbed.detection.listening import ADDRESS, HOST, PORT
from roadbed.detection.need_variables import VARIABLES
from roadbed.detection.packages import Packages
from roadbed.detection.required import DEVELOPMENT
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_MODULE = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([A-Za-z_][\w.]*)["']""")
_SETTINGS = "DJANGO_SETTINGS_MODULE"
_STATIC = re.compile(r"^\s*STATIC_ROOT\s*=\s*(?!None\b)\S")
_PLAIN_SERVER = (
    'exec python -c "import os; from wsgiref.simple_server import make_server; from MODULE import application; '
    "IMPORTmake_server(os.environ.get('HOST', '0.0.0.0'), int(os.environ['PORT']), SERVED).serve_forever()\""
)
_HANDLER = "from django.contrib.staticfiles.handlers import StaticFilesHandler; "
"""What `runserver` serves an application's own files with."""
_FILE = re.compile(r"django\.db\.backends\.sqlite3")
_SERVER = re.compile(r"dj_database_url|\benv\.db\b|DATABASE_URL|backends\.(?:postgresql|mysql|oracle)|environ\W+DB_")
_KEY = re.compile(
    r"""(?:environ\s*\[|environ\.get\(|getenv\(|\benv(?:\.str)?\(|\bconfig\()\s*["'](\w*SECRET_KEY)["']"""
)


@dataclass(frozen=True, slots=True)
class Django:
    """`wsgi` and `asgi` are modules, `static` is where STATIC_ROOT is set, `key` names the secret key's variable.

    `file` is where a database that is a file in the tree is set, and nothing else. `settings` are the files of the
    settings, those first that it is served with; `served_with` is their module where `manage.py` names another.
    """

    place: Place
    wsgi: str | None
    asgi: str | None
    static: Place | None
    key: tuple[str, Place] | None
    file: Place | None = None
    settings: tuple[str, ...] = ()
    served_with: tuple[str, Place] | None = None


def read_django(tree: Tree) -> Django | None:
    """By its `manage.py`, which names its settings."""
    place = first_line(tree, "manage.py", _MODULE)
    match = _MODULE.search(tree.text("manage.py") or "")
    if place is None or match is None:
        return None
    package = match[1].partition(".")[0]
    settings = [path for path in tree.paths if re.match(rf"{package}/(.*/)?settings\b.*\.py$", path)]
    static = next((at for path in settings if (at := first_line(tree, path, _STATIC))), None)
    key = next((found for path in settings if (found := _key(tree, path))), None)
    file = next((at for path in settings if (at := first_line(tree, path, _FILE))), None)
    if any(_SERVER.search(tree.text(path) or "") for path in settings):
        file = None
    wsgi, asgi = _module(tree, package, "wsgi"), _module(tree, package, "asgi")
    served = _served_with(tree, wsgi or asgi, match[1])
    first = (served[0] if served else match[1]).replace(".", "/")
    kept = [path for path in settings if path.startswith(f"{first}.") or not DEVELOPMENT.search(path)]
    ordered = sorted(kept, key=lambda path: not path.startswith((f"{first}.", f"{first}/")))
    return Django(place, wsgi, asgi, static, key, file, tuple(ordered), served)


def _served_with(tree: Tree, server: str | None, managed: str) -> tuple[str, Place] | None:
    """The settings that the server's module names: what collects files and migrates must use the same."""
    path = f"{server.replace('.', '/')}.py" if server else ""
    place, match = first_line(tree, path, _MODULE), _MODULE.search(tree.text(path) or "")
    return (match[1], place) if place and match and match[1] != managed else None


def variables(tree: Tree, project: Django) -> tuple[dict[str, Variable], tuple[Problem, ...]]:
    """What every process of it is given: the settings' module, the hosts that it answers to."""
    hosts, note = read_hosts(tree, project.settings)
    found = {name: host.variable() for name, host in hosts.items()}
    if project.served_with is not None:
        module, place = project.served_with
        found[_SETTINGS] = Variable(_SETTINGS, place, value=module)
    return found, (note,) if note else ()


def hosts_of(tree: Tree) -> dict[str, HostVariable]:
    """The variables that name the hosts which it answers to."""
    project = read_django(tree)
    return read_hosts(tree, project.settings)[0] if project else {}


def stand_ins(read: Mapping[str, Variable]) -> dict[str, Variable]:
    """What the settings can't be loaded without, for a build that collects static files: texts used for nothing."""
    needed = [one for one in read.values() if one.required and re.search(r"(^|/)settings\b", one.place.file)]
    return {one.name: replace(one, origin="value", value=_stand_in(one.name)) for one in needed}


def _stand_in(name: str) -> str:
    part = next((parts[name] for parts in VARIABLES.values() if name in parts), None)
    if part == "port":
        return "1"
    if part == "url":
        return "sqlite://:memory:" if name in VARIABLES["postgres"] else "redis://localhost"
    return "only-for-the-build"


def process(tree: Tree, project: Django, packages: Packages) -> tuple[Process, tuple[Problem, ...]]:
    """Release and build commands included."""
    command, because, notes = _server(tree, project, packages)
    places = [place for place in (project.place, because, project.static) if place]
    found = Process(
        WEB,
        project.place,
        command,
        public=True,
        release=None if project.file else "python manage.py migrate --noinput",
        build=_build(project),
        variables={project.key[0]: Variable(*project.key, "generated")} if project.key else {},
        evidence=evidence(tree, *places),
    )
    return found, (*notes, *_file(project))


def _file(project: Django) -> tuple[Problem, ...]:
    if project.file is None:
        return ()
    message = "the database is a file in the tree, which no release can write to: its migrations are not run"
    return (project.file.problem(message, "take it from DATABASE_URL (dj-database-url), and add psycopg"),)


def _server(tree: Tree, project: Django, packages: Packages) -> tuple[str, Place | None, tuple[Problem, ...]]:
    wsgi, asgi = project.wsgi, project.asgi
    unlisted = "gunicorn" if packages.manager == "none" else None
    if wsgi and (name := packages.first("gunicorn", "waitress") or unlisted):
        server = f"gunicorn --bind {ADDRESS}" if name == "gunicorn" else f"waitress-serve --listen={ADDRESS}"
        return f"{server} {wsgi}:application", packages.names.get(name), ()
    if asgi and (name := packages.first("uvicorn", "daphne", "hypercorn")):
        server = {
            "uvicorn": f"uvicorn --host {HOST} --port {PORT}",
            "daphne": f"daphne -b {HOST} -p {PORT}",
            "hypercorn": f"hypercorn --bind {ADDRESS}",
        }[name]
        return f"{server} {asgi}:application", packages.names[name], ()
    if wsgi and project.file:
        note = project.place.problem(
            "Python's own server serves it, one request at a time: `runserver` wants its database",
            "add gunicorn to the packages for more than that",
        )
        return _plain_server(tree, project, wsgi), None, (note,)
    note = project.place.problem(
        "`manage.py runserver` serves it, which is made for development",
        "add gunicorn to the packages for more than that",
    )
    return f"python manage.py runserver --noreload {ADDRESS}", None, (note,)


def _plain_server(tree: Tree, project: Django, wsgi: str) -> str:
    files = any("django.contrib.staticfiles" in (tree.text(path) or "") for path in project.settings)
    served = ("StaticFilesHandler(application)", _HANDLER) if files else ("application", "")
    return _PLAIN_SERVER.replace("MODULE", wsgi).replace("SERVED", served[0]).replace("IMPORT", served[1])


def _build(project: Django) -> str | None:
    """Static files are collected without secrets: what the settings insist on is a text that is used for nothing."""
    if project.static is None:
        return None
    given = f"{project.key[0]}=only-for-the-build " if project.key else ""
    return f"{given}python manage.py collectstatic --noinput"


def _module(tree: Tree, package: str, name: str) -> str | None:
    return f"{package}.{name}" if f"{package}/{name}.py" in tree else None


def _key(tree: Tree, path: str) -> tuple[str, Place] | None:
    place, match = first_line(tree, path, _KEY), _KEY.search(tree.text(path) or "")
    return (match[1], place) if place and match else None
