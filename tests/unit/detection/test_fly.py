from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadbed.detection.domain import Reading
from roadbed.detection.fly import read_fly
from roadbed.kit.errors import InvalidInput

FILE = """\
app = "Orders_Shop"
primary_region = "ams"
kill_timeout = 5

[env]
PORT = "8080"
DEBUG = false

[processes]
web = "gunicorn app:app"
worker = "celery -A app worker"

[deploy]
release_command = "python manage.py migrate"

[http_service]
internal_port = 8080
force_https = true
processes = ["web"]

[[http_service.checks]]
path = "/healthz"
interval = "10s"

[[mounts]]
source = "data"
destination = "/data"
processes = ["worker"]

[[statics]]
guest_path = "/app/public"
url_prefix = "/"
"""
OLDER = """\
app = "older"
processes = []
[mounts]
source="data"
destination="/data"
[[services]]
internal_port = 8_080
protocol = "tcp"
  [[services.http_checks]]
  path = "/health"
"""


def test_processes() -> None:
    found = read_fly(FILE)
    web, worker = found.processes["web"], found.processes["worker"]
    assert (found.name, web.command, web.public, web.port) == ("orders-shop", "gunicorn app:app", True, 8080)
    assert (web.release, worker.release) == ("python manage.py migrate", None)
    assert ([check.path for check in web.checks], worker.public, worker.volumes) == (
        ["/healthz"],
        False,
        {"/data": "data"},
    )
    assert {name: one.value for name, one in found.variables.items()} == {"PORT": "8080", "DEBUG": "false"}
    assert (web.place.line, found.variables["DEBUG"].place.line) == (10, 7)


def test_what_is_not_mapped_is_listed_with_its_line() -> None:
    assert [(problem.message, problem.line) for problem in read_fly(FILE).unmapped] == [
        ("statics says nothing here", 30)
    ]


def test_older_files() -> None:
    app = read_fly(OLDER).processes["app"]
    assert (app.command, app.public, app.port, app.volumes) == (None, True, 8080, {"/data": "data"})
    assert [check.path for check in app.checks] == ["/health"]


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("app = ", "not valid TOML", 1),
        ('[http_service]\ninternal_port = "x"', "http_service.internal_port must be a whole number", 2),
        ("processes = 5\nenv = 3", "env must be a mapping", 2),
        ('app = "!"', "can't be the name of a workload", 1),
    ],
)
def test_what_is_wrong_is_told(text: str, says: str, line: int) -> None:
    with pytest.raises(InvalidInput) as told:
        read_fly(text)
    problem = (told.value.problems or (told.value.problem,))[0]
    assert (says in problem.message, problem.line) == (True, line)


@given(st.text(max_size=200))
def test_no_text_gives_anything_else(text: str) -> None:
    try:
        assert isinstance(read_fly(text), Reading)
    except InvalidInput as error:
        assert error.problem.file == "fly.toml"  # noqa: PT017
