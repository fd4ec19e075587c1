"""What a Python tree runs, by its code and its packages, as commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from roadbed.detection import django
from roadbed.detection.domain import WEB, Process, Reading
from roadbed.detection.evidence import evidence, first_line
from roadbed.detection.listening import ADDRESS, HOST, PORT
from roadbed.detection.packages import Packages
from roadbed.detection.python_code import Found, find
from roadbed.detection.python_own_servers import port_of, told_port
from roadbed.detection.runners import of_entry_point
from roadbed.detection.tree import Tree
from roadbed.kit.errors import Problem
from roadbed.workload.document import Place

_ASGI = {
    "uvicorn": f"uvicorn --host {HOST} --port {PORT} FACTORY TARGET",
    "hypercorn": f"hypercorn --bind {ADDRESS} TARGET",
    "granian": f"granian --interface asgi --host {HOST} --port {PORT} FACTORY TARGET",
    "daphne": f"daphne -b {HOST} -p {PORT} TARGET",
}
_WSGI = {
    "gunicorn": f"gunicorn --bind {ADDRESS} CALLED",
    "waitress": f"waitress-serve --listen={ADDRESS} CALL TARGET",
    "uwsgi": f"uwsgi --http-socket {ADDRESS} --master --module CALLED",
}
_SANIC = f"sanic FACTORY TARGET --host {HOST} --port {PORT} --single-process"
_BRING_UVICORN = re.compile(r"(?i)\b(fastapi|litestar)\s*\[[^\]]*\b(standard|all)\b")
_SCRIPTS = ("main.py", "app.py", "server.py", "run.py", "bot.py", "worker.py", "__main__.py")
_RUNS = re.compile(r"""^if\s+__name__\s*==\s*["']__main__["']""")
_LOOPS = re.compile(
    r"""\bwhile\s+(?:True|1)\b|\basyncio\.run\(|\.(?:run|run_\w+|\w*polling|run_until_disconnected|serve_forever"""
    r"""|start_consuming)\("""
)
_LOOPS_AT_TOP = re.compile(rf"^(?:\S.*)?(?:{_LOOPS.pattern})")
_OWN_SERVERS = ("aiohttp", "tornado", "sanic", "nicegui", "gradio", "dash", "bottle", "cherrypy", "twisted")


def read_python(tree: Tree, packages: Packages) -> Reading | None:
    """None where nothing is found that runs. Of several of a kind the likeliest is taken."""
    found = find(tree)
    project = django.read_django(tree)
    served, notes = django.process(tree, project, packages) if project else _migrated(tree, packages, found)
    variables, more = django.variables(tree, project) if project else ({}, ())
    workers = list(_workers(tree, found))
    if served is None and not workers:
        served, notes = _script(tree, packages)
    processes = [*([served] if served else []), *workers]
    if not processes:
        return None
    place = processes[0].place
    return Reading(
        place.file,
        name=packages.name,
        processes={process.name: process for process in processes},
        variables=variables,
        unmapped=(*notes, *more),
    )


def _migrated(tree: Tree, packages: Packages, found: list[Found]) -> tuple[Process | None, tuple[Problem, ...]]:
    """What gets traffic, with what migrates its database before each release."""
    served, notes = _served(tree, packages, found)
    if served is None or not ("alembic" in packages or "flask-migrate" in packages):
        return served, notes
    from roadbed.detection.python_migrations import migrating

    target = next((one.target for one in found if one.kind == "wsgi"), None)
    return replace(served, release=migrating(tree, packages, target)), notes


def _served(tree: Tree, packages: Packages, found: list[Found]) -> tuple[Process | None, tuple[Problem, ...]]:
    """What gets traffic."""
    for one in found:
        if one.kind == "asgi":
            return _asgi(tree, one, packages)
        if one.kind == "wsgi":
            return _wsgi(tree, one, packages)
        if one.kind == "sanic":
            return _web(tree, one.place, _command(_SANIC, one), packages.names.get("sanic")), ()
    for one in found:
        if one.kind == "streamlit":
            return _streamlit(tree, found, packages)
        if one.kind == "http.server":
            return _own_server(tree, one), ()
    return None, ()


def _asgi(tree: Tree, found: Found, packages: Packages) -> tuple[Process, tuple[Problem, ...]]:
    name = packages.first(*_ASGI) or ("hypercorn" if "quart" in packages else None)
    brought = _brings_uvicorn(tree, packages)
    if name is None and brought is None and "gunicorn" in packages:
        command = _command(_WSGI["gunicorn"], found) + " --worker-class asgi"
        return _web(tree, found.place, command, packages.names["gunicorn"]), (_asgi_worker(packages.names["gunicorn"]),)
    command = _command(_ASGI[name or "uvicorn"], found)
    because = packages.names.get(name, packages.names.get("quart")) if name else brought
    notes = () if because else _missing(found, packages, "uvicorn", _ASGI)
    return _web(tree, found.place, command, because), notes


def _asgi_worker(place: Place) -> Problem:
    return place.problem(
        "gunicorn serves ASGI by a worker of its own only from version 24 on", "or add uvicorn to the packages"
    )


def _wsgi(tree: Tree, found: Found, packages: Packages) -> tuple[Process, tuple[Problem, ...]]:
    name = packages.first(*_WSGI)
    if name is None and "flask" in packages and packages.manager != "none":
        command = f"flask --app {found.target} run --host {HOST} --port {PORT}"
        note = found.place.problem(
            "`flask run` serves it, which is made for development", "add gunicorn to the packages for more than that"
        )
        return _web(tree, found.place, command, packages.names["flask"]), (note,)
    command = _command(_WSGI[name or "gunicorn"], found)
    because = packages.names[name] if name else None
    return _web(tree, found.place, command, because), () if name else _missing(found, packages, "gunicorn", _WSGI)


def _command(server: str, found: Found) -> str:
    """`server` with its capitals filled in."""
    words = {
        "FACTORY": "--factory" if found.factory else "",
        "CALL": "--call" if found.factory else "",
        "CALLED": f"'{found.target}()'" if found.factory else found.target,
        "TARGET": found.target,
    }
    return " ".join(word for part in server.split() if (word := words.get(part, part)))


def _brings_uvicorn(tree: Tree, packages: Packages) -> Place | None:
    for name in ("fastapi", "litestar"):
        place = packages.names.get(name)
        if place and _BRING_UVICORN.search("".join(one.says for one in evidence(tree, place))):
            return place
    return None


def _missing(found: Found, packages: Packages, wanted: str, servers: Mapping[str, str]) -> tuple[Problem, ...]:
    """Nothing that is installed can serve it. What no file lists is listed by us, its server with it."""
    if packages.manager == "none":
        return ()
    file = {"pip": "requirements.txt", "pipenv": "the Pipfile", "setuptools": "setup.cfg"}
    problem = found.place.problem(
        f"none of {', '.join(servers)} is among the packages, so nothing can serve {found.target}",
        f"add {wanted} to {file.get(packages.manager, 'pyproject.toml')}",
    )
    return (problem,)


def _web(tree: Tree, place: Place, command: str, because: Place | None = None) -> Process:
    places = (place, because) if because else (place,)
    return Process(WEB, place, command, public=True, evidence=evidence(tree, *places))


def _streamlit(tree: Tree, found: list[Found], packages: Packages) -> tuple[Process, tuple[Problem, ...]]:
    """The page at the root; those in `pages/` it finds by itself."""
    pages = [one for one in found if one.kind == "streamlit" and not re.search(r"(^|/)pages/", one.path)]
    page = pages[0] if pages else next(one for one in found if one.kind == "streamlit")
    command = (
        f"streamlit run {page.path} --server.address {HOST} --server.port {PORT} --server.headless true"
        " --browser.gatherUsageStats false"
    )
    return replace(_web(tree, page.place, command, packages.names.get("streamlit"))), ()


def _own_server(tree: Tree, found: Found) -> Process:
    text = tree.text(found.path) or ""
    return replace(_web(tree, found.place, told_port(f"python {found.path}", text)), port=port_of(text))


def _workers(tree: Tree, found: list[Found]) -> Iterator[Process]:
    """A Celery application gets its worker, and a beat where it has a schedule."""
    celery = next((one for one in found if one.kind == "celery"), None)
    if celery is None:
        return
    application = celery.target
    yield Process(
        "worker",
        celery.place,
        f"celery --app {application} worker --loglevel INFO",
        evidence=evidence(tree, celery.place),
    )
    schedule = re.compile(r"\bbeat_schedule\b|\bCELERY_?BEAT_SCHEDULE\b|\bsetup_periodic_task|\.add_periodic_task\(")
    paths = [path for path in tree.paths if path.endswith(".py") and path.count("/") < 4][:400]
    if place := next((place for path in paths if (place := first_line(tree, path, schedule))), None):
        command = f"celery --app {application} beat --loglevel INFO --schedule /tmp/celerybeat-schedule"
        yield Process("beat", place, command, replicas=1, evidence=evidence(tree, place))


def _script(tree: Tree, packages: Packages) -> tuple[Process | None, tuple[Problem, ...]]:
    """A command of the project's own, a package that can be run, or a script that runs by itself."""
    if len(packages.scripts) == 1 and packages.manager in ("uv", "poetry"):
        ((name, target),) = packages.scripts.items()
        place = first_line(tree, "pyproject.toml", re.compile(rf"^\s*\"?{re.escape(name)}\"?\s*=")) or Place(
            "pyproject.toml", 1, 1
        )
        if (line := of_entry_point(target)) is not None:
            return _unknown(tree, place, f"exec {line}", packages)
    runnable = [path for path in tree.paths if re.fullmatch(r"(src/)?[A-Za-z_]\w*/__main__\.py", path)]
    if len(runnable) == 1:
        module = runnable[0].removeprefix("src/").removesuffix("/__main__.py")
        return _unknown(tree, Place(runnable[0], 1, 1), f"python -m {module}", packages)
    for path in _SCRIPTS:
        if path in tree and (runs := first_line(tree, path, _RUNS)) is not None:
            return _unknown(tree, runs, f"python {path}", packages)
    looping = [(path, where) for path in tree.paths if _is_program(path) and (where := _looping(tree, path))]
    if len(looping) == 1:
        ((path, runs),) = looping
        return _unknown(tree, runs, f"python {path}", packages)
    return None, ()


def _is_program(path: str) -> bool:
    return re.fullmatch(r"(?!setup|conftest|test_|fabfile|noxfile)\w+\.py", path) is not None


def _looping(tree: Tree, path: str) -> Place | None:
    """Where a file that is run goes on for ever: a bot, something that polls. It says so at its top, or is guarded."""
    guard = first_line(tree, path, _RUNS)
    return first_line(tree, path, _LOOPS) and guard if guard else first_line(tree, path, _LOOPS_AT_TOP)


def _unknown(tree: Tree, place: Place, command: str, packages: Packages) -> tuple[Process, tuple[Problem, ...]]:
    """It is taken for a server where it reads PORT, or is made with what only servers are made with."""
    server = packages.first(*_OWN_SERVERS)
    reads = re.compile(r"""["']PORT["']""")
    port = next((at for path in tree.paths if path.endswith(".py") and (at := first_line(tree, path, reads))), None)
    if server or port:
        because = port or packages.names[str(server)]
        text = tree.text(place.file) or ""
        served = _web(tree, place, command if port else told_port(command, text), because)
        return replace(served, port=None if port else port_of(text)), ()
    note = place.problem(
        "it is taken for a program that serves nobody: nothing here reads PORT", "to get traffic, listen on $PORT"
    )
    return Process("worker", place, command, evidence=evidence(tree, place)), (note,)
